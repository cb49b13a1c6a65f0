from __future__ import annotations

import pytest

from processors.pii.recognizers.documents import MEDICAL_LICENSE, PASSPORT, US_DRIVER_LICENSE, US_PASSPORT
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (US_PASSPORT, PASSPORT, US_DRIVER_LICENSE, MEDICAL_LICENSE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my passport number is 912803456", ("US_PASSPORT", "912803456")),
        ("passport: A12345678", ("US_PASSPORT", "A12345678")),
        ("Passport no. C01X00T47", ("PASSPORT", "C01X00T47")),
        ("Reisepass C01X00T47", ("PASSPORT", "C01X00T47")),
        ("passport XS1234567", ("PASSPORT", "XS1234567")),
        ("my driver license is F162823540116", ("US_DRIVER_LICENSE", "F162823540116")),
        ("driver's license: D1234567", ("US_DRIVER_LICENSE", "D1234567")),
        ("DL# S530-4562-8811", ("US_DRIVER_LICENSE", "S530-4562-8811")),
        ("driving licence number MORGA657054SM9IJ", ("US_DRIVER_LICENSE", "MORGA657054SM9IJ")),
        ("licence no 123456789", ("US_DRIVER_LICENSE", "123456789")),
        ("DEA number AB1234563", ("MEDICAL_LICENSE", "AB1234563")),
    ],
)
def test_numbers_are_found(text: str, expected: tuple[str, str]) -> None:
    """Where the words before say what they are."""
    assert expected in found(ROWS, text)


@pytest.mark.parametrize(
    "text",
    [
        "F162823540116",
        "A12345678",
        "duplicate public F1628235",
        "a passport photo of 2 x 2 inches",
        "MIT license, 2024",
        "AB1234564",
        "driver version 551",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    """Without such words, or with a wrong check digit, they are ids; `lic` in `public` is no word."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No row tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in ("1", "A1", "license 1", "A123-123-", "passport A"))
