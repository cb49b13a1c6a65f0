"""One mistake in a file, and the exception that carries all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Reads as `file:line: key.path: what is wrong (value 'x'); allowed: …`."""

    source: str
    """File as the user named it, or `environment`."""
    line: int
    """1 is the first line; 0 where there is no line to name."""
    key: str
    """Dotted path; empty for the whole document."""
    what: str

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return ": ".join(part for part in (place, self.key, self.what) if part)


class DocumentErrors(Exception):  # noqa: N818  # it carries several
    """The files cannot be used. `problems` is sorted by file and line; nothing in it shows a secret."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(self.messages))

    @property
    def messages(self) -> list[str]:
        return [str(problem) for problem in self.problems]
