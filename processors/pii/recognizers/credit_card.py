"""Payment card numbers: the issuers' prefixes and lengths (ISO/IEC 7812), then the Luhn check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.check_digits import luhn
from processors.pii.recognizers.recognizer import PatternRecognizer, words

_RUN: Final = re.compile(
    # Groups of digits, one sign apart; neither inside a word or an id nor the fraction of a number.
    r"(?<![0-9A-Za-z])(?<!\d[.,])\d(?:[ \u00a0\u2009./\u2010-\u2013-]?\d)+(?![0-9A-Za-z])"
)
_GROUP: Final = re.compile(r"\d+")
_MIN_DIGITS: Final = 12
_MAX_DIGITS: Final = 19
_ISSUER: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[689]\d)\d{11}"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}"  # Discover, UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}"  # JCB
    r"|(?:50\d\d|5[6-8]\d\d|60\d\d|6304|6390|67\d\d|0604)\d{8,15}"  # Maestro and its kin
    r"|9792\d{12}|220[0-4]\d{12,15}"  # Troy, Mir
)


def is_card_number(value: str) -> bool:
    digits = "".join(filter(str.isdigit, value))
    return digits.isascii() and _ISSUER.fullmatch(digits) is not None and len(set(digits)) > 1 and luhn(digits)


class CreditCardRecognizer:
    """Tries every sequence of whole groups: a number may stand next to another one, or to a count."""

    entity_type: Final = "CREDIT_CARD"

    def find(self, text: str) -> Iterator[Finding]:
        for run in _RUN.finditer(text):
            if run.end() - run.start() < _MIN_DIGITS:
                continue
            groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
            for first, (start, _) in enumerate(groups):
                if first == 0 or text[start - 1] != ".":
                    yield from self._from_group(text, groups[first : first + _MAX_DIGITS], start)

    def _from_group(self, text: str, groups: list[tuple[int, int]], start: int) -> Iterator[Finding]:
        digits = ""
        for low, high in groups:
            digits += text[low:high]
            if len(digits) > _MAX_DIGITS:
                return
            if len(digits) >= _MIN_DIGITS and is_card_number(digits):
                yield Finding(self.entity_type, start, high, 1.0)


CARD_IN_CONTEXT: Final = PatternRecognizer(
    # Mistyped or made up: the words say that a card number was meant.
    "CREDIT_CARD",
    re.compile(r"(?<![\w.,+-])\d(?:[ \u00a0-]?\d){12,18}(?![\w-]|\.\d)"),
    score=0.6,
    context=words(
        r"(?:credit|debit|bank|payment|charge|visa|gift)[ -]?cards?",
        r"cards?",
        r"visa",
        r"amex",
        r"american express",
        r"master ?card",
        r"cc",
    ),
)
