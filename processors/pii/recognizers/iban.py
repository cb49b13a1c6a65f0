"""Bank account numbers (ISO 13616): the country's length, then the check digits modulo 97."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_LENGTHS: Final = {
    code: int(length)
    for length, codes in {
        "15": "NO", "16": "BE", "18": "DK FI FO GL NL SD", "19": "MK SI", "20": "AT BA EE KZ LT LU XK MN",
        "21": "CH HR LI LV", "22": "BG BH CR DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM TL SO",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST", "26": "IS TR BI", "27": "FR GR IT MC MR SM DJ",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA", "30": "JO KW MU", "31": "MT SC", "33": "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_START: Final = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?=[ -]?[0-9A-Za-z]{4})")


class IbanRecognizer:
    entity_type: Final = "IBAN_CODE"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _START.finditer(text):
            length = _LENGTHS.get(match[0][:2].upper())
            if length is None:
                continue
            end, number = match.end(), match[0].upper()
            while len(number) < length and end < len(text):
                if text[end] in " -\u00a0" and text[end + 1 : end + 2].isalnum():
                    end += 1
                elif not (text[end].isalnum() and text[end].isascii()):
                    break
                number += text[end].upper()
                end += 1
            if len(number) == length and not text[end : end + 1].isalnum() and _valid(number):
                yield Finding(self.entity_type, match.start(), end, 1.0)


def _valid(number: str) -> bool:
    return number.isascii() and int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1
