"""Payment card numbers: the issuers' prefixes and lengths (ISO/IEC 7812), then the Luhn check digit."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_CANDIDATE: Final = re.compile(
    # Neither inside a longer word or id, nor the fraction of a number.
    r"(?<![0-9A-Za-z])(?<!\d[.,])(?<!\d[ -])[2-6]\d(?:[ \u00a0\u2009./\u2013-]?\d){10,17}(?![ -]?\d)(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?<!\d[.,])1800\d{11}(?![0-9A-Za-z])"
)
_ISSUER: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[689]\d)\d{11}"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}"  # Discover, UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}"  # JCB
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3]|0604)\d{8,15}"  # Maestro
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def is_card_number(value: str) -> bool:
    digits = "".join(filter(str.isdigit, value))
    return digits.isascii() and _ISSUER.fullmatch(digits) is not None and len(set(digits)) > 1 and luhn(digits)


CREDIT_CARD: Final = PatternRecognizer("CREDIT_CARD", _CANDIDATE, is_card_number)
