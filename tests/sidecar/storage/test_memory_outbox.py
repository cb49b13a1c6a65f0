"""What both outboxes do is in `tests/contracts/test_outboxes.py`."""

from __future__ import annotations

import asyncio

from processors.processor import Stamp
from sidecar.batch import Delivered
from sidecar.storage.interfaces import Decided, Done
from sidecar.storage.memory_outbox import MemoryOutbox
from tests.support.outbox import Told, traces


def test_it_remembers_nothing_for_the_next_process() -> None:
    """Decisions and done marks are taken and not kept: there is nobody to ask for them."""

    async def scenario() -> None:
        outbox = MemoryOutbox({"a": 100}, Told().done)
        outbox.decide([Decided(1, 2, "p", Stamp("p"), [bytes(16)])], lambda: None)
        await outbox.put(traces(b"1"), [Done(3, (bytes(16),))])
        assert list(outbox.decisions()) == []
        assert outbox.done(0, 10) == {}

    asyncio.run(scenario())


def test_used_bytes_are_those_of_what_waits() -> None:
    """They go with the last exporter."""

    async def scenario() -> None:
        outbox = MemoryOutbox({"a": 100, "b": 100}, Told().done)
        await outbox.put(traces(b"12", b"345"), [])
        assert outbox.used_bytes == 5
        for name in ("a", "b"):
            queue = outbox.queue(name)
            queue.settle(await queue.next(), Delivered())
        assert outbox.used_bytes == 3

    asyncio.run(scenario())
