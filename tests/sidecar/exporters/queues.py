"""A queue, an exporter and a listener for tests of the delivery loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sidecar.batch import Batch, Delivered, Outcome, Refused


class ListQueue:
    """Hands out in order and holds the loop to the contract: settled once, and only what was handed out."""

    def __init__(self, batches: Iterable[Batch] = ()) -> None:
        self.ready = deque(batches)
        self.out: dict[int, Batch] = {}
        self.settled: dict[int, Delivered | Refused] = {}
        self._arrived = asyncio.Event()

    def put(self, batch: Batch) -> None:
        self.ready.append(batch)
        self._arrived.set()

    async def next(self) -> Batch:
        while not self.ready:
            self._arrived.clear()
            await self._arrived.wait()
        batch = self.ready.popleft()
        assert batch.id not in self.out
        self.out[batch.id] = batch
        return batch

    def settle(self, batch: Batch, outcome: Delivered | Refused) -> None:
        del self.out[batch.id]
        assert batch.id not in self.settled
        self.settled[batch.id] = outcome

    def give_back(self, batch: Batch) -> None:
        del self.out[batch.id]
        self.ready.appendleft(batch)
        self._arrived.set()

    @property
    def waiting_batches(self) -> int:
        return len(self.ready) + len(self.out)


Answer = Outcome | Exception


@dataclass
class ScriptedExporter:
    """Answers by a function of the batch, or by a list and then with success."""

    answer: Callable[[Batch], Answer] | None = None
    answers: deque[Answer] = field(default_factory=deque)
    name: str = "otlp/backend"
    gate: asyncio.Event | None = None
    """If set, every attempt waits for it."""
    attempts: list[tuple[float, Batch]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    now: Callable[[], float] = lambda: 0.0

    credentials: tuple[()] = ()

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, batch: Batch) -> Outcome:
        self.attempts.append((self.now(), batch))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        if self.answer is not None:
            answer = self.answer(batch)
        else:
            answer = self.answers.popleft() if self.answers else Delivered()
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Counts:
    """Adds up what the loop reports."""

    sent_items: int = 0
    refused_items: dict[str, int] = field(default_factory=dict)
    retries: list[str] = field(default_factory=list)

    def sent(self, exporter: str, batch: Batch, items: int) -> None:
        self.sent_items += items

    def retried(self, exporter: str, batch: Batch, reason: str) -> None:
        self.retries.append(reason)

    def refused(self, exporter: str, batch: Batch, outcome: Refused) -> None:
        self.refused_items[outcome.reason] = self.refused_items.get(outcome.reason, 0) + batch.items
