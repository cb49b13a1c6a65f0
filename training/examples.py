"""A labelled text, and how it becomes tokens with tags."""

from __future__ import annotations

from typing import Final, NamedTuple

from processors.pii.model.tokens import BLANKS, tokens

LABELS: Final = ("PERSON", "LOCATION", "ADDRESS", "ORGANIZATION")
TAGS: Final = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))


class Span(NamedTuple):
    start: int
    end: int
    label: str


class Example(NamedTuple):
    text: str
    spans: tuple[Span, ...]


class Builder:
    """Collects a text from pieces, some of them labelled."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._spans: list[Span] = []
        self._length = 0

    def add(self, piece: str, label: str | None = None) -> None:
        if label is not None and piece:
            self._spans.append(Span(self._length, self._length + len(piece), label))
        self._pieces.append(piece)
        self._length += len(piece)

    def add_example(self, example: Example) -> None:
        self._spans += (Span(s + self._length, e + self._length, label) for s, e, label in example.spans)
        self._pieces.append(example.text)
        self._length += len(example.text)

    def example(self) -> Example:
        return Example("".join(self._pieces), tuple(self._spans))


def tagged(example: Example) -> tuple[list[str], list[int]]:
    """The tokens and the index in `TAGS` of each: a token that a span touches belongs to it."""
    found = tokens(example.text)
    tags: list[int] = []
    spans = iter(sorted(example.spans))
    span = next(spans, None)
    end = 0
    begun = False
    for token in found:
        end += len(token)
        start = end - len(token.lstrip(BLANKS))
        while span is not None and span.end <= start:
            span, begun = next(spans, None), False
        if span is None or end <= span.start:
            tags.append(0)
            continue
        tags.append(1 + 2 * LABELS.index(span.label) + begun)
        begun = True
    return found, tags
