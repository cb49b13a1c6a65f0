"""US social security and taxpayer numbers; the ranges that are never issued do not count.

With hyphens the form is enough; with spaces, dots or nothing between the groups, the words before it decide.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer, words

_BEFORE: Final = r"(?<![0-9A-Za-z])(?<!\d[-.])"
_AFTER: Final = r"(?![0-9A-Za-z]|-\d)"
_SSN: Final = r"(?!000|666)[0-8]\d\d{0}(?!00)\d\d{0}(?!0000)\d{{4}}"
_ITIN: Final = r"9\d\d{0}(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9]){0}\d{{4}}"
_LOOSE: Final = r"[ .\u2010-\u2013-]?"

US_SSN: Final = PatternRecognizer("US_SSN", re.compile(_BEFORE + _SSN.format("-") + _AFTER), score=0.85)
US_ITIN: Final = PatternRecognizer("US_ITIN", re.compile(_BEFORE + _ITIN.format("-") + _AFTER), score=0.85)
US_SSN_IN_CONTEXT: Final = PatternRecognizer(
    "US_SSN",
    re.compile(_BEFORE + _SSN.format(_LOOSE) + _AFTER),
    score=0.85,
    context=words(r"ssns?", r"ss ?#", r"social[ -]sec(?:urity)?(?: (?:number|no|num))?", r"social"),
)
US_ITIN_IN_CONTEXT: Final = PatternRecognizer(
    "US_ITIN",
    re.compile(_BEFORE + _ITIN.format(_LOOSE) + _AFTER),
    score=0.85,
    context=words(r"itin", r"tin", r"tax(?:payer)?[ -]id(?:entification)?(?: (?:number|no))?"),
)
