"""The journal in memory: keeps acknowledged requests until they are done with, or until the process ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sidecar.storage.interfaces import Record, RecordKind, StorageFull


@dataclass(slots=True)
class _Record:
    raw: bytes
    holds: int


class MemoryJournal:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used_bytes = 0
        self._records: dict[int, _Record] = {}
        self._next_ref = 0

    def append(self, kind: RecordKind, raw: bytes, holds: int, now_unix_nano: int) -> int:  # noqa: ARG002  # for replays
        # One request always fits an empty journal: its size has a limit of its own.
        if self._records and self._used_bytes + len(raw) > self._max_bytes:
            raise StorageFull
        ref = self._next_ref
        self._next_ref += 1
        self._records[ref] = _Record(raw, holds)
        self._used_bytes += len(raw)
        return ref

    async def durable(self, ref: int) -> None:
        """Memory promises nothing beyond the process, so there is nothing to wait for."""

    def read(self, ref: int) -> bytes | None:
        record = self._records.get(ref)
        return record.raw if record else None

    def settle(self, ref: int, holds: int = 1) -> None:
        record = self._records.get(ref)
        if record is None:
            return
        record.holds -= holds
        if record.holds <= 0:
            del self._records[ref]
            self._used_bytes -= len(record.raw)

    def hold(self, ref: int, holds: int) -> None:
        self._records[ref].holds += holds

    def replay(self) -> Iterator[Record | None]:
        """Nothing outlives a process here."""
        return iter(())

    def tick(self, now_unix_nano: int) -> None:
        """Nothing here grows old."""

    @property
    def oldest(self) -> tuple[int, int] | None:
        return (min(self._records), 0) if self._records else None

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    async def idle(self) -> None:
        """Memory has nothing to finish."""

    def close(self) -> None:
        """Memory needs no closing."""
