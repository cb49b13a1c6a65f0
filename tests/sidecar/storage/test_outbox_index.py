from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Delivered
from sidecar.storage.outbox_index import Incomplete, Index, read_index, repair, write_batch
from sidecar.storage.outbox_rows import Seals, Table, plain_of
from sidecar.storage.outbox_schema import connect, create_tables
from sidecar.storage.queues import Waiting
from sidecar.storage.vault import Vault
from tests.support.outbox import KEY


class Rows:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.seals = Seals(Vault(KEY))

    def batch(self, waiting: Waiting, payload: bytes | None) -> Waiting:
        write_batch(self.connection, self.seals, waiting)
        if payload is not None:
            plain = plain_of(waiting)
            sealed = self.seals.seal(payload, Table.PAYLOADS, waiting.id, *plain)
            self.connection.execute("INSERT INTO payloads VALUES (?, ?, ?, ?)", (waiting.id, *plain, sealed))
        return waiting

    def read(self, *exporters: str, complete: bool = True) -> Index:
        return read_index(self.connection, self.seals, exporters, complete=complete)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    with closing(connect(tmp_path / "outbox.db")) as connection:
        create_tables(connection, b"")
        yield Rows(connection)


def waiting(number: int, *left: str) -> Waiting:
    return Waiting(number, Signal.LOGS, 3, 7, left)


def test_what_waits_is_found_oldest_first(rows: Rows) -> None:
    """With the outcomes of those who are through, and the last id of each table."""
    second = rows.batch(waiting(9, "a", "b"), b"payload")
    first = rows.batch(Waiting(4, Signal.TRACES, 1, 7, ("b",), ends=(("a", Delivered(1)),)), b"payload")
    index = rows.read("a", "b")
    assert index.waiting == [first, second]
    assert (index.damaged, index.restored, index.lost) == ([], [], 0)
    assert index.last_ids == {Table.BATCHES: 9, Table.PAYLOADS: 9, Table.DECISIONS: 0, Table.DONE: 0}


def test_exporters_without_a_name_in_the_configuration_are_counted(rows: Rows) -> None:
    """A batch that waits for them alone is not waiting."""
    rows.batch(waiting(1, "a", "gone"), b"payload")
    rows.batch(waiting(2, "gone"), b"payload")
    index = rows.read("a", "new")
    assert [(each.id, each.left, each.elsewhere) for each in index.waiting] == [(1, ("a",), ("gone",))]
    assert index.elsewhere == {"gone": 2}


@pytest.mark.parametrize("damage", ["DELETE FROM batches", "UPDATE batches SET sealed = zeroblob(200)"])
def test_a_batch_is_made_anew_from_its_payload(rows: Rows, damage: str) -> None:
    """For every exporter, and written so."""
    rows.batch(Waiting(1, Signal.LOGS, 3, 7, ("b",), ends=(("a", Delivered()),)), b"payload")
    rows.connection.execute(damage)
    index = rows.read("a", "b")
    assert index.waiting == [waiting(1, "a", "b")]
    for _ in range(2):
        repair(rows.connection, rows.seals, index)
    again = rows.read("a", "b")
    assert (again.waiting, again.restored, again.damaged) == ([waiting(1, "a", "b")], [], [])


def test_a_payload_without_batch_that_does_not_open_is_lost(rows: Rows) -> None:
    """Both rows are set aside."""
    rows.batch(waiting(1, "a"), b"payload")
    rows.connection.execute("UPDATE batches SET sealed = zeroblob(200)")
    rows.connection.execute("UPDATE payloads SET signal = 7")
    index = rows.read("a")
    assert index.waiting == []
    assert index.damaged == [(Table.BATCHES, 1), (Table.PAYLOADS, 1)]
    repair(rows.connection, rows.seals, index)
    assert rows.connection.execute("SELECT origin, row FROM damaged").fetchall() == [("batches", 1), ("payloads", 1)]
    assert rows.read("a").damaged == []


def test_a_batch_without_payload_means_that_the_database_is_not_complete(rows: Rows) -> None:
    """It is lost only if nothing better can be done."""
    rows.batch(waiting(1, "a"), None)
    with pytest.raises(Incomplete):
        rows.read("a")
    index = rows.read("a", complete=False)
    assert (index.waiting, index.lost, index.damaged) == ([], 1, [(Table.BATCHES, 1)])
