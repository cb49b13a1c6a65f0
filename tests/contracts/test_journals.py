"""What every journal promises, whether it keeps its records in memory or on disk."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.file_system import Directory
from sidecar.storage.interfaces import Journal, RecordKind, StorageFull
from sidecar.storage.memory_journal import MemoryJournal
from sidecar.storage.vault import Vault
from tests.sidecar.storage.journal_ledger import at_once
from tests.support.clock import settle

NOW = 1_800_000_000 * 10**9
MINUTE_NS = 60 * 10**9

Make = Callable[[int], Journal]


def never(reason: str) -> None:
    raise AssertionError(reason)


@pytest.fixture(params=["memory", "disk", "disk, synced"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    made: list[Journal] = []

    def make(max_bytes: int) -> Journal:
        if request.param == "memory":
            made.append(MemoryJournal(max_bytes))
        else:
            always = request.param == "disk, synced"
            vault = Vault(b"k" * 32)
            files = Directory(tmp_path / "journal")
            made.append(
                DiskJournal(
                    files, vault, max_bytes=max_bytes, fsync_always=always, on_event=never, run_blocking=at_once
                )
            )
        return made[-1]

    yield make
    for journal in made:
        journal.close()


def fill(journal: Journal, size: int) -> dict[int, bytes]:
    """Records of that size, each with one hold, until there is no room for another."""
    kept: dict[int, bytes] = {}
    for number in range(1000):
        raw = number.to_bytes(size, "big")
        try:
            kept[journal.append(RecordKind.TRACES, raw, 1, NOW)] = raw
        except StorageFull:
            return kept
    raise AssertionError("it is never full")


def test_a_record_is_read_as_it_was_appended(make: Make) -> None:
    """Of every kind and size, an empty one too, and as often as it is asked for."""
    journal = make(1 << 20)
    sizes = (0, 1, 100, 70_000)
    kept = {
        journal.append(kind, Random(size).randbytes(size), 1, NOW): Random(size).randbytes(size)
        for kind in RecordKind
        for size in sizes
    }
    assert len(kept) == len(RecordKind) * len(sizes)
    for _ in range(2):
        assert {ref: journal.read(ref) for ref in kept} == kept


def test_references_only_grow(make: Make) -> None:
    """Also when what was there has gone in between."""
    journal = make(1 << 20)
    refs = []
    for number in range(20):
        refs.append(journal.append(RecordKind.LOGS, b"x", 1, NOW + number * MINUTE_NS))
        if number % 3:
            journal.settle(refs[-1])
    assert refs == sorted(set(refs))


def test_a_record_stays_until_its_last_hold_is_settled(make: Make) -> None:
    """One at a time or several at once, and with holds that were added."""
    journal = make(1 << 20)
    ref = journal.append(RecordKind.TRACES, b"x", 3, NOW)
    journal.settle(ref)
    journal.hold(ref, 2)
    journal.settle(ref, 3)
    assert journal.read(ref) == b"x"
    journal.settle(ref)


def test_what_is_settled_makes_room(make: Make) -> None:
    """In the end as much as there was."""

    async def scenario() -> None:
        journal = make(4000)
        before = journal.used_bytes
        assert before == 0
        kept = fill(journal, 100)
        for ref in kept:
            await journal.durable(ref)
            journal.settle(ref)
        for minute in range(1, 4):
            journal.tick(NOW + minute * 2 * MINUTE_NS)
            await settle()
        assert journal.oldest is None
        assert journal.used_bytes < 200
        assert len(fill(journal, 100)) >= len(kept) - 2

    asyncio.run(scenario())


def test_a_full_journal_refuses_and_keeps_what_it_has(make: Make) -> None:
    """What was acknowledged is never dropped to make room, nor is it ever above its limit."""
    journal = make(4000)
    kept = fill(journal, 100)
    assert len(kept) > 10
    assert journal.used_bytes <= journal.max_bytes == 4000
    assert {ref: journal.read(ref) for ref in kept} == kept


def test_one_record_over_the_limit_fits_an_empty_journal(make: Make) -> None:
    """The receiver bounds a request; a small journal must not make it undeliverable for ever. A second waits."""
    journal = make(100)
    ref = journal.append(RecordKind.METRICS, b"z" * 500, 1, NOW)
    assert journal.read(ref) == b"z" * 500
    with pytest.raises(StorageFull):
        journal.append(RecordKind.METRICS, b"z", 1, NOW)


def test_many_wait_until_theirs_is_durable(make: Make) -> None:
    """All of them are told, in any order."""

    async def scenario() -> None:
        journal = make(1 << 20)
        refs = [journal.append(RecordKind.TRACES, b"x" * size, 1, NOW) for size in range(50)]
        await asyncio.wait_for(asyncio.gather(*map(journal.durable, reversed(refs))), 20)
        assert [journal.read(ref) for ref in refs] == [b"x" * size for size in range(50)]

    asyncio.run(scenario())


def test_nothing_is_older_than_the_oldest(make: Make) -> None:
    """The lowest reference there may be moves on with what goes, and never past what is there."""
    journal = make(1 << 20)
    assert journal.oldest is None
    refs = [journal.append(RecordKind.TRACES, b"x", 1, NOW + number * 2 * MINUTE_NS) for number in range(10)]
    for ref, following in itertools.pairwise(refs):
        oldest = journal.oldest
        assert oldest is not None
        assert oldest[0] <= ref
        journal.settle(ref)
        assert journal.read(following) == b"x"


def test_settling_what_is_gone_does_nothing(make: Make) -> None:
    """A late settle, or one with a reference of another life, is harmless."""
    journal = make(1 << 20)
    journal.settle(7)
    assert journal.read(7) is None
    assert [record for record in journal.replay() if record is not None] == []
