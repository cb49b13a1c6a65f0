"""Reads a Dockerfile into stages, as far as this repository's uses the language.

Reference: Dockerfile reference, "Format": instruction and arguments, lines joined by a trailing backslash, `#` comments.
No ARG, no heredocs, no ONBUILD: an instruction that is not known is an error, not something to skip.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

KNOWN: Final = frozenset(
    ("FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD")
)


@dataclass(frozen=True)
class Instruction:
    line: int
    name: str
    text: str
    """Arguments as written, on one line."""

    @property
    def exec_form(self) -> list[str] | None:
        """None for the shell form."""
        try:
            data = json.loads(self.text)
        except ValueError:
            return None
        return [str(each) for each in data] if isinstance(data, list) else None

    @property
    def pairs(self) -> dict[str, str]:
        """Of ENV and LABEL."""
        return dict(pair.split("=", 1) for pair in shlex.split(self.text))

    @property
    def options(self) -> dict[str, str]:
        """`--from=build` is from: build."""
        return dict(re.findall(r"(?:^|\s)--([a-z]+)=(\S+)", self.text))

    @property
    def operands(self) -> list[str]:
        return [word for word in shlex.split(self.text) if not word.startswith("--")]


@dataclass
class Stage:
    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> Instruction | None:
        return next((each for each in reversed(self.instructions) if each.name == name), None)

    @property
    def environment(self) -> dict[str, str]:
        return {key: value for each in self.instructions if each.name == "ENV" for key, value in each.pairs.items()}


def read_dockerfile(path: Path) -> list[Stage]:
    """Raises ValueError with the line of what it does not know."""
    stages: list[Stage] = []
    for instruction in _instructions(path.read_text()):
        if instruction.name not in KNOWN:
            raise ValueError(f"{path}:{instruction.line}: {instruction.name} is not supported")
        if instruction.name == "FROM":
            image, _, name = re.sub(r"\s+[Aa][Ss]\s+", " ", instruction.text).partition(" ")
            stages.append(Stage(image, name or str(len(stages))))
        elif not stages:
            raise ValueError(f"{path}:{instruction.line}: {instruction.name} before FROM")
        else:
            stages[-1].instructions.append(instruction)
    return stages


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    begun: list[str] = []
    first_line = 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        first_line = first_line if begun else number
        begun.append(stripped.removesuffix("\\").strip())
        if not stripped.endswith("\\"):
            name, _, arguments = " ".join(begun).partition(" ")
            found.append(Instruction(first_line, name.upper(), arguments.strip()))
            begun = []
    return found
