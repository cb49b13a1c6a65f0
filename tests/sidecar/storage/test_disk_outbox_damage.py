"""Damaged rows and damaged pages, at the start and while it is used."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Delivered
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.interfaces import Decided, Done
from sidecar.storage.outbox_schema import PAGE_BYTES, connect
from sidecar.storage.queues import DAMAGED
from tests.support.outbox import Told, deliver, open_outbox, traces

IDS = [bytes([number]) * 16 for number in range(1, 6)]


def rows(directory: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(connect(directory / "outbox.db")) as connection:
        return connection.execute(statement).fetchall()


async def take_and_settle(outbox: DiskOutbox, exporter: str) -> None:
    queue = outbox.queue(exporter)
    queue.settle(await queue.next(), Delivered())


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Three batches for a and b, two decisions, two done marks."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, "a", "b")
        outbox.decide([Decided(1, 2, "first", None, IDS), Decided(3, 4, "second", None, IDS)], lambda: None)
        await outbox.put(traces(b"1", b"2", b"3"), [Done(1, None), Done(2, None)])
        await outbox.close()

    asyncio.run(scenario())
    return tmp_path


def change(directory: Path, statement: str) -> None:
    with closing(connect(directory / "outbox.db")) as connection:
        connection.execute(statement)


def test_a_damaged_payload_costs_its_batch(filled: Path) -> None:
    """It ends as refused for everyone, is counted once, and is set aside; the others go out."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(filled, "a", "b", told=told)
        assert await deliver(outbox, "a") == [b"1", b"3"]
        assert await deliver(outbox, "b") == [b"1", b"3"]
        assert (b"", {"a": DAMAGED, "b": DAMAGED}) in told.ends
        assert told.damage == ["batch"]
        assert outbox.waiting_items[Signal.TRACES] == 1
        await outbox.close()

    change(filled, "UPDATE payloads SET sealed = zeroblob(100) WHERE id = 1 + (SELECT min(id) FROM payloads)")
    asyncio.run(scenario())
    assert [origin for (origin,) in rows(filled, "SELECT origin FROM damaged")] == ["payloads"]


def test_a_damaged_batch_row_costs_nothing_but_a_repetition(filled: Path) -> None:
    """Its payload is whole, so it goes to everyone."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(filled, "a", "b", told=told)
        assert await deliver(outbox, "a") == [b"1", b"2", b"3"]
        assert told.damage == ["batch"] * 3
        await outbox.close()
        told.damage.clear()
        outbox = open_outbox(filled, "a", "b", told=told)
        assert await deliver(outbox, "a") == []
        assert await deliver(outbox, "b") == [b"1", b"2", b"3"]
        assert told.damage == []
        await outbox.close()

    change(filled, "UPDATE batches SET sealed = zeroblob(100)")
    asyncio.run(scenario())


def test_a_damaged_decision_was_never_made(filled: Path) -> None:
    """The others are; it is set aside, and told of once."""

    async def scenario() -> None:
        for expected in (["decision"], []):
            told = Told()
            outbox = open_outbox(filled, "a", told=told)
            assert [decided.policy for decided in outbox.decisions()] == ["second"]
            assert told.damage == expected
            await outbox.close()

    change(filled, "UPDATE decisions SET until_unix_nano = 99 WHERE until_unix_nano = 2")
    asyncio.run(scenario())


def test_a_damaged_done_mark_was_never_set(filled: Path) -> None:
    """Its record is done again: rather twice than never."""

    async def scenario() -> None:
        for expected in (["done"], []):
            told = Told()
            outbox = open_outbox(filled, "a", told=told)
            assert outbox.done(0, 99) == {2: [Done(2, None)]}
            assert told.damage == expected
            await outbox.close()

    change(filled, "UPDATE done SET ref = 7 WHERE ref = 1")
    asyncio.run(scenario())


def large(directory: Path, monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """As if it were too large to be checked whole at start: many pages of payloads."""
    monkeypatch.setattr("sidecar.storage.outbox_file._FULL_CHECK_BYTES", 0)

    async def scenario() -> None:
        outbox = open_outbox(directory)
        for number in range(0, 4000, 100):
            await outbox.put(traces(*(b"%d %s" % (each, bytes(3000)) for each in range(number, number + 100))), [])
        await outbox.close()

    asyncio.run(scenario())
    return bytearray((directory / "outbox.db").read_bytes())


def test_a_payload_that_is_not_found_makes_the_database_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that leads to payloads is damaged: all of them are still there, and delivered.

    Deletes that went the wrong way before it was found out leave a few to be delivered again.
    """
    content = large(tmp_path, monkeypatch)
    ((root,),) = rows(tmp_path, "SELECT rootpage FROM sqlite_schema WHERE name = 'payloads'")
    at = (root - 1) * PAGE_BYTES
    cells = int.from_bytes(content[at + 3 : at + 5], "big")
    for cell in range(cells):
        pointer = at + int.from_bytes(content[at + 12 + 2 * cell : at + 14 + 2 * cell], "big")
        # The lowest bits of the id that divides two leaves.
        content[pointer + 4 + 7] ^= 0x70
    (tmp_path / "outbox.db").write_bytes(content)

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(tmp_path, told=told)
        got = await deliver(outbox, "a")
        assert [int(payload.split()[0]) for payload in got] == list(range(4000))
        assert told.damage == ["database"]
        await outbox.close()
        outbox = open_outbox(tmp_path, told=told)
        assert sum(outbox.waiting_items.values()) < 400
        assert told.damage == ["database"]
        await outbox.close()

    asyncio.run(scenario())


def test_a_payload_is_not_given_up_because_there_is_no_room_to_look_for_it(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch waits, for both consumers that want it, until the database could be made anew."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(filled, "a", "b", told=told)
        rebuild, real = outbox._file.rebuild, outbox._reader._read
        rebuilds: list[bool] = []

        def without_room() -> None:
            raise error_full

        def with_room() -> None:
            rebuilds.append(True)
            rebuild()

        monkeypatch.setattr(outbox._reader, "_read", lambda waiting: real(waiting) if rebuilds else None)
        monkeypatch.setattr(outbox._file, "rebuild", without_room)
        with pytest.raises(sqlite3.OperationalError):
            await outbox.queue("a").next()
        assert told.errors == ["SQLITE_FULL"]
        monkeypatch.setattr(outbox._file, "rebuild", with_room)
        first = await asyncio.gather(*(outbox.queue(name).next() for name in ("a", "b")))
        assert [batch.payload for batch in first] == [b"1", b"1"]
        assert rebuilds == [True]
        assert told.damage == ["database"]
        await outbox.close()

    error_full = sqlite3.OperationalError()
    error_full.sqlite_errorcode, error_full.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
    asyncio.run(scenario())


def test_a_database_that_breaks_while_it_is_used_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The list of free pages leads nowhere: SQLite finds out when it wants to write. Nothing is lost."""
    large(tmp_path, monkeypatch)

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(tmp_path, told=told)
        for _ in range(1000):
            await take_and_settle(outbox, "a")
        await outbox.close()
        content = bytearray((tmp_path / "outbox.db").read_bytes())
        trunk = int.from_bytes(content[32:36], "big")
        assert trunk
        content[(trunk - 1) * PAGE_BYTES : trunk * PAGE_BYTES] = b"\xff" * PAGE_BYTES
        (tmp_path / "outbox.db").write_bytes(content)
        outbox = open_outbox(tmp_path, told=told)
        assert told.damage == []
        await outbox.put(traces(bytes(1_000_000)), [])
        assert told.errors == ["SQLITE_CORRUPT"]
        assert len(await deliver(outbox, "a")) == 3001
        await outbox.close()
        assert told.damage == ["database"]
        assert sum(open_outbox(tmp_path).waiting_items.values()) == 0

    caplog.set_level(logging.WARNING)
    asyncio.run(scenario())
    assert "cannot be written" in caplog.text


def test_decisions_that_cannot_be_read_were_never_made(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails at the start costs repetitions, not the start."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(filled, "a", told=told)

        def fails(*_: object) -> None:
            raise sqlite3.OperationalError

        with monkeypatch.context() as patched:
            patched.setattr(outbox._reader, "rows", fails)
            assert list(outbox.decisions()) == []
            assert outbox.done(0, 99) == {}
        assert told.damage == ["decision", "done"]
        assert told.errors == ["OperationalError"] * 2
        await outbox.close()

    asyncio.run(scenario())
