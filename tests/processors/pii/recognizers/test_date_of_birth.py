from __future__ import annotations

import pytest

from processors.pii.recognizers.date_of_birth import DATE_ALONE, DATE_OF_BIRTH
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
        ("CPF 1\nNasc. 02/12/1990", "02/12/1990"),
        ("Date of birth and the last four digits of the card?\nCustomer: 03/11/1974 and 4410.", "03/11/1974"),
        ("year of birth 1985", "1985"),
        ("my bday is 3/12/85", "3/12/85"),
        ("date of birth 19850312", "19850312"),
        ("Data de nascimento: 12/03/1985", "12/03/1985"),
        ("What's your date of birth?\n> 12/03/1985", "12/03/1985"),
        ("Can you give me your date of birth please?\nCaller: yes, it's 12 March 1985", "12 March 1985"),
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
        "build 19850312",
        "When were you born? I moved here. The lease began on 12/03/1985",
    ],
)
def test_other_dates_stay(text: str) -> None:
    """A date tells when something happened; debugging needs it."""
    assert found((DATE_OF_BIRTH,), text) == []


@pytest.mark.parametrize("text", ["12/03/1985", "yes, it's 12.3.1985.", " it's the 12th of March, 1985 "])
def test_a_date_alone_answers_a_question(text: str) -> None:
    """The question stands in another message."""
    assert len(found((DATE_ALONE,), text)) == 1


@pytest.mark.parametrize("text", ["1985-03-12", "12/03/2025", "12/03/1985 10:00", "due 12/03/1985", "12/03/85"])
def test_other_dates_alone_stay(text: str) -> None:
    """As programs write them, of these days, or with anything beside."""
    assert found((DATE_ALONE,), text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear((DATE_OF_BIRTH, DATE_ALONE), piece) for piece in ("1", "1.", "born 1/1/", "1 March ", "born "))
