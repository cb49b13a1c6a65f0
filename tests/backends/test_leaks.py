"""The search for planted values must find them however they are written down, or its silence says nothing."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import urllib.parse
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.backends.leaks import find
from tests.backends.traces import EVERYTHING_PLANTED

WAYS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda value: value.upper().encode(),
    "without blanks": lambda value: value.replace(" ", "").encode(),
    "JSON": lambda value: json.dumps({"a": value}).encode(),
    "JSON in JSON": lambda value: json.dumps(json.dumps({"a": [value]})).encode(),
    "in a URL": lambda value: urllib.parse.urlencode({"q": value}).encode(),
    "base64": lambda value: base64.b64encode(f"some text, then {value}, and more".encode()),
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "UTF-16": lambda value: value.encode("utf-16-le"),
    "gzip": lambda value: b"header" + gzip.compress(f"{'x' * 500} {value}".encode()),
    "zlib": lambda value: b"header" + zlib.compress(f"{'x' * 500} {value}".encode()),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found(way: str, tmp_path: Path) -> None:
    """In a file of a directory below."""
    (tmp_path / "deep").mkdir()
    for value in EVERYTHING_PLANTED:
        (tmp_path / "deep" / "file").write_bytes(b"before\n" + WAYS[way](value) + b"\nafter")
        assert find(tmp_path, EVERYTHING_PLANTED) == {value}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_in_a_database(way: str, tmp_path: Path) -> None:
    """In a value that is spread over pages, before the write-ahead log is folded in."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE spans (id INTEGER, content)")
        for value in EVERYTHING_PLANTED:
            content = b"y" * 4080 + WAYS[way](value) + b"y" * 9000
            database.execute("INSERT INTO spans VALUES (1, ?)", (content,))
        database.commit()
        assert find(tmp_path, EVERYTHING_PLANTED) == set(EVERYTHING_PLANTED)


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Placeholders and neighbours are no finding."""
    (tmp_path / "file").write_text("<EMAIL_ADDRESS> maria@example-mail.com 4111 1111 1111 2222")
    assert find(tmp_path, EVERYTHING_PLANTED) == set()
