"""Telephone numbers in national spelling: `07700 063 966`, `0490 75 40 81 ext. 5`, `call me on 467 3395`.

For text only, where words tell a number to call from a number to count: as an attribute it would be an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_GROUPS: Final = re.compile(
    r"(?<![\w$€£.,:/#+-])(?:\(?\+?\d{1,4}\)?[ .-]?)?(?:\(\d{2,4}\)|\d{2,5})(?:[ .\u00a0\u2011-]\d{2,4}){1,4}"
    r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,5})?(?![\w%€£/-]|[.,:]\d| (?:tokens?|ms|USD|EUR|GBP|dollars|euros|km|kg)\b)",
    re.IGNORECASE,
)
_LONE: Final = re.compile(r"(?<![\w$€£.,:/#+-])\d{7,12}(?![\w%€£/-]|[.,:]\d)")
_CALLING: Final = re.compile(
    r"\b(?:tele)?(?:phones?|fax|tel|cell|mobile|cellphone|call(?:s|ed|ing)?|dial|ring|sms|text(?:ed)?|whatsapp|reach"
    r"(?:ed)?|contact|hotline|landline|handy|voicemail)\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-./ ]\d\d?[-./ ]\d\d?|\d\d?[-./ ]\d\d?[-./ ](?:19|20)\d\d|(?:19|20)\d\d-(?:19|20)\d\d"
)
_CONTEXT_CHARS: Final = 60


class NationalPhoneRecognizer:
    entity_type: Final = "PHONE_NUMBER"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _GROUPS.finditer(text):
            number = match[0]
            digits = sum(map(str.isdigit, re.split("[xe]", number, maxsplit=1, flags=re.IGNORECASE)[0]))
            if not 7 <= digits <= 13 or _DATE.fullmatch(number) or _is_version(number):
                continue
            if _said_to_be_called(text, match.start()) or (
                digits >= 8 and (number.startswith(("0", "(")) or len(re.split("[ .-]", number)) >= 4)
            ):
                yield Finding(self.entity_type, *match.span(), 0.6)
        for match in _LONE.finditer(text):
            if _said_to_be_called(text, match.start()):
                yield Finding(self.entity_type, *match.span(), 0.5)


def _is_version(number: str) -> bool:
    return "." in number and " " not in number and max(map(len, number.split("."))) < 3


def _said_to_be_called(text: str, start: int) -> bool:
    return _CALLING.search(text, max(0, start - _CONTEXT_CHARS), start) is not None
