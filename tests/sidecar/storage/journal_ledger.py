"""What a client of a journal knows: what it handed over, what was acknowledged, and what it needs no longer.

Shared by the tests that crash a journal: after each crash `check` says whether what came back is what was promised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from errno import EIO
from random import Random

from sidecar.storage.disk_journal import DiskJournal, RunBlocking
from sidecar.storage.interfaces import Record, RecordKind, StorageBroken, StorageFull
from sidecar.storage.vault import SALT_BYTES, Vault
from tests.support.simulated_disk import Kind, SimulatedDisk

SECOND_NS = 10**9
SERIAL_BYTES = 6
_KINDS = list(RecordKind)


class SeededVault(Vault):
    """Makes the same salts again, so that a failure that a seed showed comes again."""

    def __init__(self, random: Random) -> None:
        super().__init__(b"k" * 32)
        self._random = random

    def new_salt(self) -> bytes:  # type: ignore[override]  # it has something to remember
        return self._random.randbytes(SALT_BYTES)


def opened(
    disk: SimulatedDisk,
    random: Random,
    *,
    fsync_always: bool,
    max_bytes: int = 1 << 30,
    segment_bytes: int | None = None,
    run_blocking: RunBlocking | None = None,
    on_event: Callable[[str], None] = lambda reason: None,
) -> DiskJournal:
    return DiskJournal(
        disk,
        SeededVault(random),
        max_bytes=max_bytes,
        fsync_always=fsync_always,
        on_event=on_event,
        segment_bytes=segment_bytes,
        run_blocking=run_blocking or at_once,
    )


async def at_once(work: Callable[[], None]) -> None:
    work()


def sometime(random: Random) -> RunBlocking:
    """As a thread would: the loop goes on before and after the work is really done."""

    async def run(work: Callable[[], None]) -> None:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        try:
            work()
        finally:
            for _ in range(random.randrange(4)):
                await asyncio.sleep(0)

    return run


@dataclass(frozen=True)
class Fault:
    kind: Kind
    errno: int = EIO
    skip: int = 0
    times: int = 1
    part: float = 0.0
    forgets: bool = False

    def plan(self, disk: SimulatedDisk) -> None:
        disk.fail(self.kind, self.errno, skip=self.skip, times=self.times, part=self.part, forgets=self.forgets)


@dataclass(slots=True)
class Entry:
    kind: RecordKind
    arrived_unix_nano: int
    ref: int | None = None
    """None: `append` refused it, or the process that had the reference is gone."""
    holds: int = 0
    appended_at: int = 0
    """How many operations the disk had done by then."""
    acknowledged_at: int | None = None
    """How many operations the disk had done by then."""
    released_at: int | None = None
    """How many operations the disk had done before the last hold was settled."""

    @property
    def must_stay(self) -> bool:
        return self.acknowledged_at is not None and self.released_at is None


class Ledger:
    """By content, which starts with a serial number: a record may come back under another reference."""

    def __init__(self, random: Random, now_unix_nano: int = 1_800_000_000 * SECOND_NS) -> None:
        self.random = random
        self.now_unix_nano = now_unix_nano
        self.entries: dict[bytes, Entry] = {}
        self.highest_ref = self._highest_before = -1

    def at(self, index: int, *, power_lost: bool) -> Ledger:
        """What was known after so many operations of the disk.

        After power loss a reference may be given again if nothing under it is held: its segment's going may have become
        durable before its successor's coming.
        """
        then = Ledger(self.random, self.now_unix_nano + SECOND_NS)
        then.highest_ref = -1 if power_lost else self._highest_before
        for raw, entry in self.entries.items():
            acknowledged = entry.acknowledged_at is not None and entry.acknowledged_at <= index
            released = entry.released_at is not None and entry.released_at < index
            known = acknowledged and not released if power_lost else entry.appended_at <= index
            if known and entry.ref is not None:
                then.highest_ref = max(then.highest_ref, entry.ref)
            then.entries[raw] = replace(
                entry,
                ref=None,
                holds=0,
                appended_at=0,
                acknowledged_at=0 if acknowledged else None,
                released_at=-1 if released else None,
            )
        then._highest_before = then.highest_ref
        return then

    def append(self, journal: DiskJournal, disk: SimulatedDisk, *, size: int, durable_at_once: bool) -> bytes | None:
        """Appends a new record; its content, or None if it was refused."""
        raw = len(self.entries).to_bytes(SERIAL_BYTES, "big") + self.random.randbytes(size)
        entry = self.entries[raw] = Entry(self.random.choice(_KINDS), self.now_unix_nano)
        holds = self.random.randint(1, 3)
        try:
            ref = journal.append(entry.kind, raw, holds, entry.arrived_unix_nano)
        except StorageFull:
            return None
        assert ref > self.highest_ref, "references only grow"
        self.highest_ref = entry.ref = ref
        entry.holds = holds
        entry.appended_at = len(disk.operations)
        if durable_at_once:
            entry.acknowledged_at = len(disk.operations)
        return raw

    async def acknowledge(self, journal: DiskJournal, disk: SimulatedDisk, raw: bytes) -> None:
        entry = self.entries[raw]
        assert entry.ref is not None
        try:
            await journal.durable(entry.ref)
        except StorageBroken:
            return
        entry.acknowledged_at = len(disk.operations)

    def settle(self, journal: DiskJournal, disk: SimulatedDisk, raw: bytes, holds: int) -> None:
        entry = self.entries[raw]
        assert entry.ref is not None
        entry.holds -= holds
        if not entry.holds:
            entry.released_at = len(disk.operations)
        journal.settle(entry.ref, holds)

    def take_over(self, replayed: Sequence[Record]) -> None:
        """What a later process works with: each record has the reader's hold."""
        for record in replayed:
            entry = self.entries[record.raw]
            entry.ref, entry.holds = record.ref, 1
            self.highest_ref = max(self.highest_ref, record.ref)

    @property
    def held(self) -> list[bytes]:
        return [raw for raw, entry in self.entries.items() if entry.ref is not None and entry.holds]

    def check(self, replayed: Sequence[Record]) -> None:
        """Nothing acknowledged is missing; nothing is invented, altered, there twice, or out of order."""
        raws = [record.raw for record in replayed]
        for record in replayed:
            entry = self.entries.get(record.raw)
            assert entry is not None, "a record that nobody appended"
            assert (record.kind, record.arrived_unix_nano) == (entry.kind, entry.arrived_unix_nano)
        missing = {raw for raw, entry in self.entries.items() if entry.must_stay}.difference(raws)
        assert not missing, f"{len(missing)} acknowledged records are lost"
        serials = [raw[:SERIAL_BYTES] for raw in raws]
        assert serials == sorted(set(serials)), "twice, or out of order"
        refs = [record.ref for record in replayed]
        assert refs == sorted(set(refs)), "references do not grow"


def replayed(journal: DiskJournal) -> list[Record]:
    return [record for record in journal.replay() if record is not None]
