from __future__ import annotations

import pytest

from processors.pii.recognizers.ssn import US_ITIN, US_ITIN_IN_CONTEXT, US_SSN, US_SSN_IN_CONTEXT
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (US_SSN, US_SSN_IN_CONTEXT, US_ITIN, US_ITIN_IN_CONTEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("514-69-0360", ("US_SSN", "514-69-0360")),
        ("SSN 514 69 0360", ("US_SSN", "514 69 0360")),
        ("social security number: 514690360", ("US_SSN", "514690360")),
        ("912-70-1234", ("US_ITIN", "912-70-1234")),
        ("ITIN: 912 70 1234", ("US_ITIN", "912 70 1234")),
    ],
)
def test_numbers_are_found(text: str, expected: tuple[str, str]) -> None:
    """With hyphens anywhere; otherwise where words announce them."""
    assert expected in found(ROWS, text)


@pytest.mark.parametrize(
    "text",
    [
        "514 69 0360",
        "514690360",
        "000-12-3456",
        "666-12-3456",
        "514-00-0360",
        "514-69-0000",
        "1514-69-0360",
        "912-40-1234",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    """Ranges that are never issued, and digits nobody calls a social security number."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No row tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in ("1", "1-", "ssn 1", "514-69-"))
