from __future__ import annotations

import pytest

from processors.pii.recognizers.dates import DATE_TIME
from tests.processors.pii.recognizers.tables import found, is_linear


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-02",
        "2024-01-02 03:04:05",
        "12 March 1985",
        "March 3rd, 1985",
        "03/12/1985",
        "12.03.1985",
        "3:04 PM",
        "14:30",
        "5 May",
    ],
)
def test_dates_and_times_are_found(value: str) -> None:
    """In the spellings of several countries."""
    assert ("DATE_TIME", value) in found((DATE_TIME,), f"at {value} or so")


@pytest.mark.parametrize("text", ["1.2.3", "32/13/2024", "1234:5678", "12 apples", "2024"])
def test_other_numbers_stay(text: str) -> None:
    """Versions and counts are none, nor is a year alone."""
    assert found((DATE_TIME,), text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear((DATE_TIME,), piece) for piece in ("1", "1:", "1/1/", "2024-01-", "May "))
