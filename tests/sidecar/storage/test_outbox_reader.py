from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from processors.otlp.signal import Signal
from sidecar.storage.outbox_reader import Reader, Recent
from sidecar.storage.outbox_rows import Seals, Table
from sidecar.storage.outbox_schema import connect, create_tables
from sidecar.storage.queues import Waiting
from sidecar.storage.vault import Damaged, Vault
from tests.support.outbox import KEY

BATCH = Waiting(1, Signal.LOGS, 3, 7, ("a",))


def test_recent_payloads_are_at_hand_up_to_so_many_bytes() -> None:
    """The oldest goes first; dropping one makes room."""
    recent = Recent(10)
    for number in (1, 2, 3):
        recent.add(number, bytes(4))
    assert [recent.get(number) is not None for number in (1, 2, 3)] == [False, True, True]
    recent.drop(2)
    recent.drop(2)
    recent.add(4, bytes(6))
    assert [recent.get(number) is not None for number in (3, 4)] == [True, True]
    recent.add(5, bytes(11))
    assert [recent.get(number) for number in (3, 4, 5)] == [None, None, None]


def test_it_reads_what_another_connection_wrote(tmp_path: Path) -> None:
    """Also when a plain column beside it is damaged: the batch knows better."""

    async def scenario() -> None:
        seals = Seals(Vault(KEY))
        with closing(connect(tmp_path / "outbox.db")) as connection:
            create_tables(connection, b"")
            reader = Reader(partial(connect, tmp_path / "outbox.db"), seals)
            assert await reader.payload(BATCH) is None
            sealed = seals.seal(b"payload", Table.PAYLOADS, 1, 1, 3)
            connection.execute("INSERT INTO payloads VALUES (1, 99, 99, ?)", (sealed,))
            assert await reader.payload(BATCH) == b"payload"
            connection.execute("UPDATE payloads SET sealed = ?", (sealed[::-1],))
            with pytest.raises(Damaged):
                await reader.payload(BATCH)
            await reader.close()

    asyncio.run(scenario())


def test_it_writes_nothing(tmp_path: Path) -> None:
    """Its connection cannot."""
    with closing(connect(tmp_path / "outbox.db")) as connection:
        create_tables(connection, b"")
    reader = Reader(partial(connect, tmp_path / "outbox.db"), Seals(Vault(KEY)))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.rows("DELETE FROM done", ())
    asyncio.run(reader.close())


def test_an_error_costs_the_connection_only(tmp_path: Path) -> None:
    """The next read makes a new one; so it does after `apart`."""
    with closing(connect(tmp_path / "outbox.db")) as connection:
        create_tables(connection, b"")
    made = []

    def connecting() -> sqlite3.Connection:
        made.append(1)
        return connect(tmp_path / "outbox.db")

    reader = Reader(connecting, Seals(Vault(KEY)))
    with pytest.raises(sqlite3.OperationalError):
        reader.rows("SELECT * FROM nothing", ())
    assert reader.rows("SELECT * FROM done", ()) == []
    with reader.apart():
        assert not list(tmp_path.glob("outbox.db-*"))
    assert reader.rows("SELECT * FROM done", ()) == []
    assert len(made) == 3
    asyncio.run(reader.close())
