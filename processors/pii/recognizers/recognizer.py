"""What a recognizer of exact forms is: no model, no connection, time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from processors.pii.findings import Finding


class Recognizer(Protocol):
    @property
    def entity_type(self) -> str: ...

    def find(self, text: str) -> Iterator[Finding]: ...


def _always(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PatternRecognizer:
    """Every match of a pattern, or of its group `value`, that passes a check."""

    entity_type: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = _always
    score: float = 1.0

    def find(self, text: str) -> Iterator[Finding]:
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if self.valid(match[group]):
                yield Finding(self.entity_type, *match.span(group), self.score)
