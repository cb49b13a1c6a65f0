from __future__ import annotations

import pytest

from processors.pii.recognizers.bank_account import (
    ABA_ROUTING_NUMBER,
    SWIFT_CODE,
    UK_ACCOUNT,
    UK_SORT_CODE,
    US_BANK_NUMBER,
)
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (US_BANK_NUMBER, ABA_ROUTING_NUMBER, UK_SORT_CODE, UK_ACCOUNT, SWIFT_CODE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my bank account is 945456787654", ("US_BANK_NUMBER", "945456787654")),
        ("Account number: 1234 5678", ("US_BANK_NUMBER", "1234 5678")),
        ("routing number 121000358", ("ABA_ROUTING_NUMBER", "121000358")),
        ("account 20481133 sort code 20-00-00", ("US_BANK_NUMBER", "20481133")),
        ("sort code 20-00-00", ("UK_SORT_CODE", "20-00-00")),
        ("BIC: DEUTDEFF500", ("SWIFT_CODE", "DEUTDEFF500")),
    ],
)
def test_numbers_are_found(text: str, expected: tuple[str, str]) -> None:
    """Where the words before say what they are."""
    assert expected in found(ROWS, text)


@pytest.mark.parametrize(
    "text",
    [
        "945456787654",
        "routing number 121000359",
        "the account has 3 users",
        "DEUTDEFF",
        "20-00-00",
        "sort by 20-00-00",
        "account of 2024",
        "account 20481133 has expired",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    """Without such words, or with a wrong check digit, they are none."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No row tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in ("1", "1 ", "account number 1", "A"))
