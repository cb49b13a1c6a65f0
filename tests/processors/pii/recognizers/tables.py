"""What the tables of the recognizers' tests are held against."""

from __future__ import annotations

import time
from collections.abc import Iterable

from processors.pii.recognizers.recognizer import Gated, Recognizer, find_all

_PIECE_CHARS = 16_000


def _gated(recognizers: Iterable[Recognizer | Gated]) -> list[Gated]:
    return [each if isinstance(each, Gated) else Gated(each) for each in recognizers]


def found(recognizers: Iterable[Recognizer | Gated], text: str) -> list[tuple[str, str]]:
    return [(f.entity_type, text[f.start : f.end]) for f in find_all(_gated(recognizers), text)]


def uncovered(recognizers: Iterable[Recognizer | Gated], entity_type: str, text: str, value: str) -> str:
    """The letters and digits of the value that no finding of the type covers."""
    start = text.index(value)
    places: set[int] = set()
    for finding in find_all(_gated(recognizers), text):
        assert 0 <= finding.start < finding.end <= len(text)
        if finding.entity_type == entity_type:
            places.update(range(finding.start, finding.end))
    return "".join(text[i] for i in range(start, start + len(value)) if text[i].isalnum() and i not in places)


def seconds(recognizers: Iterable[Recognizer | Gated], text: str) -> float:
    began = time.process_time()
    for recognizer in _gated(recognizers):  # past the gates: those only make it faster
        for _ in recognizer.find(text):
            pass
    return time.process_time() - began


def is_linear(recognizers: Iterable[Recognizer | Gated], piece: str) -> bool:
    """Whether four times the text takes about four times as long, not sixteen; noise of a busy machine aside."""
    rows = _gated(recognizers)
    short, long = piece * (_PIECE_CHARS // len(piece)), piece * (4 * _PIECE_CHARS // len(piece))
    once = seconds(rows, short)
    return seconds(rows, long) < max(0.3, 9 * once)
