from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from errno import EIO, ENOSPC
from pathlib import Path
from random import Random

import pytest

from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.file_system import Directory
from sidecar.storage.interfaces import RecordKind, StorageBroken, StorageFull
from sidecar.storage.segment import RECORDS_START
from sidecar.storage.vault import Vault
from tests.sidecar.storage.journal_ledger import SECOND_NS, opened, replayed
from tests.support.clock import settle
from tests.support.simulated_disk import Kind, SimulatedDisk

NOW = 1_800_000_000 * SECOND_NS
TMPFS = (
    """mkdir "$1" && mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" -m tests.sidecar.storage.fills_the_disk "$1" """
)


class Syncing:
    """A `run_blocking` that does its work when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Event] = []

    async def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(asyncio.Event())
        await self.waiting[-1].wait()
        work()

    async def finish(self) -> None:
        await settle()
        self.waiting.pop(0).set()
        await settle()


def append(journal: DiskJournal, raw: bytes = b"raw", now: int = NOW, holds: int = 1) -> int:
    return journal.append(RecordKind.TRACES, raw, holds, now)


def count(disk: SimulatedDisk, kind: Kind) -> int:
    return sum(each.kind is kind for each in disk.operations)


def test_all_who_wait_share_a_sync() -> None:
    """Those who came while one was under way share the next: theirs is not in the first."""

    async def scenario() -> None:
        disk, syncing = SimulatedDisk(), Syncing()
        journal = opened(disk, Random(0), fsync_always=True, run_blocking=syncing)
        first = asyncio.create_task(journal.durable(append(journal)))
        await settle()
        later = [asyncio.create_task(journal.durable(append(journal))) for _ in range(20)]
        await settle()
        assert not any(task.done() for task in (first, *later))
        await syncing.finish()
        assert first.done()
        assert not any(task.done() for task in later)
        await syncing.finish()
        assert all(task.done() for task in later)
        assert count(disk, Kind.SYNC) == 2

    asyncio.run(scenario())


def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    """A cancelled wait leaves the sync to the others who share it."""

    async def scenario() -> None:
        syncing = Syncing()
        journal = opened(SimulatedDisk(), Random(0), fsync_always=True, run_blocking=syncing)
        gone, stays = (asyncio.create_task(journal.durable(append(journal))) for _ in range(2))
        await settle()
        gone.cancel()
        await syncing.finish()
        assert gone.cancelled()
        assert stays.done()
        assert stays.exception() is None

    asyncio.run(scenario())


def test_with_fsync_process_nothing_is_synced() -> None:
    """Its promise needs none, and an acknowledgement costs one write."""

    async def scenario() -> None:
        disk = SimulatedDisk()
        journal = opened(disk, Random(0), fsync_always=False)
        before = len(disk.operations)
        for _ in range(10):
            await journal.durable(append(journal))
        journal.tick(NOW)
        assert len(disk.operations) - before == 2 + 10
        assert not count(disk, Kind.SYNC)

    asyncio.run(scenario())


def test_what_nobody_waits_for_is_synced_by_the_way() -> None:
    """A client that went away between append and durable does not keep its segment for ever."""

    async def scenario() -> None:
        disk = SimulatedDisk()
        journal = opened(disk, Random(0), fsync_always=True, segment_bytes=1)
        journal.settle(append(journal))
        journal.tick(NOW)
        await settle()
        journal.tick(NOW + 61 * SECOND_NS)
        await settle()
        assert journal.used_bytes <= RECORDS_START

    asyncio.run(scenario())


@pytest.mark.parametrize("seconds", [59, 61])
def test_a_segment_takes_records_for_a_minute(seconds: int) -> None:
    """So that what is done with goes soon, though one record nearby is held."""
    journal = opened(SimulatedDisk(), Random(0), fsync_always=False)
    first = append(journal)
    second = append(journal, now=NOW + seconds * SECOND_NS)
    assert ((first >> 30) == (second >> 30)) == (seconds < 60)


def test_after_a_failed_sync_nothing_is_accepted_until_all_is_written_anew() -> None:
    """Whoever waits is refused while the disk refuses; references stay what they were."""

    async def scenario() -> None:
        disk = SimulatedDisk()
        events: list[str] = []
        journal = opened(disk, Random(0), fsync_always=True, on_event=events.append)
        ref = append(journal, b"kept")
        disk.fail(Kind.SYNC, EIO, times=2, forgets=True)
        with pytest.raises(StorageBroken):
            await journal.durable(ref)
        assert journal.read(ref) == b"kept"
        with pytest.raises(StorageBroken):
            append(journal)
        journal.tick(NOW)
        await settle()
        assert journal.read(ref) == b"kept"
        await journal.durable(ref)
        await journal.durable(append(journal, b"new"))
        assert set(events) == {"sync_failed"}
        for seed in range(50):
            after = (
                SimulatedDisk(disk.files)
                if seed == 0
                else next(
                    point.power_loss(Random(seed))
                    for point in disk.crash_points()
                    if point.index == len(disk.operations)
                )
            )
            found = replayed(opened(after, Random(seed), fsync_always=True))
            assert [record.raw for record in found] == [b"kept", b"new"]

    asyncio.run(scenario())


def test_copies_stay_as_long_as_what_they_replace() -> None:
    """Else, once the copy is done with and gone, what lies in the old place would come back after a restart."""

    async def scenario() -> None:
        disk = SimulatedDisk()
        journal = opened(disk, Random(0), fsync_always=True)
        await journal.durable(append(journal, b"held for long"))
        ref = append(journal, b"written twice")
        disk.fail(Kind.SYNC, EIO)
        await journal.durable(ref)
        disk = disk.process_crash()
        for _ in range(3):
            journal = opened(disk, Random(1), fsync_always=True)
            found = replayed(journal)
            assert [record.raw for record in found][:1] == [b"held for long"]
            for record in found[1:]:
                assert record.raw == b"written twice"
                journal.settle(record.ref)
            journal.tick(NOW)
            await settle()
            refs = {record.raw: record.ref for record in found}
            assert refs.get(b"written twice", ref << 1) > ref
            disk = disk.process_crash()

    asyncio.run(scenario())


def test_a_file_whose_sync_failed_is_never_touched_again() -> None:
    """Neither written to nor synced: nobody knows what it has."""

    async def scenario() -> None:
        disk = SimulatedDisk()
        journal = opened(disk, Random(0), fsync_always=True)
        await journal.durable(append(journal))
        disk.fail(Kind.SYNC, EIO)
        await journal.durable(append(journal))
        await journal.durable(append(journal))
        failed = next(index for index, each in enumerate(disk.operations) if each.kind is Kind.SYNC_FAILED)
        inode = disk.operations[failed].inode
        touched = {each.kind for each in disk.operations[failed + 1 :] if each.inode == inode and not each.name}
        assert touched <= {Kind.SYNC_DIRECTORY}

    asyncio.run(scenario())


@pytest.mark.parametrize(("errno", "refusal"), [(ENOSPC, StorageFull), (EIO, StorageBroken)])
@pytest.mark.parametrize("kind", [Kind.APPEND, Kind.CREATE])
def test_a_failed_write_costs_that_record_only(errno: int, refusal: type[StorageFull], kind: Kind) -> None:
    """The next goes to another file; a full disk and a broken one are told apart."""
    disk = SimulatedDisk()
    journal = opened(disk, Random(0), fsync_always=False, segment_bytes=1 if kind is Kind.CREATE else None)
    first = append(journal, b"first")
    disk.fail(kind, errno, part=0.5)
    with pytest.raises(StorageFull) as caught:
        append(journal, b"refused")
    assert type(caught.value) is refusal
    second = append(journal, b"second")
    assert (journal.read(first), journal.read(second)) == (b"first", b"second")
    found = replayed(opened(disk.process_crash(), Random(0), fsync_always=False))
    assert [record.raw for record in found] == [b"first", b"second"]


def test_references_grow_although_the_clock_went_back() -> None:
    """Everything was settled and removed, then the machine's clock was set: no reference is given out again."""
    disk = SimulatedDisk()
    highest = -1
    for life in range(5):
        journal = opened(disk, Random(life), fsync_always=False, segment_bytes=1)
        assert replayed(journal) == []
        for _ in range(3):
            ref = append(journal, now=NOW - life * 3600 * SECOND_NS)
            assert ref > highest
            highest = ref
            journal.settle(ref)
        journal.close()
        assert len(disk.files) == 1
        disk = disk.process_crash()


def test_what_was_removed_counts_as_there_until_that_is_durable() -> None:
    """With `fsync: always` a removed segment may come back after power loss: what is known of it is needed till then."""

    async def scenario() -> None:
        syncing = Syncing()
        journal = opened(SimulatedDisk(), Random(0), fsync_always=True, segment_bytes=1, run_blocking=syncing)
        first, second = append(journal), append(journal)
        waiting = asyncio.create_task(journal.durable(second))
        await syncing.finish()
        await waiting
        journal.settle(first)
        assert journal.read(first) is None
        journal.tick(NOW)
        await settle()
        assert journal.oldest is not None
        assert journal.oldest[0] <= first
        await syncing.finish()
        assert first < journal.oldest[0] <= second

    asyncio.run(scenario())


def test_a_real_thread_syncs_a_real_disk(tmp_path: Path) -> None:
    """Nothing injected: appended, synced off the loop, closed, and found by the next."""

    def make() -> DiskJournal:
        return DiskJournal(
            Directory(tmp_path / "journal"),
            Vault(b"k" * 32),
            max_bytes=1 << 20,
            fsync_always=True,
            on_event=pytest.fail,
        )

    async def scenario() -> None:
        journal = make()
        refs = [append(journal, b"%d" % number) for number in range(30)]
        await asyncio.gather(*map(journal.durable, refs))
        journal.close()
        after = make()
        assert [(record.ref, record.raw) for record in replayed(after)] == [
            (ref, b"%d" % number) for number, ref in enumerate(refs)
        ]
        after.close()

    asyncio.run(scenario())


def test_a_really_full_disk_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """On a file system of one megabyte of its own (see `fills_the_disk.py`)."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        possible = subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode == 0  # noqa: S603  # the test's own
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("no user namespaces here: a small file system cannot be mounted")
    done = subprocess.run(  # noqa: S603  # the test's own
        [*unshare, "sh", "-c", TMPFS, "sh", str(tmp_path / "small"), sys.executable],
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing lost\n"
