"""The outbox's database: its tables, and how a connection to it is made.

    meta       1: id of the key the rows are sealed with
    batches    a batch that some exporter has not settled: who is left, and how it ended for the others
    payloads   its export request. Apart from `batches`, so that a batch can be changed, and the index be read at
               start, without touching payloads. Signal and items stand here too: a payload can do without its batch
    decisions  one row for one decision over many traces
    done       one row for the traces of one journal record that went into the outbox together
    damaged    rows that did not open, the last few of them, for whoever wants to look

Invariants
  1. A batch and its payload are written in one transaction, and deleted in one.
  2. Ids only grow, and are used once, over restarts too.
  3. Plain columns hold numbers only, and all content is sealed (`outbox_rows`).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x6F747842
"""`otxB`: tells this database from any other (SQLite file format, 1.3.17)."""
VERSION: Final = 1
PAGE_BYTES: Final = 8192
"""Measured with payloads of 75 KB: larger pages cost more in the log, smaller ones more in chains of pages."""
_INCREMENTAL: Final = 2
_LOG_PAGES: Final = 512
_LOG_BYTES: Final = 16 * 1024 * 1024
_BUSY_S: Final = 1.0
_MAX_DAMAGED_ROWS: Final = 64
_MAX_DAMAGED_BYTES: Final = 256 * 1024
_FILE_MODE: Final = 0o600
_KEY_ID_ROW: Final = 1

_TABLES: Final = """
BEGIN IMMEDIATE;
CREATE TABLE meta (id INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE batches (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE payloads (id INTEGER PRIMARY KEY, signal INTEGER NOT NULL, items INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE decisions (id INTEGER PRIMARY KEY, until_unix_nano INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE done (id INTEGER PRIMARY KEY, ref INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX done_by_ref ON done (ref);
CREATE TABLE damaged (id INTEGER PRIMARY KEY, origin TEXT NOT NULL, row INTEGER NOT NULL, sealed BLOB NOT NULL);
PRAGMA application_id = {application_id};
PRAGMA user_version = {version};
COMMIT;
"""

_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"


def connect(path: Path, *, fsync_always: bool = False) -> sqlite3.Connection:
    """To an existing file, or to a new one that only its owner can read. Transactions are begun by hand.

    Nothing is written to an existing file: to write would be to overwrite the log, which may still be needed.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _FILE_MODE)
    new = os.fstat(descriptor).st_size == 0
    os.close(descriptor)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            *((f"page_size = {PAGE_BYTES}", f"auto_vacuum = {_INCREMENTAL}") if new else ()),
            "journal_mode = WAL",
            f"synchronous = {'FULL' if fsync_always else 'NORMAL'}",
            f"wal_autocheckpoint = {_LOG_PAGES}",
            f"journal_size_limit = {_LOG_BYTES}",
            # What is deleted was sealed; to overwrite it would double the writing.
            "secure_delete = OFF",
            "trusted_schema = OFF",
            "cell_size_check = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def create_tables(connection: sqlite3.Connection, key_id: bytes) -> None:
    try:
        connection.executescript(_TABLES.format(application_id=APPLICATION_ID, version=VERSION))
    except BaseException:
        rollback(connection)
        raise
    write_key_id(connection, key_id)


def rollback(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Of the very first moment: nobody has made a table in it."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return tables == 0 and application_id(connection) == 0 and version(connection) == 0


def is_ours(connection: sqlite3.Connection) -> bool:
    """Letter by letter: with a letter changed, a column is another column."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        pattern.executescript(_TABLES.format(application_id=APPLICATION_ID, version=VERSION))
        ours = pattern.execute(_SCHEMA).fetchall()
    (auto_vacuum,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    return auto_vacuum == _INCREMENTAL and connection.execute(_SCHEMA).fetchall() == ours


def application_id(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA application_id").fetchone()
    return int(number)


def version(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def read_key_id(connection: sqlite3.Connection) -> object:
    """Whatever stands there; None if nothing does."""
    row = connection.execute("SELECT value FROM meta WHERE id = ?", (_KEY_ID_ROW,)).fetchone()
    return row and row[0]


def write_key_id(connection: sqlite3.Connection, key_id: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY_ID_ROW, key_id))


def set_row_aside(connection: sqlite3.Connection, table: str, row: int) -> None:
    """What does not open is kept for a look: so much of each row, and of the last rows only."""
    connection.execute(
        f"INSERT INTO damaged (origin, row, sealed) SELECT ?, id, substr(sealed, 1, ?) FROM {table} WHERE id = ?",  # noqa: S608  # one of our own names
        (table, _MAX_DAMAGED_BYTES, row),
    )
    connection.execute(f"DELETE FROM {table} WHERE id = ?", (row,))  # noqa: S608  # as above
    connection.execute("DELETE FROM damaged WHERE id <= (SELECT max(id) FROM damaged) - ?", (_MAX_DAMAGED_ROWS,))
