"""What SQLite's errors say. Their messages can quote data, so only codes and names are used."""

from __future__ import annotations

import sqlite3


def primary_code(error: BaseException) -> int | None:
    """SQLite's result code without its extension; None if the error is not SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_corrupt(error: BaseException) -> bool:
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def reason_of(error: BaseException) -> str:
    """A name for metrics and logs: SQLite's, or the exception's class. Never its message."""
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
