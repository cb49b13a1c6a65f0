"""What is spelled out in words, as transcripts of calls have it: `five five five zero one nine two`, `jane at example dot com`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.recognizer import PatternRecognizer

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORD: Final = rf"(?:{'|'.join(_DIGITS)}|oh|o)"
_TIMES: Final = {"double": 2, "triple": 3}
_SPOKEN: Final = re.compile(
    rf"(?<![\w-])(?:plus\s)?(?:(?:double|triple)\s)?{_WORD}(?:(?:,\s|\s|-|\.{{3}}\s)(?:(?:uh|um)\s)?(?:(?:double|triple)\s)?{_WORD}){{3,40}}(?![\w-])",
    re.IGNORECASE,
)
_PART: Final = re.compile(r"[a-z]+")
_MIN_DIGITS: Final = 7
_MIN_CARD_DIGITS: Final = 15


class SpokenNumberRecognizer:
    """Seven digits or more in a row that do not count up or down."""

    entity_type: Final = "PHONE_NUMBER"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _SPOKEN.finditer(text):
            digits = _spelled(match[0])
            if len(digits) < _MIN_DIGITS or _counts(digits):
                continue
            yield Finding("CREDIT_CARD" if len(digits) >= _MIN_CARD_DIGITS else self.entity_type, *match.span(), 0.6)


def _spelled(words: str) -> list[int]:
    digits: list[int] = []
    times = 1
    for word in _PART.findall(words.lower()):
        if word in _TIMES:
            times = _TIMES[word]
        elif word not in {"plus", "uh", "um"}:
            digits += [_DIGITS.index(word) if word in _DIGITS else 0] * times
            times = 1
    return digits


def _counts(digits: list[int]) -> bool:
    """Most steps are of one."""
    steps = [after - before for before, after in pairwise(digits)]
    return max(steps.count(1), steps.count(-1)) * 2 > len(steps)


SPOKEN_EMAIL: Final = PatternRecognizer(
    "EMAIL_ADDRESS",
    re.compile(
        r"(?i:(?<![\w.-])[a-z0-9][\w.+-]{0,40}(?:\s(?:dot|underscore|dash|hyphen)\s[a-z0-9][\w-]{0,40}){0,3}(?:\s?[\[(]\s?at\s?[\])]\s?|\sat\s)"
        r"[a-z0-9][\w-]{0,40}(?:(?:\s?[\[(]\s?dot\s?[\])]\s?|\sdot\s)[a-z0-9][\w-]{0,40}){0,2}(?:\s?[\[(]\s?dot\s?[\])]\s?|\sdot\s)"
        r"(?:com|org|net|edu|gov|io|co|uk|de|fr|es|it|nl|in|au|ca|br|eu|info)(?:\sdot\s(?:uk|au|in|br|za|nz))?(?!\w))"
    ),
    score=0.8,
)
