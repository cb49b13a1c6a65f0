"""US social security numbers in their written form; the number ranges that are never issued do not count."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

US_SSN: Final = PatternRecognizer(
    "US_SSN",
    re.compile(r"(?<![0-9A-Za-z])(?<!\d[-.])(?!000|666)[0-8]\d\d-(?!00)\d\d-(?!0000)\d{4}(?![0-9A-Za-z]|-\d)"),
    score=0.85,
)
US_ITIN: Final = PatternRecognizer(
    "US_ITIN",
    re.compile(r"(?<![0-9A-Za-z])(?<!\d[-.])9\d\d-(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])-\d{4}(?![0-9A-Za-z]|-\d)"),
    score=0.85,
)
