from __future__ import annotations

import pytest

from processors.pii.recognizers.web_address import URL, UUID
from tests.processors.pii.recognizers.tables import found, is_linear


@pytest.mark.parametrize(
    "value",
    ["https://example.com/x?y=1", "www.example.org", "example.co.uk/path", "550e8400-e29b-41d4-a716-446655440000"],
)
def test_addresses_are_found(value: str) -> None:
    """With a scheme or without, up to the punctuation of the sentence; and UUIDs."""
    assert [v for _, v in found((URL, UUID), f"see {value}.")] == [value]


@pytest.mark.parametrize("text", ["3.14", "e.g. this", "main.py", "a@example.com", "4bf92f3577b34da6a3ce929d0e0e4736"])
def test_other_words_stay(text: str) -> None:
    """Numbers, files, mail addresses and trace ids."""
    assert found((URL, UUID), text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear((URL, UUID), piece) for piece in ("a", "a.", "http://", "www.", "0-", "-"))
