"""What the pipeline asks of its two stores, whatever holds them.

Journal: requests as they arrived, until every trace in them is done with.
  1. `append` returns a record number that only grows; after `durable` returned, the record survives what the storage
     promises to survive.
  2. A record is freed when `settle` was called for each of its pairs (record, trace). Reading a freed record
     returns None; nothing else does.
  3. `append` never drops another record to make room: it raises StorageFull.

Outbox: scrubbed, encoded batches, once for every exporter.
  1. `put` takes all batches of one transform or none.
  2. An exporter's queue hands a batch out once; it comes back with `give_back`, or leaves with `settle`.
  3. A batch whose last exporter settled it is gone, and `on_done` is told how each ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused


class StorageFull(Exception):  # noqa: N818  # named for the state, as ENOSPC is
    """There is no room for what was to be kept. Nothing was written."""


class Journal(Protocol):
    def append(self, signal: Signal, raw: bytes, pairs: int) -> int:
        """Keeps `raw`, in which `pairs` traces (1 for logs and metrics) have a part. Raises StorageFull."""

    async def durable(self, ref: int) -> None:
        """Returns once the record survives what this journal promises."""

    def read(self, ref: int) -> bytes | None: ...

    def settle(self, ref: int, pairs: int = 1) -> None:
        """So many of the record's traces need it no longer."""

    @property
    def used_bytes(self) -> int: ...

    @property
    def max_bytes(self) -> int: ...


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
    def put(self, batches: Sequence[tuple[Signal, bytes, int]]) -> None:
        """Keeps (signal, payload, items) batches for every exporter, all or none."""

    def has_room(self) -> bool:
        """False once any exporter's queue is at its limit: then more must wait in the journal."""

    async def wait_for_room(self) -> None: ...

    def queue(self, exporter: str) -> ExporterQueue: ...

    @property
    def waiting_items(self) -> Mapping[Signal, int]: ...
