"""The `genai-sidecar` command. Each subcommand is a module of `sidecar.commands`, imported when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from sidecar.commands.output import print_error
from sidecar.documents import DocumentErrors

_COMMANDS: Final = {
    "run": "sidecar.commands.run",
    "check": "sidecar.commands.check",
    "scrub": "sidecar.commands.scrub",
    "apply": "sidecar.commands.apply",
    "schema": "sidecar.commands.schema",
    "demo": "sidecar.commands.demo",
}
"""By name, not imported: `check` and `schema` need none of the detectors and servers that the others load."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 an error that was printed, 2 the command line cannot be read (argparse)."""
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = import_module(_COMMANDS[options.command]).main
        return command(options)
    except DocumentErrors as error:
        print_error(str(error))
        return 1
    except BrokenPipeError:
        # `genai-sidecar … | head`: whoever read has gone. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genai-sidecar",
        description="An OTLP sidecar for LLM apps: scrubs personal data, keeps every failed or low-scoring trace, "
        "prices every model call, forwards.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    run = commands.add_parser("run", help="start the sidecar")
    _config(run)
    _policy(run)

    check = commands.add_parser("check", help="validate the files; list every error at once")
    _config(check)
    _policy(check)

    scrub = commands.add_parser("scrub", help="text in, scrubbed text out")
    scrub.add_argument("file", nargs="?", default="-", metavar="FILE", help="UTF-8 text; - is standard input (default)")
    _policy(scrub)
    scrub.add_argument(
        "--findings", action="store_true", help="print type, start, end and score of each finding as JSON instead"
    )

    scrub.add_argument(
        "--pseudonym-of",
        metavar="TYPE",
        help="the text is a value of this entity type: print its pseudonyms, under the policy's current key and its older ones",
    )

    apply = commands.add_parser("apply", help="OTLP traces in, what would be sent out")
    apply.add_argument(
        "files", nargs="+", metavar="FILE", help="OTLP JSON, JSON lines or protobuf; - is standard input"
    )
    _policy(apply)
    apply.add_argument("--explain", action="store_true", help="print what was decided of each trace and why instead")

    schema = commands.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.add_argument("of", choices=("policy", "config"), help="policy.yaml or sidecar.yaml")

    demo = commands.add_parser("demo", help="a small LLM app, the sidecar and a backend, all on this machine")
    demo.add_argument("--keep-running", action="store_true", help="go on until Ctrl-C")
    return parser


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="sidecar.yaml", help="default: wiring from OTEL_EXPORTER_OTLP_* variables"
    )


def _policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", type=Path, metavar="policy.yaml", help="default: the built-in policy")


def _version() -> str:
    try:
        return version("otel-genai-sidecar")
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
