"""`python -m tests.corpus.agents.clients CLIENT SETUP`, in the environment of a row of the corpus."""

from __future__ import annotations

import importlib
import sys
import traceback

from tests.corpus.agents.scripts import SCENARIOS
from tests.corpus.clients import setups


def main(client: str, setup: str) -> None:
    with setups.instrumented(setup):
        from opentelemetry import trace  # noqa: PLC0415  # only the row's environment has it

        framework = importlib.import_module(f"tests.corpus.agents.clients.{client}")
        tracer = trace.get_tracer("corpus")
        for scenario in SCENARIOS:
            if scenario in getattr(framework, "CANNOT", ()):
                continue
            # One trace each: its root names the scenario.
            with tracer.start_as_current_span(f"scenario {scenario}"):
                try:
                    framework.run(scenario)
                except Exception:  # noqa: BLE001  # a framework may give up in a loop: that is recorded, too
                    traceback.print_exc()
        getattr(framework, "finish", lambda: None)()


if __name__ == "__main__":
    main(*sys.argv[1:])
