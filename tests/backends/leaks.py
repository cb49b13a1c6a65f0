"""Searches everything that a backend wrote: files as they are, what is packed in them, and databases value by value.

A database splits long values over pages, so its file alone would not do.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

_SQLITE = b"SQLite format 3\0"
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def spellings(value: str) -> set[bytes]:
    """The ways in which a value might be written down; without regard to case."""
    bare = re.sub(r"[^0-9A-Za-z@]", "", value)
    texts = {
        value, value.replace(" ", ""), bare,
        json.dumps(value)[1:-1], json.dumps(json.dumps(value))[1:-1].strip('\\"'),
        urllib.parse.quote(value), urllib.parse.quote_plus(value),
        value.encode().hex(),
    }  # fmt: skip
    return {
        *(text.lower().encode() for text in texts if text),
        value.encode("utf-16-le").lower(),
        # Wherever in a longer text it stands, one of the three is within the text's base64.
        *(base64.b64encode(b"\0" * shift + value.encode())[4:-4].lower() for shift in range(3)),
    }


def find(directory: Path, values: Iterable[str]) -> set[str]:
    """Those of the values that are anywhere under the directory."""
    wanted = {value: spellings(value) for value in values}
    found: set[str] = set()
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            for text in map(bytes.lower, _texts(path)):
                found |= {value for value, forms in wanted.items() if any(form in text for form in forms)}
    return found


def _texts(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield raw
    if raw.startswith(_SQLITE):
        for cell in cells(path):
            yield cell
            yield from _unpacked(cell)
    elif not path.name.endswith(("-wal", "-shm")):  # what these hold is read with their database
        yield from _unpacked(raw)


def _unpacked(raw: bytes) -> Iterator[bytes]:
    for match in _PACKED.finditer(raw):
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=47).decompress(raw[match.start() :])


def cells(path: Path) -> Iterator[bytes]:
    """Every text and blob of every table, what is still in the write-ahead log included."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        database.text_factory = bytes
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in database.execute(f'SELECT * FROM "{name.decode()}"'):  # noqa: S608  # a name of its own
                yield from (cell for cell in row if isinstance(cell, bytes))
