"""The outbox in memory: one queue per exporter over shared batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused
from sidecar.storage.interfaces import OnDone


@dataclass(slots=True)
class _Pending:
    batch: Batch
    left: int
    outcomes: dict[str, Delivered | Refused] = field(default_factory=dict)


class _Queue:
    """Batches one exporter has not settled. `waiting_*` counts those handed out, too."""

    def __init__(self, name: str, outbox: MemoryOutbox, max_bytes: int) -> None:
        self.name = name
        self.max_bytes = max_bytes
        self.waiting_bytes = 0
        self.waiting_batches = 0
        self._outbox = outbox
        self._ready: deque[Batch] = deque()
        self._arrived = asyncio.Event()

    def _add(self, batch: Batch) -> None:
        self._ready.append(batch)
        self.waiting_bytes += len(batch.payload)
        self.waiting_batches += 1
        self._arrived.set()

    async def next(self) -> Batch:
        while not self._ready:
            self._arrived.clear()
            await self._arrived.wait()
        return self._ready.popleft()

    def give_back(self, batch: Batch) -> None:
        self._ready.appendleft(batch)
        self._arrived.set()

    def settle(self, batch: Batch, outcome: Delivered | Refused) -> None:
        self.waiting_bytes -= len(batch.payload)
        self.waiting_batches -= 1
        self._outbox._settle(self.name, batch, outcome)  # noqa: SLF001  # the queue is the outbox's own hand


class MemoryOutbox:
    """`max_bytes` by exporter name. A queue takes batches until it is over its limit, never refuses one half-way."""

    def __init__(self, max_bytes: Mapping[str, int], on_done: OnDone) -> None:
        self._queues = {name: _Queue(name, self, limit) for name, limit in max_bytes.items()}
        self._on_done = on_done
        self._pending: dict[int, _Pending] = {}
        self._next_id = 0
        self._room = asyncio.Event()
        self._room.set()
        self._items = dict.fromkeys(Signal, 0)

    def put(self, batches: Sequence[tuple[Signal, bytes, int]]) -> None:
        for signal, payload, items in batches:
            batch = Batch(self._next_id, signal, payload, items)
            self._next_id += 1
            self._pending[batch.id] = _Pending(batch, len(self._queues))
            self._items[signal] += items
            for queue in self._queues.values():
                queue._add(batch)  # noqa: SLF001  # the queue is the outbox's own hand
        self._update_room()

    def has_room(self) -> bool:
        return all(queue.waiting_bytes < queue.max_bytes for queue in self._queues.values())

    async def wait_for_room(self) -> None:
        await self._room.wait()

    def queue(self, exporter: str) -> _Queue:
        return self._queues[exporter]

    @property
    def waiting_items(self) -> Mapping[Signal, int]:
        return self._items

    def _settle(self, exporter: str, batch: Batch, outcome: Delivered | Refused) -> None:
        pending = self._pending[batch.id]
        pending.outcomes[exporter] = outcome
        pending.left -= 1
        if pending.left == 0:
            del self._pending[batch.id]
            self._items[batch.signal] -= batch.items
            self._on_done(batch, pending.outcomes)
        self._update_room()

    def _update_room(self) -> None:
        if self.has_room():
            self._room.set()
        else:
            self._room.clear()
