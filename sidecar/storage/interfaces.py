"""What the pipeline asks of its two stores, whatever holds them.

Journal: requests as they arrived, until everything in them is done with.
  1. `append` returns a reference that only grows, over restarts too; after `durable` returned, the record survives
     what the storage promises to survive.
  2. A record has as many holds as were asked for; it may go once `settle` took back all of them, and never before.
  3. `append` never drops another record to make room: it raises StorageFull.

Outbox: decisions, and scrubbed, encoded batches, once for every exporter that takes them.
  1. `put` takes all batches of one transform or none, and with them the note that their records are done.
     Decisions handed over before are never written later than the batches they led to.
  2. An exporter's queue hands a batch out once; it comes back with `give_back`, or leaves with `settle`.
  3. A batch whose last exporter settled it is gone, and `on_done` is told how each ended.
  4. An exporter is handed only what it takes: what was kept for it when it took more ends as Refused, unsent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from processors.otlp.signal import Signal
from processors.processor import Stamp
from sidecar.batch import Batch, Delivered, Refused


class StorageFull(Exception):  # noqa: N818  # named for the state, as ENOSPC is
    """There is no room for what was to be kept. Nothing was kept."""


class StorageBroken(StorageFull):
    """The disk does not take it, and making room would not help."""


class RecordKind(Enum):
    """What a record's bytes are: an export request of a signal, or the body of a `POST /v1/scores`. TRACE_LOGS: logs of
    which each record waits with the trace that it names.
    """

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"
    SCORES = "scores"
    TRACE_LOGS = "trace_logs"


@dataclass(frozen=True, slots=True)
class Record:
    """One request that an earlier process acknowledged."""

    ref: int
    kind: RecordKind
    arrived_unix_nano: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision over many traces."""

    decided_unix_nano: int
    until_unix_nano: int
    """What arrives for these traces up to then belongs to this decision."""
    policy: str
    stamp: Stamp | None
    """None: dropped."""
    trace_ids: Sequence[bytes]
    randomness: Sequence[int | None] = ()
    """56 bits for each trace's own stamp, or None; empty: None for all."""

    def stamps(self) -> Iterator[tuple[bytes, Stamp | None]]:
        """Each trace with the stamp it got."""
        if self.stamp is None or not any(number is not None for number in self.randomness):
            yield from ((trace_id, self.stamp) for trace_id in self.trace_ids)
            return
        for trace_id, randomness in zip(self.trace_ids, self.randomness, strict=True):
            yield trace_id, replace(self.stamp, randomness=randomness)


@dataclass(frozen=True, slots=True)
class Done:
    """These traces of the journal's record are in the outbox. None: the whole record, of logs or metrics."""

    ref: int
    trace_ids: tuple[bytes, ...] | None


class Journal(Protocol):
    def append(self, kind: RecordKind, raw: bytes, holds: int, now_unix_nano: int) -> int:
        """Keeps `raw` until `holds` holds are settled. Raises StorageFull."""

    async def durable(self, ref: int) -> None:
        """Returns once the record survives what this journal promises. Raises StorageBroken if that cannot be said."""

    def read(self, ref: int) -> bytes | None:
        """None if it is gone, or damaged."""

    def settle(self, ref: int, holds: int = 1) -> None:
        """So many of those who hold the record need it no longer."""

    def replay(self) -> Iterator[Record | None]:
        """What earlier processes left, oldest first; None now and then, where there is only time to give.

        Each record has one hold, its reader's: `hold` adds those that are needed, then the reader settles its own.
        """

    def hold(self, ref: int, holds: int) -> None:
        """So many more need the record."""

    def tick(self, now_unix_nano: int) -> None:
        """Housekeeping that time brings. To be called a few times a minute or more."""

    @property
    def oldest(self) -> tuple[int, int] | None:
        """The lowest reference there may be, and when its neighbourhood was begun (Unix ns); None: all is gone."""

    @property
    def used_bytes(self) -> int: ...

    @property
    def max_bytes(self) -> int: ...

    async def idle(self) -> None:
        """Returns once nothing is being written. To be awaited before `close`."""

    def close(self) -> None: ...


class ExporterQueue(Protocol):
    async def next(self) -> Batch:
        """The oldest batch that is not handed out; waits while there is none."""

    def settle(self, batch: Batch, outcome: Delivered | Refused) -> None: ...

    def give_back(self, batch: Batch) -> None: ...

    @property
    def waiting_batches(self) -> int: ...

    @property
    def waiting_bytes(self) -> int: ...


OnDone = Callable[[Batch, Mapping[str, Delivered | Refused]], None]


class Outbox(Protocol):
    def decide(self, decided: Iterable[Decided], written: Callable[[], None]) -> None:
        """Notes decisions. They are written soon, at the latest together with the next `put`; then `written` is called."""

    async def put(self, batches: Sequence[tuple[Signal, bytes, int]], done: Sequence[Done]) -> None:
        """Keeps (signal, payload, items) batches for every exporter that takes the signal, all or none; returns once they
        are kept. There must be such an exporter: see `takes`.

        In the loop's turn in which it returns, the batches are in `waiting_items` and in the queues.
        """

    def decisions(self) -> Iterator[Decided]:
        """What earlier processes decided, oldest first; a later decision on a trace follows the earlier."""

    def done(self, first_ref: int, last_ref: int) -> Mapping[int, Sequence[Done]]:
        """What earlier processes brought from these records (both included) into the outbox, by record."""

    def forget(self, below_ref: int, before_unix_nano: int) -> None:
        """Records below `below_ref` are gone; decisions that ended before are asked for by nobody."""

    def takes(self, signal: Signal) -> bool:
        """Whether any exporter does."""

    def has_room(self) -> bool:
        """False once any exporter's queue is at its limit: then more must wait in the journal."""

    async def wait_for_room(self) -> None: ...

    def queue(self, exporter: str) -> ExporterQueue: ...

    @property
    def waiting_items(self) -> Mapping[Signal, int]: ...

    @property
    def used_bytes(self) -> int: ...

    async def close(self) -> None:
        """Writes down what is pending, within a few seconds."""
