"""What commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys


def print_result(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def print_error(line: str) -> None:
    sys.stderr.write(f"{line}\n")
