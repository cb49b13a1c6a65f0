"""Telephone numbers written as such: international with +, or North American with its punctuation, and an extension.

Bare digits and other national forms are left to the recognizer for text: as attributes they are ids.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_SEPARATOR: Final = r"[ \u00a0\u2009\u2010-\u2013./-]"
EXTENSION: Final = r"(?:[ ,]{0,2}(?:x|ext\.?|extension|#)[ .:]{0,2}\d{1,6}(?!\d))?"
_PHONE: Final = re.compile(
    rf"(?<![\w+/.])(?:\(?\+|00(?=[1-9]\d{_SEPARATOR}))[ (]?[1-9](?:\)?{_SEPARATOR}{{0,2}}\(?\d\)?){{6,14}}{EXTENSION}(?![\w=/]|\.\d)"
    rf"|(?<!\w)(?:(?:\+|00)?1[ .-]?)?\([2-9]\d\d\)[ .-]{{0,2}}\d{{3}}[ .-]?\d{{4}}{EXTENSION}(?!\w|[.-]\d)"
    rf"|(?<![\w.-])(?:(?:\+|00)?1[ .-])?[2-9]\d\d-\d{{3}}-\d{{4}}{EXTENSION}(?![\w-]|\.\d)"
    rf"|(?<![\w.-])(?:(?:\+|00)?1[ .-])?[2-9]\d\d\.[2-9]\d\d\.\d{{4}}{EXTENSION}(?![\w-]|\.\d)",
    re.IGNORECASE,
)


def _length(value: str) -> bool:
    digits = sum(map(str.isdigit, re.split("[xe#]", value.lower(), maxsplit=1)[0]))
    return 7 <= digits <= (17 if value.startswith("00") else 15)


PHONE_NUMBER: Final = PatternRecognizer("PHONE_NUMBER", _PHONE, _length, score=0.75)
