from __future__ import annotations

import asyncio
from collections.abc import Mapping

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Outcome, Refused
from sidecar.storage.memory_outbox import MemoryOutbox


class Done:
    def __init__(self) -> None:
        self.batches: list[tuple[bytes, dict[str, Outcome]]] = []

    def __call__(self, batch: Batch, outcomes: Mapping[str, Outcome]) -> None:
        self.batches.append((batch.payload, dict(outcomes)))


def test_every_exporter_gets_every_batch_in_order() -> None:
    """Two exporters drain the same batches independently."""

    async def scenario() -> None:
        outbox = MemoryOutbox({"a": 100, "b": 100}, Done())
        outbox.put([(Signal.TRACES, b"1", 1), (Signal.LOGS, b"2", 2)])
        for name in ("a", "b"):
            queue = outbox.queue(name)
            assert [(await queue.next()).payload, (await queue.next()).payload] == [b"1", b"2"]

    asyncio.run(scenario())


def test_a_batch_is_done_when_its_last_exporter_settles_it() -> None:
    """`on_done` hears once, with each exporter's own outcome; until then the items are waiting."""

    async def scenario() -> None:
        done = Done()
        outbox = MemoryOutbox({"a": 100, "b": 100}, done)
        outbox.put([(Signal.TRACES, b"1", 3)])
        a, b = outbox.queue("a"), outbox.queue("b")
        a.settle(await a.next(), Delivered())
        assert not done.batches
        assert outbox.waiting_items[Signal.TRACES] == 3
        b.settle(await b.next(), Refused("no"))
        assert done.batches == [(b"1", {"a": Delivered(), "b": Refused("no")})]
        assert outbox.waiting_items[Signal.TRACES] == 0

    asyncio.run(scenario())


def test_a_batch_given_back_comes_again_first() -> None:
    """Order survives a retry."""

    async def scenario() -> None:
        outbox = MemoryOutbox({"a": 100}, Done())
        outbox.put([(Signal.TRACES, b"1", 1), (Signal.TRACES, b"2", 1)])
        queue = outbox.queue("a")
        queue.give_back(await queue.next())
        assert (await queue.next()).payload == b"1"
        assert queue.waiting_batches == 2

    asyncio.run(scenario())


def test_a_full_queue_asks_to_wait_and_says_when_there_is_room() -> None:
    """One exporter over its limit holds back the transform, which holds back nothing that is in the outbox."""

    async def scenario() -> None:
        outbox = MemoryOutbox({"a": 2, "b": 100}, Done())
        outbox.put([(Signal.TRACES, b"123", 1)])
        assert not outbox.has_room()
        waiter = asyncio.ensure_future(outbox.wait_for_room())
        await asyncio.sleep(0)
        assert not waiter.done()
        a = outbox.queue("a")
        a.settle(await a.next(), Delivered())
        await waiter

    asyncio.run(scenario())
