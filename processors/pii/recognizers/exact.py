"""The recognizers that look through every string, in this order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.connection_string import CONNECTION_STRINGS
from processors.pii.recognizers.credit_card import CreditCardRecognizer
from processors.pii.recognizers.crypto_address import CRYPTO
from processors.pii.recognizers.email import EmailRecognizer
from processors.pii.recognizers.http_credentials import HTTP_CREDENTIALS
from processors.pii.recognizers.iban import IbanRecognizer
from processors.pii.recognizers.mac_address import MacAddressRecognizer
from processors.pii.recognizers.password import PASSWORDS
from processors.pii.recognizers.phone import PHONE_NUMBER
from processors.pii.recognizers.recognizer import Gated, find_all
from processors.pii.recognizers.secrets import SECRETS
from processors.pii.recognizers.ssn import US_ITIN, US_SSN
from processors.pii.recognizers.uk_numbers import UK_NINO

EXACT: Final[tuple[Gated, ...]] = (
    Gated(EmailRecognizer(), ("@", "%40", "\uff20")),
    Gated(CreditCardRecognizer(), digits=12),
    Gated(IbanRecognizer(), digits=10),
    Gated(US_SSN, ("-",), digits=9),
    Gated(US_ITIN, ("-",), digits=9),
    Gated(UK_NINO, digits=6),
    Gated(PHONE_NUMBER, ("+", "-", "(", ".", "00"), digits=7),
    Gated(MacAddressRecognizer(), (":", "-", ".")),
    *CRYPTO,
    *SECRETS,
    *HTTP_CREDENTIALS,
    *CONNECTION_STRINGS,
    *PASSWORDS,
)

_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # UUID
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)(?![0-9A-Za-z])"  # ISO 8601
)
_DIGIT_TYPES: Final = frozenset({"CREDIT_CARD", "PHONE_NUMBER", "US_SSN", "US_ITIN"})


def find_exact(text: str) -> Iterator[Finding]:
    """Personal data whose form alone gives it away. Ids and timestamps are no card or telephone numbers."""
    ids: list[tuple[int, int]] | None = None
    for finding in find_all(EXACT, text):
        if finding.entity_type in _DIGIT_TYPES:
            if ids is None:
                ids = [match.span() for match in _ID.finditer(text)]
            if any(start < finding.end and finding.start < end for start, end in ids):
                continue
        yield finding
