from __future__ import annotations

import pytest

from processors.pii.recognizers.recognizer import Gated
from processors.pii.recognizers.uk_numbers import UK_NHS, UK_NHS_IN_CONTEXT, UK_NINO
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (UK_NHS, UK_NHS_IN_CONTEXT, UK_NINO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("943 476 5919", ("UK_NHS", "943 476 5919")),
        ("NHS no. 9434765919.", ("UK_NHS", "9434765919")),
        ("nhs: 943-476-5919", ("UK_NHS", "943-476-5919")),
        ("AB 12 34 56 C", ("UK_NINO", "AB 12 34 56 C")),
        ("my NI number is JG103759A", ("UK_NINO", "JG103759A")),
        ("ab123456c", ("UK_NINO", "ab123456c")),
    ],
)
def test_numbers_are_found(text: str, expected: tuple[str, str]) -> None:
    """With the spaces of their written form, or with none."""
    assert expected in found(ROWS, text)


@pytest.mark.parametrize(
    "text",
    ["943 476 5918", "9434765919", "1763703928", "GB123456A", "AB123456E", "QQ123456C", "XAB123456C", "111 111 1111"],
)
def test_other_numbers_stay(text: str) -> None:
    """A wrong check digit, bare digits without a word, prefixes that are not allocated."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No row tries the same characters over and over."""
    assert all(is_linear((Gated(row),), piece) for row in ROWS for piece in ("1", "1 ", "AB12", "AB "))
