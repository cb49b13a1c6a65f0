"""Makes a new database of what opens in an old one that SQLite does not read as it should.

Whatever led to a row is ignored: every row of every page that is in use is tried, and what opens is taken over as it
stands, under its old id. So damage costs the rows whose own bytes it hit. A page that was freed can come back as used
only if the pointer map is damaged, too: then batches are delivered twice.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sidecar.storage.errors import WrongKey
from sidecar.storage.outbox_pages import Pages, Unreadable, Value
from sidecar.storage.outbox_rows import Seals, Table, batch_from_bytes, plain_of
from sidecar.storage.outbox_schema import connect, create_tables
from sidecar.storage.vault import KEY_ID_BYTES, Damaged, Vault

_BY_COLUMNS: Final = {2: (Table.BATCHES,), 3: (Table.DECISIONS, Table.DONE), 4: (Table.PAYLOADS,)}
"""The id is the first of them, and not in the record."""
_INSERT: Final = {
    Table.BATCHES: "INSERT OR REPLACE INTO batches VALUES (?, ?)",
    Table.PAYLOADS: "INSERT OR REPLACE INTO payloads VALUES (?, ?, ?, ?)",
    Table.DECISIONS: "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)",
    Table.DONE: "INSERT OR REPLACE INTO done VALUES (?, ?, ?)",
}
_COLUMNS: Final = (*_BY_COLUMNS, 5)
"""Those of SQLite's own table as well. A row with text in its second column is of `damaged`, and stays behind."""
_COMMIT_BYTES: Final = 16 * 1024 * 1024


def salvage(old: Path, log: Path, new: Path, vault: Vault, seals: Seals) -> Counter[str]:
    """What was found damaged: `database`, and each `batch` and each other `row` that is lost.

    Raises WrongKey, sqlite3.Error and OSError; `old` and `log` are only read.
    """
    with closing(connect(new, fsync_always=True)) as connection, Pages(old, log) as pages:
        create_tables(connection, vault.key_id)
        found = _Found(connection, vault, seals, pages)
        lost = found.copy()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if found.other_key and not found.opened and lost:
        raise WrongKey(f"the outbox {old}")
    return lost + Counter(database=1)


class _Found:
    def __init__(self, connection: sqlite3.Connection, vault: Vault, seals: Seals, pages: Pages) -> None:
        self.opened = 0
        self.other_key = False
        self._connection = connection
        self._vault = vault
        self._seals = seals
        self._pages = pages
        self._plain: dict[int, tuple[int, int]] = {}
        """Of the batches that opened: the plain columns of their payloads."""
        self._uncommitted_bytes = 0
        self._in_pieces = 0

    def copy(self) -> Counter[str]:
        lost: Counter[str] = Counter()
        self._connection.execute("BEGIN")
        for row, values in self._rows(2, 3):
            if len(values) == 2 and row == 1 and isinstance(values[1], bytes) and len(values[1]) == KEY_ID_BYTES:
                self.other_key |= values[1] != self._vault.key_id
            elif not self._take(row, values):
                # A batch can be made again from its payload.
                lost["row"] += len(values) == 3
        lost["row"] += self._in_pieces
        lost["batch"] = self._copy_payloads()
        self._connection.execute("COMMIT")
        return +lost

    def _copy_payloads(self) -> int:
        """The number of batches that are lost."""
        without = set(self._plain)
        unreadable = set()
        for row, values in self._rows(4):
            if self._take(row, values) or (
                row in self._plain and self._take(row, [None, *self._plain[row], values[3]])
            ):
                without.discard(row)
            else:
                unreadable.add(row)
        lost = without | unreadable
        self._connection.executemany("DELETE FROM batches WHERE id = ?", [(row,) for row in lost])
        return len(lost)

    def _rows(self, *columns: int) -> Iterator[tuple[int, list[Value]]]:
        self._in_pieces = 0
        for row in self._pages.rows():
            if row is None or len(row.types) not in _COLUMNS:
                self._in_pieces += 1
            elif len(row.types) in columns and not _is_text(row.types[1]):
                try:
                    yield row.id, row.values()
                except Unreadable:
                    yield row.id, [None] * len(row.types)

    def _take(self, row: int, values: list[Value]) -> bool:
        _, *plain, sealed = values
        for table in _BY_COLUMNS[len(values)]:
            try:
                data = self._seals.open(sealed, table, row, *plain)
            except Damaged:
                continue
            self.opened += 1
            if table is Table.BATCHES:
                self._plain[row] = plain_of(batch_from_bytes(row, data, ()))
            self._insert(table, row, plain, sealed)
            return True
        return False

    def _insert(self, table: Table, row: int, plain: list[Value], sealed: Value) -> None:
        self._connection.execute(_INSERT[table], (row, *plain, sealed))
        self._uncommitted_bytes += len(sealed) if isinstance(sealed, bytes) else 0
        if self._uncommitted_bytes > _COMMIT_BYTES:
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN")
            self._uncommitted_bytes = 0


def _is_text(kind: int) -> bool:
    return kind > 12 and kind % 2 == 1
