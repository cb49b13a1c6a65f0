from __future__ import annotations

import pytest

from processors.pii.recognizers.connection_string import CONNECTION_STRINGS
from tests.processors.pii.recognizers.tables import found, is_linear

FOUND = [
    ("postgres://svc:p@ssw0rd@db.internal:5432/x", [("USERNAME", "svc"), ("PASSWORD", "p@ssw0rd")]),
    ("postgresql+asyncpg://app:x1@db/x", [("USERNAME", "app"), ("PASSWORD", "x1")]),
    ("mongodb+srv://jane:abc%40d@cluster0.example.net/?w=1", [("USERNAME", "jane"), ("PASSWORD", "abc%40d")]),
    ("redis://:s3cret@cache:6379/0", [("PASSWORD", "s3cret")]),
    ("amqp://guest:gu3st@mq", [("USERNAME", "guest"), ("PASSWORD", "gu3st")]),
    ("https://jane@wiki.example/page", [("USERNAME", "jane")]),
    ("Server=tcp:db,1433;User Id=jane;Password=a b;", [("USERNAME", "jane"), ("PASSWORD", "a")]),
    ("Server=db;User ID=crm_rw;Password=DB_PASSWORD", [("USERNAME", "crm_rw")]),
    ("Data Source=db;Uid=jane;Pwd='a b c';", [("USERNAME", "jane"), ("PASSWORD", "a b c")]),
    ("jdbc:postgresql://db/x?user=fred&password=abc", [("USERNAME", "fred"), ("PASSWORD", "abc")]),
    ("host=db dbname=x user=fred password=abc", [("USERNAME", "fred"), ("PASSWORD", "abc")]),
    ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc=", [("PASSWORD", "abc=")]),
]

NOT_FOUND = [
    "https://example.com/a@b",
    "https://example.com:8080/path",
    "ssh://git@github.com/x/y",
    "git@github.com:x/y.git",
    "the password=changed event of a user=any",
    "see http://x.example, mail me @ home",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_user_and_password_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    """Each part under its own type; the host and the database stay."""
    assert found(CONNECTION_STRINGS, text) == expected


@pytest.mark.parametrize("text", NOT_FOUND)
def test_other_addresses_stay(text: str) -> None:
    """URLs without user information, and assignments without a server beside them."""
    assert found(CONNECTION_STRINGS, text) == []


@pytest.mark.parametrize("piece", ["a://", "a://b:", "http://a", "@", "user=a;", "a+"])
def test_time_is_linear(piece: str) -> None:
    """No row tries the same characters over and over."""
    assert is_linear(CONNECTION_STRINGS, piece)
