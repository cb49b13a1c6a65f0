"""What both outboxes promise (`sidecar/storage/interfaces.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Delivered, Refused
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.interfaces import Outbox
from sidecar.storage.memory_outbox import MemoryOutbox
from sidecar.storage.queues import Takes
from sidecar.storage.vault import Vault
from tests.support.clock import FakeClock, settle
from tests.support.outbox import KEY, PLENTY, Told, take, traces

Scenario = Callable[[Outbox, Told], Awaitable[None]]
Run = Callable[..., None]


@pytest.fixture(params=["memory", "disk"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Runs a scenario with an outbox for the exporters a and b, or for those whose limits are given."""

    def runner(scenario: Scenario, *, takes: Takes | None = None, **limits: int) -> None:
        async def whole() -> None:
            told = Told()
            max_bytes = limits or {"a": PLENTY, "b": PLENTY}
            outbox: Outbox
            if request.param == "memory":
                outbox = MemoryOutbox(max_bytes, told.done, takes)
            else:
                outbox = DiskOutbox(
                    tmp_path, Vault(KEY), max_bytes, told.done, fsync_always=False, clock=FakeClock(),
                    on_damage=told.damage.append, on_error=told.errors.append, takes=takes,
                )  # fmt: skip
            await scenario(outbox, told)
            await outbox.close()
            assert not told.damage
            assert not told.errors

        asyncio.run(whole())

    return runner


def test_every_exporter_gets_every_batch_in_order(run: Run) -> None:
    """Two exporters drain the same batches independently."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put([(Signal.TRACES, b"1", 1), (Signal.LOGS, b"2", 2)], [])
        await outbox.put([(Signal.METRICS, b"3", 3)], [])
        for name in ("a", "b"):
            queue = outbox.queue(name)
            got = [await queue.next() for _ in range(3)]
            assert [(batch.signal, batch.payload, batch.items) for batch in got] == [
                (Signal.TRACES, b"1", 1),
                (Signal.LOGS, b"2", 2),
                (Signal.METRICS, b"3", 3),
            ]

    run(scenario)


def test_an_exporter_gets_only_the_signals_it_takes(run: Run) -> None:
    """The others are done without it, and take no room in its queue."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        assert [signal for signal in Signal if outbox.takes(signal)] == [Signal.TRACES, Signal.LOGS]
        await outbox.put([(Signal.LOGS, b"1", 1), (Signal.TRACES, b"2", 2)], [])
        assert [outbox.queue(name).waiting_batches for name in ("a", "b")] == [1, 2]
        batch = await outbox.queue("a").next()
        assert batch.payload == b"2"
        outbox.queue("a").settle(batch, Delivered())
        for _ in range(2):
            outbox.queue("b").settle(await outbox.queue("b").next(), Delivered())
        assert told.ends == [(b"1", {"b": Delivered()}), (b"2", {"a": Delivered(), "b": Delivered()})]

    run(scenario, takes={"a": [Signal.TRACES], "b": [Signal.TRACES, Signal.LOGS]})


def test_a_batch_is_done_when_its_last_exporter_settles_it(run: Run) -> None:
    """`on_done` hears once, with each exporter's own outcome; until then the items are waiting."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put([(Signal.TRACES, b"1", 3)], [])
        a, b = outbox.queue("a"), outbox.queue("b")
        a.settle(await a.next(), Delivered(1))
        assert not told.ends
        assert outbox.waiting_items[Signal.TRACES] == 3
        b.settle(await b.next(), Refused("no"))
        assert told.ends == [(b"1", {"a": Delivered(1), "b": Refused("no")})]
        assert outbox.waiting_items[Signal.TRACES] == 0

    run(scenario)


def test_what_is_handed_out_waits_still_and_is_not_handed_out_twice(run: Run) -> None:
    """The queue counts it until it is settled, and gives the next consumer the next batch."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put(traces(b"1", b"22"), [])
        queue = outbox.queue("a")
        first = await queue.next()
        assert (queue.waiting_batches, queue.waiting_bytes) == (2, 3)
        assert (await queue.next()).payload == b"22"
        queue.settle(first, Delivered())
        assert (queue.waiting_batches, queue.waiting_bytes) == (1, 2)

    run(scenario)


def test_a_batch_given_back_comes_again_in_its_old_place(run: Run) -> None:
    """Order survives a retry, in whatever order batches are given back."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put(traces(b"1", b"2", b"3"), [])
        queue = outbox.queue("a")
        first, second = await queue.next(), await queue.next()
        queue.give_back(first)
        queue.give_back(second)
        assert await take(queue, 3) == [b"1", b"2", b"3"]
        assert queue.waiting_batches == 3

    run(scenario)


def test_next_waits_for_what_is_put_later(run: Run) -> None:
    """Each of two waiting consumers gets one of two batches."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        queue = outbox.queue("a")
        consumers = [asyncio.ensure_future(queue.next()) for _ in range(2)]
        await settle()
        await outbox.put(traces(b"1", b"2"), [])
        assert {(await consumer).payload for consumer in consumers} == {b"1", b"2"}

    run(scenario)


def test_a_cancelled_next_hands_out_nothing(run: Run) -> None:
    """The batch is there for the next consumer, at whatever moment the first was cancelled."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        queue = outbox.queue("a")
        for turns in range(4):
            consumer = asyncio.ensure_future(queue.next())
            await settle(turns)
            consumer.cancel()
            assert await asyncio.gather(consumer, return_exceptions=True)
        await outbox.put(traces(b"1"), [])
        for turns in range(3):
            consumer = asyncio.ensure_future(queue.next())
            await settle(turns)
            if consumer.done():
                queue.give_back(consumer.result())
            consumer.cancel()
            await asyncio.gather(consumer, return_exceptions=True)
        assert await take(queue, 1) == [b"1"]

    run(scenario)


def test_put_counts_at_the_moment_it_returns(run: Run) -> None:
    """Not a turn earlier or later: what moves from one stage to the next is counted in exactly one of them."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        seen = []
        ended = asyncio.Event()

        async def putting() -> None:
            await outbox.put([(Signal.LOGS, b"1", 7)], [])
            seen.append(outbox.waiting_items[Signal.LOGS])
            ended.set()

        task = asyncio.ensure_future(putting())
        while not ended.is_set():
            assert outbox.waiting_items[Signal.LOGS] == 0
            await asyncio.sleep(0)
        await task
        assert seen == [7]
        assert outbox.queue("b").waiting_batches == 1

    run(scenario)


def test_puts_at_the_same_time_keep_their_order(run: Run) -> None:
    """First come, first handed out; each put's batches stay together."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await asyncio.gather(*(outbox.put(traces(b"%d a" % n, b"%d b" % n), []) for n in range(20)))
        expected = [b"%d %s" % (n, part) for n in range(20) for part in (b"a", b"b")]
        assert await take(outbox.queue("a"), 40) == expected

    run(scenario)


def test_a_put_without_batches_is_fine(run: Run) -> None:
    """A transform of which nothing was left still has records that are done."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put([], [])
        assert outbox.queue("a").waiting_batches == 0

    run(scenario)


def test_a_full_queue_asks_to_wait_and_says_when_there_is_room(run: Run) -> None:
    """One exporter over its limit holds back the transform, which holds back nothing that is in the outbox."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put(traces(b"123"), [])
        assert not outbox.has_room()
        waiter = asyncio.ensure_future(outbox.wait_for_room())
        await settle()
        assert not waiter.done()
        a = outbox.queue("a")
        a.settle(await a.next(), Delivered())
        await waiter
        assert outbox.has_room()

    run(scenario, a=2, b=100)


def test_a_slow_exporter_does_not_hold_back_the_other(run: Run) -> None:
    """What one has settled is gone from its queue, whatever the other does."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put(traces(*(b"%d" % n for n in range(50))), [])
        fast = outbox.queue("a")
        for _ in range(50):
            fast.settle(await fast.next(), Delivered())
        assert (fast.waiting_batches, fast.waiting_bytes) == (0, 0)
        assert outbox.queue("b").waiting_batches == 50
        assert outbox.waiting_items[Signal.TRACES] == 50
        assert not told.ends

    run(scenario)


def test_it_takes_room_while_something_waits(run: Run) -> None:
    """`used_bytes` is at least what the payloads have."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        await outbox.put(traces(bytes(100_000)), [])
        assert outbox.used_bytes >= 100_000

    run(scenario)


def test_a_new_outbox_remembers_nothing(run: Run) -> None:
    """No decisions, no done records; to forget is no error."""

    async def scenario(outbox: Outbox, told: Told) -> None:
        assert list(outbox.decisions()) == []
        assert outbox.done(0, 1 << 62) == {}
        outbox.forget(5, 5)

    run(scenario)
