from __future__ import annotations

import pytest

from processors.pii.recognizers.table_column import TableColumnRecognizer
from tests.processors.pii.recognizers.tables import found, is_linear

TABLE = (TableColumnRecognizer(),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,dob\n7,1948-05-12\n8,1979-11-30\n", [("DATE_OF_BIRTH", "1948-05-12"), ("DATE_OF_BIRTH", "1979-11-30")]),
        ("nr;date_of_birth\n1;04.12.1966", [("DATE_OF_BIRTH", "04.12.1966")]),
        ("Sex\tBirthday\r\nF\t17/05/1990\r\n", [("DATE_OF_BIRTH", "17/05/1990")]),
        ("| Ward | Born |\n|---|:-:|\n| 7B | 02/04/1939 |", [("DATE_OF_BIRTH", "02/04/1939")]),
        ("No      Date of Birth\n1       03/22/1961", [("DATE_OF_BIRTH", "03/22/1961")]),
        ('who,dob\n"Low, A",19610322', [("DATE_OF_BIRTH", "19610322")]),
        (
            "Name,Geburtsdatum\nO. L'Ecuyer-Ng,1.2.1970",
            [("PERSON", "O. L'Ecuyer-Ng"), ("DATE_OF_BIRTH", "1.2.1970")],
        ),
        ("nhs,ward\n9434765919,7B", [("UK_NHS", "9434765919")]),
        ("username,password\njdoe,hunter2", [("USERNAME", "jdoe"), ("PASSWORD", "hunter2")]),
        ("id,city\n1,Stoke-on-Trent\n2,N/A", [("LOCATION", "Stoke-on-Trent")]),
        ("id,zip\n1,04101", [("LOCATION", "04101")]),
        ("id,mobile\n1,5550142999", [("PHONE_NUMBER", "5550142999")]),
    ],
)
def test_cells_are_what_the_head_says(text: str, expected: list[tuple[str, str]]) -> None:
    """In CSV with any separator, in Markdown and in columns of blanks; a quoted cell is one."""
    assert found(TABLE, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "id,released\n7,1948-05-12",
        "name,version\nredis,7.2.4",
        "Name | Type\n--- | ---\nphone | string",
        "| Field | Value |\n|---|---|\n| Date of birth | not collected |",
        "Full name,Email\nDate of birth,Phone",
        "Username,Password\nrequired,required",
        "Email, phone, chat\nWe answer, usually, soon",
        "id,dob\n\n7,1948-05-12",
        "born in Leeds, moved to York\nthen, in 1990",
        "city",
    ],
)
def test_other_tables_stay(text: str) -> None:
    """Heads that name nobody's data, cells of another form, labels below labels, and sentences with commas."""
    assert found(TABLE, text) == []


def test_time_is_linear() -> None:
    """Also where every line looks like a head."""
    pieces = ("Name,Phone\n", "name | phone | x\n", "a,", "dob  ", "name,dob\nAb Cd Ef Gh,1\n", '"name","')
    assert all(is_linear(TABLE, piece) for piece in pieces)
