"""`${env:NAME}` in configuration values, spelled as in the OpenTelemetry Collector.

Expansion happens after the YAML is parsed, so no variable can add keys or structure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_REFERENCE: Final = re.compile(r"\$\$|\$\{([^{}]*)\}|\$\{")
_NAMED: Final = re.compile(r"(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_ALLOWED: Final = "allowed: ${env:NAME} or ${env:NAME:-default}; write $$ for a plain $"


@dataclass(frozen=True, slots=True)
class Expansion:
    text: str
    expanded: bool
    """A variable or its default went in."""
    whole: bool
    """The text is one reference and nothing else."""
    problems: tuple[str, ...]


def expand(text: str, environ: Mapping[str, str]) -> Expansion:
    """`text` with its references replaced; a default also stands in for an empty variable, as in a shell.

    `problems` names variables that are not set and have no default, and references that cannot be read.
    """
    problems: list[str] = []
    references = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal references
        if match[0] == "$$":
            return "$"
        references += 1
        named = _NAMED.fullmatch(match[1]) if match[1] else None
        if named is None:
            problems.append(f"not a reference to an environment variable; {_ALLOWED}")
            return ""
        name, default = named[1], named[2]
        value = environ.get(name)
        if value is None and default is None:
            problems.append(f"environment variable {name} is not set; set it, or give a default: ${{env:{name}:-…}}")
        return value or default or ""

    expanded = _REFERENCE.sub(replace, text)
    one = _REFERENCE.fullmatch(text)
    return Expansion(expanded, references > 0, one is not None and one[0] != "$$", tuple(problems))
