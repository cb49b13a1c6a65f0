"""What a recognizer of forms is: no model, no connection, time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from processors.pii.findings import Finding

_CONTEXT_CHARS: Final = 60


class Recognizer(Protocol):
    @property
    def entity_type(self) -> str: ...

    def find(self, text: str) -> Iterator[Finding]: ...


def _always(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PatternRecognizer:
    """Every match of a pattern, or of its group `value`, that passes a check.

    `context`: words of which one must stand in the 60 characters before the match.
    """

    entity_type: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = _always
    score: float = 1.0
    context: re.Pattern[str] | None = None

    def find(self, text: str) -> Iterator[Finding]:
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if self.context is not None and not said_before(self.context, text, match.start(group)):
                continue
            if self.valid(match[group]):
                yield Finding(self.entity_type, *match.span(group), self.score)


def words(*stems: str) -> re.Pattern[str]:
    """A pattern for whole words or phrases, whatever their case; each is a piece of a regular expression."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(stems)})(?![^\W_])", re.IGNORECASE)


def said_before(context: re.Pattern[str], text: str, place: int, chars: int = _CONTEXT_CHARS) -> bool:
    return context.search(text, max(0, place - chars), place) is not None


@dataclass(frozen=True, slots=True)
class Gated:
    """A recognizer and what a text must hold for it to be worth a search: that keeps most texts from most recognizers.

    `literals`: one of them, in lower case, stands in every text with a finding; none means all texts do.
    `digits`: a text with fewer holds no finding.
    """

    recognizer: Recognizer
    literals: tuple[str, ...] = ()
    digits: int = 0

    @property
    def entity_type(self) -> str:
        return self.recognizer.entity_type

    def find(self, text: str) -> Iterator[Finding]:
        return self.recognizer.find(text)


def find_all(recognizers: Iterable[Gated], text: str) -> Iterator[Finding]:
    """The findings of all recognizers whose gate is open for the text."""
    lower = text.lower()
    digits = sum(map(text.count, "0123456789"))
    for gated in recognizers:
        if digits < gated.digits:
            continue
        if gated.literals:
            for literal in gated.literals:
                if literal in lower:
                    break
            else:
                continue
        yield from gated.recognizer.find(text)
