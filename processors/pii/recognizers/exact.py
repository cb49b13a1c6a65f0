"""The recognizers that look through every string, in this order, and the filter that keeps most strings from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.credit_card import CreditCardRecognizer
from processors.pii.recognizers.email import EmailRecognizer
from processors.pii.recognizers.iban import IbanRecognizer
from processors.pii.recognizers.phone import PHONE_NUMBER
from processors.pii.recognizers.recognizer import Recognizer
from processors.pii.recognizers.secrets import SECRETS
from processors.pii.recognizers.ssn import US_ITIN, US_SSN

EXACT: Final[tuple[Recognizer, ...]] = (
    EmailRecognizer(),
    CreditCardRecognizer(),
    IbanRecognizer(),
    US_SSN,
    US_ITIN,
    PHONE_NUMBER,
    *SECRETS,
)

_WORTH_A_LOOK: Final = re.compile(
    r"@|%40|\uff20|\d(?:[ \u00a0\u2009\u2011\u2013()./-]{0,2}\d){6}|[A-Za-z]{2}\d\d[ -]?[0-9A-Za-z]{4}"
    r"|(?:sk|rk|pk|gh[pousr]|hf|gsk|r8|npm|whsec|lsv2|pcsk|github_pat|dop_v1)[-_]|gl[a-z]{2,4}-|x(?:ox|ai|app)|pplx-"
    r"|tvly-|pypi-|A[KSBC][IC]A|AIza|ya29|eyJ|SG\.|-----BEGIN"
    r"|(?i:bearer|basic|token|authorization|key|secret|passw|pwd)"
)
_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # UUID
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)(?![0-9A-Za-z])"  # ISO 8601
)
_DIGIT_TYPES: Final = frozenset({"CREDIT_CARD", "PHONE_NUMBER", "US_SSN", "US_ITIN"})


def find_exact(text: str) -> Iterator[Finding]:
    """Personal data whose form alone gives it away. Ids and timestamps are no card or telephone numbers."""
    if _WORTH_A_LOOK.search(text) is None:
        return
    ids: list[tuple[int, int]] | None = None
    for recognizer in EXACT:
        for finding in recognizer.find(text):
            if finding.entity_type in _DIGIT_TYPES:
                if ids is None:
                    ids = [match.span() for match in _ID.finditer(text)]
                if any(start < finding.end and finding.start < end for start, end in ids):
                    continue
            yield finding
