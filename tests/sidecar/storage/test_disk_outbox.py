"""What both outboxes do is in `tests/contracts/test_outboxes.py`; here is what outlives the process, and what fails."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from processors.otlp.signal import Signal
from processors.processor import Stamp
from sidecar.batch import Delivered, Refused
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.errors import WrongKey
from sidecar.storage.interfaces import Decided, Done, StorageBroken
from sidecar.storage.outbox_schema import PAGE_BYTES, connect
from sidecar.storage.queues import NOT_TAKEN
from tests.support.clock import FakeClock, settle
from tests.support.outbox import KEY, Told, deliver, open_outbox, take, traces, written

IDS = [bytes([number]) * 16 for number in range(1, 6)]


def rows(directory: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(connect(directory / "outbox.db")) as connection:
        return connection.execute(statement).fetchall()


def content(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


async def until_error(told: Told, errors: int) -> None:
    async with asyncio.timeout(10):
        while len(told.errors) < errors:  # noqa: ASYNC110  # the writer's thread tells no event
            await asyncio.sleep(0)


# ── over a restart ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_waits_is_there_after_a_restart(tmp_path: Path) -> None:
    """Counted from the start, in order, in front of what is new."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        await outbox.put([(Signal.TRACES, b"1", 1), (Signal.LOGS, b"2", 5)], [])
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert outbox.waiting_items == {Signal.TRACES: 1, Signal.LOGS: 5, Signal.METRICS: 0}
        assert outbox.queue("a").waiting_bytes == 2
        await outbox.put(traces(b"3"), [])
        assert await deliver(outbox, "a") == [b"1", b"2", b"3"]
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert sum(outbox.waiting_items.values()) == 0
        await outbox.close()

    asyncio.run(scenario())


def test_only_those_who_have_not_settled_get_it_again(tmp_path: Path) -> None:
    """And the outcome of the others is still known when the last one settles."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(tmp_path, "a", "b", "c")
        await outbox.put(traces(b"1", b"2"), [])
        a, b = outbox.queue("a"), outbox.queue("b")
        a.settle(await a.next(), Delivered(1, "what the backend said"))
        b.settle(await b.next(), Refused("http_400"))
        await outbox.close()
        outbox = open_outbox(tmp_path, "a", "b", "c", told=told)
        assert await deliver(outbox, "a") == [b"2"]
        assert await deliver(outbox, "b") == [b"2"]
        assert await deliver(outbox, "c") == [b"1", b"2"]
        assert told.ends[0] == (b"1", {"a": Delivered(1), "b": Refused("http_400"), "c": Delivered()})
        assert told.ends[1] == (b"2", {"a": Delivered(), "b": Delivered(), "c": Delivered()})
        await outbox.close()

    asyncio.run(scenario())


def test_a_new_exporter_gets_what_is_new(tmp_path: Path) -> None:
    """What was put before was not put for it."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, "a")
        await outbox.put(traces(b"old"), [])
        await outbox.close()
        outbox = open_outbox(tmp_path, "a", "b")
        await outbox.put(traces(b"new"), [])
        assert await deliver(outbox, "b") == [b"new"]
        assert await deliver(outbox, "a") == [b"old", b"new"]
        await outbox.close()

    asyncio.run(scenario())


def test_batches_of_an_exporter_that_is_no_longer_named_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They are not counted and block nobody; the log says how many and what to do, and they come when it is back."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, "a", "gone")
        await outbox.put(traces(b"1", b"2"), [])
        await take_and_settle(outbox, "a")
        await outbox.close()

        told = Told()
        outbox = open_outbox(tmp_path, "a", told=told)
        assert outbox.waiting_items[Signal.TRACES] == 1
        assert await deliver(outbox, "a") == [b"2"]
        assert outbox.waiting_items[Signal.TRACES] == 0
        assert told.ends[0] == (b"2", {"a": Delivered()})
        await outbox.close()
        assert "2 batches in the outbox wait for the exporter gone" in caplog.text

        caplog.clear()
        outbox = open_outbox(tmp_path, "a", "gone", told=told)
        assert await deliver(outbox, "gone") == [b"1", b"2"]
        assert told.ends[-2:] == [(payload, {"a": Delivered(), "gone": Delivered()}) for payload in (b"1", b"2")]
        await outbox.close()
        assert not caplog.records

    asyncio.run(scenario())


def test_what_was_put_for_an_exporter_that_takes_it_no_longer_is_not_sent(tmp_path: Path) -> None:
    """It ends as refused, so that it is accounted for; what it takes still comes."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, "a")
        await outbox.put([(Signal.LOGS, b"1", 1), (Signal.TRACES, b"2", 1)], [])
        await outbox.close()

        told = Told()
        outbox = open_outbox(tmp_path, "a", told=told, takes={"a": [Signal.TRACES]})
        assert await deliver(outbox, "a") == [b"2"]
        assert told.ends[:2] == [(b"", {"a": NOT_TAKEN}), (b"2", {"a": Delivered()})]
        await outbox.close()

    asyncio.run(scenario())


async def take_and_settle(outbox: DiskOutbox, exporter: str) -> None:
    queue = outbox.queue(exporter)
    queue.settle(await queue.next(), Delivered())


def test_who_decides_is_told_when_it_is_written(tmp_path: Path) -> None:
    """Not before: what led to the decision may be let go of only then."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        told: list[int] = []
        outbox.decide([Decided(1, 2, "p", None, IDS)], lambda: told.append(1))
        assert not told
        await written(outbox)
        assert told == [1]
        await outbox.close()

    asyncio.run(scenario())


def test_decisions_are_remembered(tmp_path: Path) -> None:
    """All of them, in order, by the next process and by those after it, until they are forgotten."""
    first = [
        Decided(1, 100, "errors", Stamp("errors", 0, None, "error", late=True), IDS[:3]),
        Decided(2, 200, "routine", None, IDS[3:4]),
    ]
    second = [Decided(number, 300, "p", Stamp("p", None, 7), IDS[:1]) for number in range(200)]

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        outbox.decide(first, lambda: None)
        outbox.decide([], lambda: None)
        await outbox.close()
        outbox = open_outbox(tmp_path)
        outbox.decide(second, lambda: None)
        await written(outbox)
        assert list(outbox.decisions()) == first
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert list(outbox.decisions()) == first + second
        outbox.forget(0, 200)
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert list(outbox.decisions()) == first[1:] + second
        await outbox.close()

    asyncio.run(scenario())


def test_done_records_are_remembered(tmp_path: Path) -> None:
    """Of the range that is asked for, until they are forgotten."""
    marks = [Done(1, None), Done(2, tuple(IDS[:2])), Done(2, tuple(IDS[2:3])), Done(9, ())]

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        await outbox.put([], marks[:2])
        await outbox.put(traces(b"1"), marks[2:])
        assert outbox.done(0, 100) == {}
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert outbox.done(1, 2) == {1: marks[:1], 2: marks[1:3]}
        assert outbox.done(3, 9) == {9: marks[3:]}
        outbox.forget(2, 0)
        await outbox.close()
        outbox = open_outbox(tmp_path)
        assert set(outbox.done(0, 100)) == {2, 9}
        await outbox.close()

    asyncio.run(scenario())


def test_much_is_forgotten_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction grows with what there is to forget."""
    monkeypatch.setattr("sidecar.storage.disk_outbox._FORGET_ROWS", 10)

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        await outbox.put([], [Done(ref, None) for ref in range(95)])
        outbox.forget(93, 0)
        await outbox.close()

    asyncio.run(scenario())
    assert rows(tmp_path, "SELECT ref FROM done") == [(93,), (94,)]


def test_a_decision_is_not_written_later_than_its_batches(tmp_path: Path) -> None:
    """Whoever finds the batch finds the decision."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        for number in range(20):
            outbox.decide([Decided(number, 0, "p", None, IDS)], lambda: None)
            await outbox.put(traces(b"%d" % number), [])
            ((decisions,),) = rows(tmp_path, "SELECT count(*) FROM decisions")
            assert decisions == number + 1
        await outbox.close()

    asyncio.run(scenario())


def test_nothing_can_be_read_in_the_files(tmp_path: Path) -> None:
    """No payload, no trace id, no policy, no exporter: not in the log either, nor after deleting."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, "an exporter", "another")
        outbox.decide([Decided(1, 2, "a policy", Stamp("a stamp"), [b"trace id 16 byte"])], lambda: None)
        await outbox.put(traces(b"the payload " * 1000, b"a short one"), [Done(5, (b"trace id 16 byte",))])
        await deliver(outbox, "an exporter")
        await written(outbox)
        everything = content(tmp_path)
        assert len(everything) > 12_000
        for secret in (
            b"the payload",
            b"a short one",
            b"trace id",
            b"a policy",
            b"a stamp",
            b"an exporter",
            b"another",
            KEY[:8],
        ):
            assert secret not in everything
        await outbox.close()

    asyncio.run(scenario())


def test_another_key_is_refused(tmp_path: Path) -> None:
    """The right one opens it still."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        await outbox.put(traces(b"1"), [])
        await outbox.close()
        with pytest.raises(WrongKey, match="put that key back"):
            open_outbox(tmp_path, key=KEY[::-1])
        outbox = open_outbox(tmp_path)
        assert await deliver(outbox, "a") == [b"1"]
        await outbox.close()

    asyncio.run(scenario())


# ── memory and room ────────────────────────────────────────────────────────────────────────────────────────


def test_payloads_are_read_back_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so much of what was put lately stays in memory."""
    monkeypatch.setattr("sidecar.storage.outbox_reader._RECENT_BYTES", 0)
    payloads = [b"%d" % number * 1000 for number in range(50)]

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        outbox._recent._max_bytes = 20_000
        for payload in payloads:
            await outbox.put(traces(payload), [])
        assert len(outbox._recent._payloads) == 10
        assert await deliver(outbox, "a") == payloads
        await outbox.close()

    asyncio.run(scenario())


def test_room_is_given_back_after_an_outage(tmp_path: Path) -> None:
    """All but some slack, without closing."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        for number in range(60):
            await outbox.put(traces(bytes(1_000_000) + b"%d" % number), [])
        assert outbox.used_bytes > 60_000_000
        assert len(await deliver(outbox, "a")) == 60
        await written(outbox)
        task = outbox._writer._task
        assert task is not None
        await task
        assert outbox.used_bytes < 2048 * PAGE_BYTES + 2_000_000
        await outbox.close()
        assert (tmp_path / "outbox.db").stat().st_size == outbox.used_bytes

    asyncio.run(scenario())


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    """The log is written back."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path, fsync_always=True)
        await outbox.put(traces(b"1"), [])
        await outbox.queue("a").next()
        await outbox.close()

    asyncio.run(scenario())
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.db"]


# ── failures ───────────────────────────────────────────────────────────────────────────────────────────────


def set_page_limit(outbox: DiskOutbox, pages: int) -> None:
    """A real SQLITE_FULL, of the connection that writes."""
    connection = outbox._writer._connection
    assert connection is not None
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def test_a_full_disk_makes_put_wait_and_loses_nothing(tmp_path: Path) -> None:
    """What is in the queues goes out meanwhile; once there is room, all goes on in order, without a restart."""

    async def scenario() -> None:
        clock, told = FakeClock(), Told()
        outbox = open_outbox(tmp_path, clock=clock, told=told)
        await outbox.put(traces(b"first"), [])
        await written(outbox)
        set_page_limit(outbox, 20)
        outbox.decide([Decided(1, 2, "p", None, IDS)], lambda: None)
        putting = [asyncio.ensure_future(outbox.put(traces(bytes(1_000_000)), [])) for _ in range(2)]
        await until_error(told, 1)
        assert await take(outbox.queue("a"), 1) == [b"first"]
        await clock.advance(1)
        await until_error(told, 2)
        assert not any(put.done() for put in putting)
        assert outbox.waiting_items[Signal.TRACES] == 1
        set_page_limit(outbox, 1_000_000)
        await clock.advance(1)
        await asyncio.gather(*putting)
        assert outbox.waiting_items[Signal.TRACES] == 3
        assert set(told.errors) == {"SQLITE_FULL"}
        await outbox.close()
        assert len(list(open_outbox(tmp_path).decisions())) == 1

    asyncio.run(scenario())


def test_what_could_not_be_settled_is_settled_once_it_can(tmp_path: Path) -> None:
    """A delivery whose delete fails is not handed out again by this process."""

    async def scenario() -> None:
        clock, told = FakeClock(), Told()
        outbox = open_outbox(tmp_path, clock=clock, told=told)
        await outbox.put(traces(b"1"), [])
        with closing(connect(tmp_path / "outbox.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            await take_and_settle(outbox, "a")
            await until_error(told, 1)
            assert outbox.queue("a").waiting_batches == 0
            other.execute("ROLLBACK")
        await clock.advance(1)
        await outbox.close()
        assert set(told.errors) == {"SQLITE_BUSY"}

    asyncio.run(scenario())
    assert rows(tmp_path, "SELECT id FROM batches UNION SELECT id FROM payloads") == []


def test_a_put_that_is_cancelled_may_still_be_kept_and_then_counts(tmp_path: Path) -> None:
    """It was handed over: in the files and in the queues, or in neither."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        for turns in range(6):
            putting = asyncio.ensure_future(outbox.put(traces(b"%d" % turns), []))
            await settle(turns)
            putting.cancel()
            await asyncio.gather(putting, return_exceptions=True)
            await written(outbox)
            ((stored,),) = rows(tmp_path, "SELECT count(*) FROM payloads")
            assert outbox.queue("a").waiting_batches == stored
        assert (await deliver(outbox, "a"))[-1] == b"5"
        await outbox.close()

    asyncio.run(scenario())


def test_closing_while_nothing_can_be_written_ends_a_put_with_an_error(tmp_path: Path) -> None:
    """Nobody waits for ever for a disk that does not come back."""

    async def scenario() -> None:
        told = Told()
        outbox = open_outbox(tmp_path, clock=FakeClock(), told=told)
        await written(outbox)
        set_page_limit(outbox, 20)
        putting = asyncio.ensure_future(outbox.put(traces(bytes(1_000_000)), []))
        await until_error(told, 1)
        await outbox.close()
        with pytest.raises(StorageBroken):
            await putting

    asyncio.run(scenario())
