"""The journal against what it should be: a dictionary that never forgets what is held."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from errno import EIO, ENOSPC
from random import Random
from typing import Final, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.interfaces import RecordKind, StorageBroken, StorageFull
from sidecar.storage.segment import RECORD_OVERHEAD_BYTES, RECORDS_START
from tests.sidecar.storage.journal_ledger import SECOND_NS, Fault, opened, replayed, sometime
from tests.support.simulated_disk import Kind, SimulatedDisk

MAX_BYTES: Final = 6000
_FAULTS: Final = st.builds(
    Fault,
    kind=st.sampled_from([Kind.APPEND, Kind.SYNC, Kind.CREATE, Kind.SYNC_DIRECTORY, Kind.REMOVE]),
    errno=st.sampled_from([EIO, ENOSPC]),
    skip=st.integers(0, 3),
    times=st.integers(1, 3),
    part=st.sampled_from([0.0, 0.3, 1.0]),
    forgets=st.booleans(),
)
_T = TypeVar("_T")


@dataclass
class Known:
    ref: int
    kind: RecordKind
    arrived_unix_nano: int
    holds: int
    durable: bool
    gone: bool = False
    """Refused, or not found any more by a later process; it may be on disk for all that."""
    earlier: bool = False
    """An earlier process appended it: what that one did not sync, this one does not promise."""


class JournalMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.disk = SimulatedDisk()
        self.known: dict[bytes, Known] = {}
        self.events: list[str] = []
        self.now = 1_800_000_000 * SECOND_NS
        self.serial = 0
        self.highest_ref = -1
        self.untroubled = True
        """Nothing failed and no power was lost: then nothing may be refused without need, or be reported."""
        self.counts_on = True
        """No file could not be made, so that the journal always knows the last reference."""
        self.stays_on_disk = True
        """No file was left behind because it could not be removed."""

    @initialize(always=st.booleans(), segment_bytes=st.sampled_from([1, 500, 2000, 1 << 20]), seed=st.integers(0, 9))
    def start(self, always: bool, segment_bytes: int, seed: int) -> None:  # noqa: FBT001  # Hypothesis names arguments
        self.always = always
        self.segment_bytes = segment_bytes
        self.random = Random(seed)
        self.journal = self.open()
        assert replayed(self.journal) == []
        self.loop = asyncio.new_event_loop()

    def open(self) -> DiskJournal:
        return opened(
            self.disk,
            self.random,
            fsync_always=self.always,
            max_bytes=MAX_BYTES,
            segment_bytes=self.segment_bytes,
            run_blocking=sometime(self.random),
            on_event=self.events.append,
        )

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            try:
                self.everything_goes_in_the_end()
            finally:
                self.loop.close()

    def everything_goes_in_the_end(self) -> None:
        """With a healthy disk and nothing held, all that is left is the number to count on from."""
        self.disk.heal()
        self.disk.max_bytes = None
        self.run(self.ticks)
        for raw in self.held:
            self.settle_some(raw, self.known[raw].holds)
        for _ in range(3):
            self.now += 61 * SECOND_NS
            self.run(self.ticks)
        assert self.journal.used_bytes <= RECORDS_START
        assert self.journal.oldest is None
        if self.stays_on_disk:
            assert sum(map(len, self.disk.files.values())) <= RECORDS_START
        self.accepts(b"and now?")

    def run(self, call: Callable[[], Awaitable[_T]]) -> _T:
        async def within() -> _T:
            result = await call()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                await task
            return result

        return self.loop.run_until_complete(within())

    async def ticks(self) -> None:
        self.journal.tick(self.now)

    @property
    def held(self) -> list[bytes]:
        return [raw for raw, known in self.known.items() if known.holds]

    def accepts(self, raw: bytes) -> None:
        ref = self.journal.append(RecordKind.LOGS, raw, 1, self.now)
        assert self.journal.read(ref) == raw

    # ── what a pipeline does ───────────────────────────────────────────────────────────────────────────────

    @rule(size=st.sampled_from([0, 1, 50, 400, 1500]), kind=st.sampled_from(RecordKind), holds=st.integers(1, 3))
    def append(self, size: int, kind: RecordKind, holds: int) -> None:
        self.takes(size, kind, holds)

    def takes(self, size: int, kind: RecordKind, holds: int) -> bool:
        self.serial += 1
        raw = self.serial.to_bytes(4, "big") + self.random.randbytes(size)
        used, unheld = self.journal.used_bytes, not self.held
        needed = len(raw) + RECORD_OVERHEAD_BYTES
        try:
            ref = self.journal.append(kind, raw, holds, self.now)
        except StorageFull:
            self.known[raw] = Known(-1, kind, self.now, 0, durable=False, gone=True)
            if self.untroubled:
                assert used + needed + RECORDS_START > MAX_BYTES, "there was room"
                assert self.always or not unheld, "an empty journal takes whatever comes"
            return False
        assert ref > self.highest_ref
        self.highest_ref = ref
        self.known[raw] = Known(ref, kind, self.now, holds, durable=not self.always)
        assert unheld or self.journal.used_bytes <= MAX_BYTES
        return True

    @rule()
    def fill_up(self) -> None:
        """Until no more is taken: what was there is there still (see the invariant)."""
        for _ in range(MAX_BYTES // 400):
            if not self.takes(400, RecordKind.TRACES, 1):
                break

    @precondition(lambda self: self.known)
    @rule(picks=st.lists(st.integers(0, 1000), min_size=1, max_size=4))
    def durable(self, picks: list[int]) -> None:
        """Several wait at once."""
        raws = list(dict.fromkeys(list(self.known)[pick % len(self.known)] for pick in picks))
        waiting = [raw for raw in raws if not self.known[raw].gone and not self.known[raw].earlier]

        async def wait(raw: bytes) -> None:
            try:
                await self.journal.durable(self.known[raw].ref)
            except StorageBroken:
                assert not self.untroubled
            else:
                self.known[raw].durable = True

        async def all_wait() -> None:
            await asyncio.gather(*map(wait, waiting))

        self.run(all_wait)

    @precondition(lambda self: self.held)
    @rule(pick=st.integers(0, 1000), holds=st.integers(1, 3))
    def settle(self, pick: int, holds: int) -> None:
        raw = self.held[pick % len(self.held)]
        self.settle_some(raw, min(holds, self.known[raw].holds))

    @precondition(lambda self: self.held)
    @rule()
    def settle_the_older_half(self) -> None:
        for raw in self.held[: len(self.held) // 2 + 1]:
            self.settle_some(raw, self.known[raw].holds)

    def settle_some(self, raw: bytes, holds: int) -> None:
        self.known[raw].holds -= holds
        self.journal.settle(self.known[raw].ref, holds)

    @precondition(lambda self: self.held)
    @rule(pick=st.integers(0, 1000))
    def hold(self, pick: int) -> None:
        known = self.known[self.held[pick % len(self.held)]]
        known.holds += 1
        self.journal.hold(known.ref, 1)

    @rule(seconds=st.sampled_from([0, 1, 20, 61]))
    def tick(self, seconds: int) -> None:
        self.now += seconds * SECOND_NS
        self.run(self.ticks)

    # ── what happens to it ─────────────────────────────────────────────────────────────────────────────────

    @rule(clock_goes_back=st.booleans())
    def restart(self, clock_goes_back: bool) -> None:  # noqa: FBT001  # Hypothesis names arguments
        """A clean end loses nothing at all, whatever the clock says afterwards."""
        self.disk.heal()
        self.journal.close()
        self.disk = self.disk.process_crash()
        if clock_goes_back:
            self.now -= 3600 * SECOND_NS
        self.starts_again(needs_durable=False)

    @rule()
    def kill(self) -> None:
        self.disk = self.disk.process_crash()
        self.starts_again(needs_durable=False)

    @precondition(lambda self: self.always)
    @rule(seed=st.integers(0, 1000))
    def lose_power(self, seed: int) -> None:
        self.untroubled = False
        self.disk = self.disk.power_loss(Random(f"power loss {seed}"))
        self.now += 3600 * SECOND_NS
        # Of a reference that was given out and never made durable, nobody can know any more.
        self.highest_ref = max((known.ref for known in self.known.values() if known.durable), default=-1)
        self.starts_again(needs_durable=True)

    def starts_again(self, *, needs_durable: bool) -> None:
        if not self.counts_on:
            self.highest_ref = -1
        self.journal = self.open()
        found = {record.raw: record for record in replayed(self.journal)}
        expected = {raw for raw in self.held if self.known[raw].durable or not needs_durable}
        assert not expected - found.keys(), "lost"
        assert not found.keys() - self.known.keys(), "invented"
        for raw, record in found.items():
            known = self.known[raw]
            assert (record.kind, record.arrived_unix_nano) == (known.kind, known.arrived_unix_nano)
            known.ref, known.gone, known.earlier = record.ref, False, True
            self.highest_ref = max(self.highest_ref, record.ref)
            if known.holds:
                self.journal.hold(record.ref, known.holds)
            self.journal.settle(record.ref)
        for raw in self.known.keys() - found.keys():
            self.known[raw].holds = 0
            self.known[raw].gone = True

    @rule(fault=_FAULTS)
    def fails(self, fault: Fault) -> None:
        self.untroubled = False
        self.stays_on_disk = self.stays_on_disk and fault.kind is not Kind.REMOVE
        self.counts_on = self.counts_on and fault.kind not in {Kind.CREATE, Kind.APPEND}
        fault.plan(self.disk)

    @rule(free=st.sampled_from([None, 0, 100, 1000]))
    def disk_fills(self, free: int | None) -> None:
        self.untroubled = False
        used = sum(map(len, self.disk.files.values()))
        self.disk.max_bytes = None if free is None else used + free

    @rule()
    def disk_heals(self) -> None:
        """Then it takes whatever there is room for again, without a restart."""
        self.disk.heal()
        self.disk.max_bytes = None
        self.run(self.ticks)
        if self.journal.used_bytes < MAX_BYTES // 2:
            assert self.takes(10, RecordKind.SCORES, 1)

    # ── what is always so ──────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def what_is_held_can_be_read(self) -> None:
        for raw in self.held:
            assert self.journal.read(self.known[raw].ref) == raw

    @invariant()
    def what_is_settled_is_unaltered_or_gone(self) -> None:
        if hasattr(self, "journal"):
            for raw, known in self.known.items():
                if not known.holds and not known.gone:
                    assert self.journal.read(known.ref) in (raw, None)

    @invariant()
    def used_bytes_are_what_the_disk_has(self) -> None:
        if hasattr(self, "journal") and self.stays_on_disk:
            assert self.journal.used_bytes == sum(map(len, self.disk.files.values()))

    @invariant()
    def nothing_is_older_than_the_oldest(self) -> None:
        if self.held:
            oldest = self.journal.oldest
            assert oldest is not None
            assert oldest[0] <= min(self.known[raw].ref for raw in self.held)
            assert oldest[1] <= min(self.known[raw].arrived_unix_nano for raw in self.held)

    @invariant()
    def no_trouble_is_reported_where_there_is_none(self) -> None:
        assert not self.untroubled or not self.events


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
