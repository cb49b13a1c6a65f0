"""Passports, driver licences and medical licences: forms so plain that the words before them decide."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.check_digits import digits_of
from processors.pii.recognizers.recognizer import PatternRecognizer, words

_NUMBER: Final = r"(?<![\w.-])(?:(?:no|nr|num|number|id|is|#)[.:]? ?)?(?P<value>{0})(?![\w]|-\w|\.\d)"
_PASSPORT_WORDS: Final = words(r"passports?", r"pasaporte", r"passeport", r"reisepass(?:nummer)?", r"travel document")
_LICENCE_WORDS: Final = words(
    r"driv(?:er|ing|e)(?:['\u2019]?s)?(?: |_)?licen[cs]e", r"drivers?[ -]?licen[cs]es?", r"dl", r"dln", r"driv\w* (?:permit|id)",
    r"licen[cs]e", r"lic", r"permis de conduire", r"f\u00fchrerschein\w*",
)  # fmt: skip


def _is_dea_number(value: str) -> bool:
    digits = digits_of(value)[-7:]
    odd, even = digits[0:6:2], digits[1:6:2]
    return (sum(map(int, odd)) + 2 * sum(map(int, even))) % 10 == int(digits[6])


US_PASSPORT: Final = PatternRecognizer(
    "US_PASSPORT", re.compile(_NUMBER.format(r"[A-Z]?\d{9}|[A-Z]\d{8}")), score=0.85, context=_PASSPORT_WORDS
)
PASSPORT: Final = PatternRecognizer(
    "PASSPORT",
    re.compile(
        _NUMBER.format(
            r"[A-Z]{1,3}\d{6,9}|[A-Z]\d[A-Z\d]{7}|\d{7,8}|[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8}|\d{2}[ -]?\d{2}[ -]?\d{6}|\d{2}[A-Z]{2}\d{5}"
        )
    ),
    score=0.8,
    context=_PASSPORT_WORDS,
)
US_DRIVER_LICENSE: Final = PatternRecognizer(
    "US_DRIVER_LICENSE",
    re.compile(
        _NUMBER.format(
            r"[A-Z]{1,2}\d{4,7}|[A-Z]\d{8,14}|[A-Z]\d{3}(?:[- ]\d{3,4}){2,4}|[A-Z]{3}\d{6}|\d{2}[A-Z]{3}\d{5}|\d{3}[A-Z]{2}\d{4}"
            r"|[A-Z]{2}\d{2}[A-Z]\d{4,7}|[A-Z]{5,7}\d{3,6}[A-Z0-9]{2,5}|\d{7,12}|\d{2,3}-\d{2,3}-\d{3,4}|[HV]\d{8}|[A-Z]\d{5}[A-Z]?"
        )
    ),
    score=0.7,
    context=_LICENCE_WORDS,
)
MEDICAL_LICENSE: Final = PatternRecognizer(
    "MEDICAL_LICENSE",
    re.compile(r"(?<![\w-])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![\w-])"),
    _is_dea_number,
)
