"""What every outbox does with its queues is in `tests/contracts/test_outboxes.py`."""

from __future__ import annotations

import asyncio

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Delivered, Refused
from sidecar.storage.queues import DAMAGED, Queues, Waiting
from tests.support.outbox import Told


class Store(Queues):
    """Payloads by id; None is damaged, an exception passes."""

    def __init__(self, told: Told, *exporters: str) -> None:
        super().__init__(dict.fromkeys(exporters, 100), told.done)
        self.payloads: dict[int, bytes | Exception | None] = {}
        self.left: list[tuple[str, ...]] = []

    async def payload(self, waiting: Waiting) -> bytes | None:
        payload = self.payloads[waiting.id]
        if isinstance(payload, Exception):
            raise payload
        return payload

    def settled(self, waiting: Waiting) -> None:
        self.left.append(waiting.left)


def waiting(number: int, *left: str, ends: tuple[tuple[str, Delivered | Refused], ...] = ()) -> Waiting:
    return Waiting(number, Signal.TRACES, items=2, size=10, left=left, ends=ends)


def test_a_damaged_payload_ends_as_refused_and_the_next_one_comes() -> None:
    """For the exporter that asked; the other asks for itself, and the items are accounted for."""

    async def scenario() -> None:
        told = Told()
        store = Store(told, "a", "b")
        store.payloads = {1: None, 2: b"fine"}
        store.add([waiting(1, "a", "b"), waiting(2, "a", "b")])
        for name in ("a", "b"):
            assert (await store.queue(name).next()).payload == b"fine"
        assert told.ends == [(b"", {"a": DAMAGED, "b": DAMAGED})]
        assert store.waiting_items[Signal.TRACES] == 2

    asyncio.run(scenario())


def test_a_payload_that_cannot_be_read_now_stays_in_the_queue() -> None:
    """The error is the consumer's to wait out; the batch comes again."""

    async def scenario() -> None:
        store = Store(Told(), "a")
        store.payloads = {1: OSError(5, "an error that passes")}
        store.add([waiting(1, "a")])
        with pytest.raises(OSError, match="passes"):
            await store.queue("a").next()
        store.payloads[1] = b"there"
        assert (await store.queue("a").next()).payload == b"there"

    asyncio.run(scenario())


def test_a_batch_waits_for_those_only_who_have_not_settled_it() -> None:
    """What an earlier process delivered counts in the end."""

    async def scenario() -> None:
        told = Told()
        store = Store(told, "a", "b")
        store.payloads = {1: b"1"}
        store.add([waiting(1, "b", ends=(("a", Delivered(1)),))])
        assert store.queue("a").waiting_batches == 0
        queue = store.queue("b")
        queue.settle(await queue.next(), Refused("no"))
        assert told.ends == [(b"1", {"a": Delivered(1), "b": Refused("no")})]
        assert store.left == [()]

    asyncio.run(scenario())
