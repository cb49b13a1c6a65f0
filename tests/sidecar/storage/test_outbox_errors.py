from __future__ import annotations

import sqlite3

import pytest

from sidecar.storage.outbox_errors import is_corrupt, primary_code, reason_of


def test_a_corrupt_file_is_known_by_its_code() -> None:
    """A real one: bytes that are no database."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(b"no database " * 100)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connection.execute("SELECT * FROM sqlite_schema")
    connection.close()
    assert is_corrupt(caught.value)
    assert reason_of(caught.value) == "SQLITE_NOTADB"


def test_an_extended_code_counts_as_its_primary_one() -> None:
    """SQLITE_CORRUPT_INDEX is SQLITE_CORRUPT."""
    error = sqlite3.DatabaseError()
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT_INDEX
    assert primary_code(error) == sqlite3.SQLITE_CORRUPT
    assert is_corrupt(error)


def test_another_error_has_no_code_and_is_named_by_its_class() -> None:
    """Its message stays out."""
    error = OSError(28, "content")
    assert primary_code(error) is None
    assert not is_corrupt(error)
    assert reason_of(error) == "OSError"
