"""What waits for which exporter: the part of an outbox that is in memory, wherever the payloads are.

Invariants
  1. A batch is in the queue of every exporter that has not settled it, or handed out by that queue, and never both.
  2. A queue hands out the oldest batch (lowest id) it has. One that is handed out still counts as waiting.
  3. A batch leaves when its last exporter settles it; `on_done` hears of it once, in that very moment.
  4. A batch whose payload cannot be read any more ends as Refused("storage_damaged") for the exporter that asked.
  5. A queue hands out no signal that its exporter does not take: such a batch, of before, ends as NOT_TAKEN.
"""

from __future__ import annotations

import asyncio
import heapq
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused
from sidecar.storage.interfaces import OnDone

End: TypeAlias = Delivered | Refused
"""How a batch ended for one exporter."""

DAMAGED: Final = Refused("storage_damaged")
NOT_TAKEN: Final = Refused("signal_not_taken")
Takes: TypeAlias = Mapping[str, Collection[Signal]]
"""What is sent to which exporter; everything to one that is not in it."""


@dataclass(slots=True)
class Waiting:
    """A batch without its payload. `size` is the payload's, in bytes."""

    id: int
    signal: Signal
    items: int
    size: int
    left: tuple[str, ...]
    """The exporters that have not settled it."""
    elsewhere: tuple[str, ...] = ()
    """Exporters it was also kept for, and which the configuration names no longer."""
    ends: tuple[tuple[str, End], ...] = ()


class Queue:
    """Batches one exporter has not settled. `waiting_*` counts those handed out, too."""

    def __init__(self, name: str, queues: Queues, max_bytes: int, takes: Collection[Signal]) -> None:
        self.name = name
        self.takes = takes
        self.max_bytes = max_bytes
        self.waiting_bytes = 0
        self.waiting_batches = 0
        self._queues = queues
        self._ready: list[int] = []
        self._arrived = asyncio.Event()

    async def next(self) -> Batch:
        """The oldest batch that is not handed out; waits while there is none. Cancelled, it hands out nothing."""
        while True:
            while not self._ready:
                self._arrived.clear()
                await self._arrived.wait()
            waiting = self._queues.entry(heapq.heappop(self._ready))
            if waiting.signal not in self.takes:
                self.settle(Batch(waiting.id, waiting.signal, b"", waiting.items), NOT_TAKEN)
                continue
            try:
                payload = await self._queues.payload(waiting)
            except BaseException:
                self._offer(waiting.id)
                raise
            if payload is not None:
                return Batch(waiting.id, waiting.signal, payload, waiting.items)
            self.settle(Batch(waiting.id, waiting.signal, b"", waiting.items), DAMAGED)

    def give_back(self, batch: Batch) -> None:
        self._offer(batch.id)

    def settle(self, batch: Batch, outcome: End) -> None:
        waiting = self._queues.entry(batch.id)
        self.waiting_bytes -= waiting.size
        self.waiting_batches -= 1
        self._queues.settle(self.name, waiting, batch, outcome)

    def add(self, waiting: Waiting) -> None:
        """For `Queues` only."""
        self.waiting_bytes += waiting.size
        self.waiting_batches += 1
        self._offer(waiting.id)

    def _offer(self, batch_id: int) -> None:
        heapq.heappush(self._ready, batch_id)
        self._arrived.set()


class Queues(ABC):
    """`max_bytes` by exporter name. A queue takes batches until it is over its limit, never refuses one half-way."""

    def __init__(self, max_bytes: Mapping[str, int], on_done: OnDone, takes: Takes | None = None) -> None:
        self.exporters: Final = tuple(max_bytes)
        self._queues = {
            name: Queue(name, self, limit, (takes or {}).get(name, tuple(Signal))) for name, limit in max_bytes.items()
        }
        self.takers: Final = {
            signal: tuple(name for name, queue in self._queues.items() if signal in queue.takes) for signal in Signal
        }
        """The exporters that a batch of the signal is for."""
        self._on_done = on_done
        self._waiting: dict[int, Waiting] = {}
        self._items = dict.fromkeys(Signal, 0)
        self._room = asyncio.Event()
        self._room.set()

    @abstractmethod
    async def payload(self, waiting: Waiting) -> bytes | None:
        """None if there is none any more. Raises whatever may pass: the batch stays in the queue then."""

    @abstractmethod
    def settled(self, waiting: Waiting) -> None:
        """One more exporter has settled it; nobody here waits for it any more if `waiting.left` is empty."""

    def add(self, batches: Iterable[Waiting]) -> None:
        """Into the queues of those exporters that are left."""
        for waiting in batches:
            self._waiting[waiting.id] = waiting
            self._items[waiting.signal] += waiting.items
            for name in waiting.left:
                self._queues[name].add(waiting)
        self._update_room()

    def entry(self, batch_id: int) -> Waiting:
        return self._waiting[batch_id]

    def settle(self, exporter: str, waiting: Waiting, batch: Batch, outcome: End) -> None:
        """For `Queue` only."""
        waiting.left = tuple(name for name in waiting.left if name != exporter)
        waiting.ends = (*waiting.ends, (exporter, outcome))
        self.settled(waiting)
        if not waiting.left:
            del self._waiting[waiting.id]
            self._items[waiting.signal] -= waiting.items
            self._on_done(batch, dict(waiting.ends))
        self._update_room()

    # ── what the outbox shows ──────────────────────────────────────────────────────────────────────────────

    def takes(self, signal: Signal) -> bool:
        return bool(self.takers[signal])

    def has_room(self) -> bool:
        return all(queue.waiting_bytes < queue.max_bytes for queue in self._queues.values())

    async def wait_for_room(self) -> None:
        await self._room.wait()

    def queue(self, exporter: str) -> Queue:
        return self._queues[exporter]

    @property
    def waiting_items(self) -> Mapping[Signal, int]:
        return self._items

    def _update_room(self) -> None:
        if self.has_room():
            self._room.set()
        else:
            self._room.clear()
