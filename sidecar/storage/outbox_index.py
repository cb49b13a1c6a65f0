"""What an earlier process left in the outbox, as far as its successor must know it from the start.

Recovery, row by row
  1. A batch that opens is waiting for those of its exporters that the configuration names.
  2. A batch that does not open, or is missing, is made anew from its payload, for every exporter: rather twice than
     never. Only if its payload does not open either is it lost.
  3. A batch without payload is lost. That no single damaged row explains, so the database is read page by page first.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.storage.outbox_rows import SIGNALS, Seals, Table, batch_from_bytes, batch_to_bytes
from sidecar.storage.outbox_schema import set_row_aside
from sidecar.storage.queues import Waiting
from sidecar.storage.vault import Damaged

_PAYLOADS: Final = "SELECT id, signal, items FROM payloads ORDER BY id"
_BATCHES: Final = "SELECT id, sealed FROM batches ORDER BY id"


class Incomplete(Exception):  # noqa: N818  # named for the state of the database
    """The tables do not agree with each other."""


@dataclass(slots=True)
class Index:
    waiting: list[Waiting] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Batches by exporter that the configuration does not name."""
    damaged: list[tuple[Table, int]] = field(default_factory=list)
    """Rows that do not open."""
    lost: int = 0
    """Batches without payload."""
    restored: list[Waiting] = field(default_factory=list)
    """Those of `waiting` that are made anew from their payloads, and not written yet."""
    last_ids: dict[Table, int] = field(default_factory=dict)


def read_index(connection: sqlite3.Connection, seals: Seals, exporters: Sequence[str], *, complete: bool) -> Index:
    """Raises sqlite3.Error, and Incomplete if the tables do not agree and `complete` says that they must."""
    index = Index()
    for table in Table:
        (last,) = connection.execute(f"SELECT max(id) FROM {table.value}").fetchone()  # noqa: S608  # our own name
        index.last_ids[table] = last or 0
    payloads = {row: (signal, items) for row, signal, items in connection.execute(_PAYLOADS)}
    previous = 0
    for row, sealed in connection.execute(_BATCHES):
        if complete and (row <= previous or row not in payloads):
            raise Incomplete
        previous = row
        if payloads.pop(row, None) is None:
            index.lost += 1
            index.damaged.append((Table.BATCHES, row))
            continue
        try:
            waiting = batch_from_bytes(row, seals.open(sealed, Table.BATCHES, row), exporters)
        except Damaged:
            index.damaged.append((Table.BATCHES, row))
            _restore(connection, seals, exporters, row, index)
            continue
        index.elsewhere.update(waiting.elsewhere)
        if waiting.left:
            index.waiting.append(waiting)
    for row in payloads:
        _restore(connection, seals, exporters, row, index)
    index.waiting.sort(key=lambda waiting: waiting.id)
    return index


def _restore(connection: sqlite3.Connection, seals: Seals, exporters: Sequence[str], row: int, index: Index) -> None:
    signal, items, sealed = connection.execute(
        "SELECT signal, items, sealed FROM payloads WHERE id = ?", (row,)
    ).fetchone()
    try:
        payload = seals.open(sealed, Table.PAYLOADS, row, signal, items)
    except Damaged:
        index.damaged.append((Table.PAYLOADS, row))
        return
    waiting = Waiting(row, SIGNALS[signal], items, len(payload), tuple(exporters))
    index.waiting.append(waiting)
    index.restored.append(waiting)


def repair(connection: sqlite3.Connection, seals: Seals, index: Index) -> None:
    """Writes what `read_index` found out. May be run again."""
    for table, row in index.damaged:
        set_row_aside(connection, table.value, row)
    for waiting in index.restored:
        write_batch(connection, seals, waiting)


def write_batch(connection: sqlite3.Connection, seals: Seals, waiting: Waiting) -> None:
    sealed = seals.seal(batch_to_bytes(waiting), Table.BATCHES, waiting.id)
    connection.execute("INSERT OR REPLACE INTO batches VALUES (?, ?)", (waiting.id, sealed))
