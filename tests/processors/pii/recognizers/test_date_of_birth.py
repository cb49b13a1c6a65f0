from __future__ import annotations

import pytest

from processors.pii.recognizers.date_of_birth import DATE_OF_BIRTH
from tests.processors.pii.recognizers.tables import found, is_linear


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I was born on 12 March 1985 in Leeds", "12 March 1985"),
        ("DOB: 03/12/1985", "03/12/1985"),
        ("D.O.B. 3.12.85", "3.12.85"),
        ("her date of birth is 1985-03-12.", "1985-03-12"),
        ("Birthday: March 3rd, 1985", "March 3rd, 1985"),
        ('"birth_date": "1970-01-02"', "1970-01-02"),
        ("geboren am 12.03.1985", "12.03.1985"),
        ("né le 14 juillet 1970", "14 juillet 1970"),
        ("born in 1985", "1985"),
    ],
)
def test_dates_of_birth_are_found(text: str, value: str) -> None:
    """The date that such words announce, however it is written."""
    assert found((DATE_OF_BIRTH,), text) == [("DATE_OF_BIRTH", value)]


@pytest.mark.parametrize(
    "text",
    [
        "released on 12 March 1985",
        "2024-01-02T03:04:05Z",
        "He was born in Leeds. He moved on 12 March 2005",
        "version 1.2.85",
        "newborn 1/2",
        "stubborn 2024-01-02",
        "the date is 03/12/1985",
    ],
)
def test_other_dates_stay(text: str) -> None:
    """A date tells when something happened; debugging needs it."""
    assert found((DATE_OF_BIRTH,), text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear((DATE_OF_BIRTH,), piece) for piece in ("1", "1.", "born 1/1/", "1 March ", "born "))
