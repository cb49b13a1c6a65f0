"""`python -m tests.corpus.clients CLIENT SETUP`, in the environment of a row."""

from __future__ import annotations

import importlib
import sys

from tests.corpus.clients import setups


def main(client: str, setup: str) -> None:
    with setups.instrumented(setup):
        importlib.import_module(f"tests.corpus.clients.{client}").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
