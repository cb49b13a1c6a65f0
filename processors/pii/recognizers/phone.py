"""Telephone numbers written as such: international with +, or North American with its punctuation.

Bare digits are left to the full detector, which also knows national forms: as attributes they are ids.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_SEPARATOR: Final = r"[ \u00a0\u2009\u2011./-]"
_PHONE: Final = re.compile(
    rf"(?<![\w+/.])(?:\+|00(?=[1-9]\d{_SEPARATOR}))[1-9](?:{_SEPARATOR}?\(?\d\)?){{6,14}}(?![\w=/]|\.\d)"
    r"|(?<!\w)(?:\+?1[ .-]?)?\([2-9]\d\d\)[ -]{0,2}\d{3}[ .-]\d{4}(?!\w|[.-]\d)"
    r"|(?<![\w.-])(?:\+?1[ .-])?[2-9]\d\d-\d{3}-\d{4}(?![\w-]|\.\d)"
)


def _length(value: str) -> bool:
    return 7 <= sum(map(str.isdigit, value)) <= 15


PHONE_NUMBER: Final = PatternRecognizer("PHONE_NUMBER", _PHONE, _length, score=0.75)
