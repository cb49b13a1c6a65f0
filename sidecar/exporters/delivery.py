"""The loop that brings one exporter's queue to its backend.

Invariants
  1. A batch that was handed out is settled once, or given back. Only `Delivered` and `Refused` settle it.
  2. What the backend took or refused, a piece of a split batch too, is not sent to it again by this process. A
     process that is killed between the backend's answer and the settling sends it again: at least once.
  3. One batch that always fails costs itself: it waits on its own (`Backoff`), while others pass.
  4. A backend that fails is asked by one consumer at a time, and less and less often (`Gate`).

    next ─▶ split ─▶ ┌ wait for the gate ─▶ attempt ┬▶ Delivered, Refused ─▶ next piece … ─▶ settle
                     └──────── back off ◀───────────┴▶ Retry (longer than max_elapsed_time ─▶ refused, settle)
"""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from sidecar.batch import Batch, Delivered, Outcome, Refused, Retry
from sidecar.clock import Clock
from sidecar.credentials.credential import CredentialFiles
from sidecar.exporters.backoff import Backoff, Gate, throttle_s
from sidecar.exporters.config import RetryConfig
from sidecar.exporters.delivery_log import DeliveryLog
from sidecar.exporters.exporter import Exporter
from sidecar.exporters.pieces import Pieces

_DRAINING_WAIT_S: Final = 1.0
"""The longest wait between attempts once the process is about to end."""
_BROKEN_WAIT_S: Final = 1.0
_MAX_ERRORS: Final = 5
"""So many exceptions over one piece, and it is refused: it, not the world, is what the exporter stumbles over."""


class Queue(Protocol):
    """What waits for one exporter. Storage keeps it."""

    async def next(self) -> Batch:
        """The oldest batch that is not handed out; waits while there is none. Cancelled, it hands out nothing."""

    def settle(self, batch: Batch, outcome: Delivered | Refused) -> None:
        """Done with it, for this exporter."""

    def give_back(self, batch: Batch) -> None:
        """To be handed out again."""

    @property
    def waiting_batches(self) -> int:
        """Those not settled, handed out or not."""


class Events(Protocol):
    """Told of everything that is to be counted. `batch` is the piece it is about: its `items` are to be counted."""

    def sent(self, exporter: str, batch: Batch, items: int) -> None:
        """The backend has `items` of it."""

    def retried(self, exporter: str, batch: Batch, reason: str) -> None:
        """An attempt failed and will be made again."""

    def refused(self, exporter: str, batch: Batch, outcome: Refused) -> None:
        """The backend will never have it."""


class Delivery:
    """`max_request_bytes` is of one request, before compression. `random` spreads the waits."""

    def __init__(
        self, exporter: Exporter, queue: Queue, retry_config: RetryConfig, *, clock: Clock, random: chance.Random,
        consumers: int, max_request_bytes: int, events: Events,
    ) -> None:  # fmt: skip
        self._exporter = exporter
        self._queue = queue
        self._retry = retry_config
        self._clock = clock
        self._random = random
        self._consumer_count = consumers
        self._max_request_bytes = max_request_bytes
        self._events = events
        self._gate = Gate(retry_config, random)
        self._turn = asyncio.Lock()
        self._log = DeliveryLog(exporter.name)
        self._under_way: dict[int, Pieces] = {}
        self._consumers: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._hurry = asyncio.Event()
        self._settled = asyncio.Event()

    @property
    def name(self) -> str:
        return self._exporter.name

    @property
    def credentials(self) -> Sequence[CredentialFiles[Any]]:
        """The files to be watched."""
        return self._exporter.credentials

    # ── life ───────────────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Raises OSError if a file the exporter's configuration names cannot be used."""
        await self._exporter.start()

    async def run(self) -> None:
        """Delivers until cancelled, which gives up attempts in flight, or stopped, which waits for them."""
        self._stopping = False
        async with asyncio.TaskGroup() as group:
            self._consumers = {group.create_task(self._consume()) for _ in range(self._consumer_count)}

    def stop(self) -> None:
        """Ends `run`, after the attempts that are in flight."""
        self._stopping = True
        for consumer in self._consumers - self._sending:
            consumer.cancel()

    async def drain(self, deadline_s: float) -> bool:
        """Tries, without long waits, until nothing is left or `deadline_s` seconds are over. True: nothing is left.

        `run` goes on if it is running; otherwise it runs as long as this takes.
        """
        running = not self._stopping and any(not consumer.done() for consumer in self._consumers)
        runner = None if running else asyncio.create_task(self._run_again())
        self._hurry.set()
        try:
            await self._first_of(self._until_empty(), self._clock.sleep(deadline_s))
        finally:
            self._hurry.clear()
            if runner is not None:
                runner.cancel()
                await asyncio.gather(runner, return_exceptions=True)
        return self._queue.waiting_batches == 0

    async def close(self) -> None:
        await self._exporter.close()

    async def _run_again(self) -> None:
        await asyncio.gather(*self._consumers, return_exceptions=True)
        await self.run()

    async def _until_empty(self) -> None:
        while self._queue.waiting_batches:
            self._settled.clear()
            await self._settled.wait()

    # ── one consumer ───────────────────────────────────────────────────────────────────────────────────────

    async def _consume(self) -> None:
        while not self._stopping:
            batch = None
            try:
                batch = await self._queue.next()
                await self._deliver(batch)
            except asyncio.CancelledError:
                self._give_back(batch)
                raise
            except Exception as error:  # noqa: BLE001  # a consumer that ends would leave the queue to fill up
                self._log.broken("the queue", error)
                self._give_back(batch)
                await self._clock.sleep(_BROKEN_WAIT_S)

    def _give_back(self, batch: Batch | None) -> None:
        if batch is not None:
            self._queue.give_back(batch)

    async def _deliver(self, batch: Batch) -> None:
        pieces = self._under_way.get(batch.id)
        if pieces is None:
            pieces = self._under_way[batch.id] = Pieces(batch, self._max_request_bytes)
            for piece, refused in pieces.refused_unsent:
                self._refuse(piece, refused)
        started = self._clock.monotonic()
        for piece in pieces:
            outcome = None if self._stopping else await self._until_answered(piece, started)
            if outcome is None:
                self._queue.give_back(batch)
                return
            if isinstance(outcome, Retry):
                reason = Refused("retry_timeout" if self._retry.enabled else "retry_disabled")
                for given_up in pieces.give_up(reason):
                    self._refuse(given_up, reason)
            else:
                pieces.done(outcome)
                self._count(piece, outcome)
        self._queue.settle(batch, pieces.outcome())
        del self._under_way[batch.id]
        self._settled.set()

    async def _until_answered(self, piece: Batch, started: float) -> Outcome | None:
        """How the piece ended; Retry if it is to be given up; None if this consumer is to stop."""
        backoff = Backoff(self._retry, self._random)
        errors = 0
        while True:
            outcome = await self._attempt(piece)
            if isinstance(outcome, Refused | Delivered):
                return outcome
            if outcome.reason == "exporter_error":
                errors += 1
                if errors >= _MAX_ERRORS:
                    return Refused(outcome.reason)
            wait_s = max(backoff.next_s(), throttle_s(outcome.after_s))
            elapsed_s = self._clock.monotonic() - started
            if not self._retry.enabled or 0 < self._retry.max_elapsed_time < elapsed_s + wait_s:
                return outcome
            self._events.retried(self.name, piece, outcome.reason)
            if self._stopping:
                return None
            await self._pause(wait_s)

    # ── one attempt ────────────────────────────────────────────────────────────────────────────────────────

    async def _attempt(self, piece: Batch) -> Outcome:
        if not self._gate.narrow:
            return await self._send(piece)
        async with self._turn:
            # A lock is first come, first served: a batch that fails again goes to the end of the line.
            while self._gate.narrow and not self._hurry.is_set():
                wait_s = self._gate.blocked_until - self._clock.monotonic()
                if wait_s <= 0:
                    break
                await self._pause(wait_s)
            if self._gate.narrow:
                return await self._send(piece)
        return await self._send(piece)

    async def _send(self, piece: Batch) -> Outcome:
        mark = self._gate.begin()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # this is a coroutine
        self._sending.add(task)
        try:
            outcome = await self._exporter.send(piece)
        except Exception as error:  # noqa: BLE001  # an exporter's own mistake must not end delivery
            self._log.broken("an attempt", error)
            outcome = Retry("exporter_error")
        finally:
            self._sending.discard(task)
        now = self._clock.monotonic()
        if isinstance(outcome, Retry):
            self._gate.failed(mark, now, outcome.after_s)
            self._log.failed(outcome.reason, now)
        elif self._gate.answered(mark):
            self._log.answered(now)
        return outcome

    def _count(self, piece: Batch, outcome: Delivered | Refused) -> None:
        if isinstance(outcome, Refused):
            self._refuse(piece, outcome)
            return
        self._events.sent(self.name, piece, piece.items - outcome.rejected_items)
        if outcome.rejected_items:
            self._refuse(replace(piece, items=outcome.rejected_items), Refused("rejected_by_backend"))

    def _refuse(self, piece: Batch, refused: Refused) -> None:
        self._events.refused(self.name, piece, refused)
        self._log.refused(refused.reason, piece.items, self._clock.monotonic())

    # ── waiting ────────────────────────────────────────────────────────────────────────────────────────────

    async def _pause(self, wait_s: float) -> None:
        """Shorter while draining: a wait that was begun ends at once, later ones within a second."""
        if self._hurry.is_set():
            await self._clock.sleep(min(wait_s, _DRAINING_WAIT_S))
        else:
            await self._first_of(self._clock.sleep(wait_s), self._hurry.wait())

    @staticmethod
    async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
