"""`genai-sidecar demo`: a small LLM app, a fake model, a backend, and the sidecar between them, on loopback."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main(keep_running: bool = False) -> int:  # noqa: FBT001, FBT002  # the one switch the command has
    """Runs the demo and prints its page. 0: every promise was seen to hold; 1: one was not, or something failed."""
    if find_spec("openai") is None or find_spec("opentelemetry.sdk") is None:
        sys.stderr.write("The demo app needs its own packages: pip install 'otel-genai-sidecar[demo]'\n")
        return 1
    from sidecar.demo.run import run_demo  # noqa: PLC0415  # the app imports this package without its stack

    return run_demo(keep_running=keep_running)
