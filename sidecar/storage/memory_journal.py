"""The journal in memory: keeps acknowledged requests until they are done with, or until the process ends."""

from __future__ import annotations

from dataclasses import dataclass

from processors.otlp.signal import Signal
from sidecar.storage.interfaces import StorageFull


@dataclass(slots=True)
class _Record:
    raw: bytes
    pairs: int


class MemoryJournal:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used_bytes = 0
        self._records: dict[int, _Record] = {}
        self._next_ref = 0

    def append(self, signal: Signal, raw: bytes, pairs: int) -> int:  # noqa: ARG002  # memory needs no signal
        # One request always fits an empty journal: its size has a limit of its own.
        if self._records and self._used_bytes + len(raw) > self._max_bytes:
            raise StorageFull
        ref = self._next_ref
        self._next_ref += 1
        self._records[ref] = _Record(raw, pairs)
        self._used_bytes += len(raw)
        return ref

    async def durable(self, ref: int) -> None:
        """Memory promises nothing beyond the process, so there is nothing to wait for."""

    def read(self, ref: int) -> bytes | None:
        record = self._records.get(ref)
        return record.raw if record else None

    def settle(self, ref: int, pairs: int = 1) -> None:
        record = self._records.get(ref)
        if record is None:
            return
        record.pairs -= pairs
        if record.pairs <= 0:
            del self._records[ref]
            self._used_bytes -= len(record.raw)

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    @property
    def max_bytes(self) -> int:
        return self._max_bytes
