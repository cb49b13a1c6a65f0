"""`genai-sidecar demo`: see `sidecar.demo`."""

from __future__ import annotations

import argparse

from sidecar import demo


def main(options: argparse.Namespace) -> int:
    return demo.main(keep_running=options.keep_running)
