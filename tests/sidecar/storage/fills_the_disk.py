"""Run with a directory on a small file system: fills it through the journal, makes room, and goes on, in one process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.file_system import Directory
from sidecar.storage.interfaces import RecordKind, StorageBroken, StorageFull
from sidecar.storage.vault import Vault

NOW = 1_800_000_000 * 10**9


def open_journal(path: Path, events: Counter[str], *, fsync_always: bool) -> DiskJournal:
    return DiskJournal(
        Directory(path),
        Vault(b"k" * 32),
        max_bytes=1 << 30,
        fsync_always=fsync_always,
        on_event=lambda reason: events.update([reason]),
        segment_bytes=100_000,
    )


async def fill(journal: DiskJournal, acknowledged: dict[int, bytes]) -> None:
    """Appends until the disk takes no more, several times over."""
    refused = 0
    while refused < 10:
        raw = os.urandom(7001)
        try:
            ref = journal.append(RecordKind.TRACES, raw, 1, NOW)
            await journal.durable(ref)
        except StorageBroken as error:
            raise AssertionError("a full disk is not a broken one") from error
        except StorageFull:
            refused += 1
        else:
            acknowledged[ref] = raw
    for ref, raw in acknowledged.items():
        assert journal.read(ref) == raw


async def scenario(path: Path, *, fsync_always: bool) -> None:
    events: Counter[str] = Counter()
    journal = open_journal(path, events, fsync_always=fsync_always)
    acknowledged: dict[int, bytes] = {}
    # Somebody else's file takes half of the room, and gives it back.
    other = path.parent / "other"
    other.write_bytes(bytes(500_000))
    await fill(journal, acknowledged)
    first = len(acknowledged)
    assert first > 40
    other.unlink()
    await fill(journal, acknowledged)
    assert len(acknowledged) > first + 40
    # What is settled gives room, too.
    for ref in list(acknowledged)[:first]:
        journal.settle(ref)
        del acknowledged[ref]
    second = len(acknowledged)
    journal.tick(NOW)
    await asyncio.sleep(0.05 if fsync_always else 0)
    await fill(journal, acknowledged)
    assert len(acknowledged) > second + 30
    assert set(events) == {"write_failed"}
    journal.close()

    after = open_journal(path, events, fsync_always=fsync_always)
    found = {record.ref: record.raw for record in after.replay() if record is not None}
    assert found.items() >= acknowledged.items()
    assert not {"damaged_record", "damaged_segment", "foreign_file"} & set(events)
    for ref in found:
        after.settle(ref)
    after.tick(NOW + 10**12)
    await asyncio.sleep(0.05 if fsync_always else 0)
    after.append(RecordKind.TRACES, bytes(500_000), 1, NOW)
    after.close()


def main() -> None:
    where = Path(sys.argv[1])
    for name, fsync_always in (("process", False), ("always", True)):
        asyncio.run(scenario(where / name / "journal", fsync_always=fsync_always))
        for file in (where / name / "journal").glob("*.seg"):
            file.unlink()
    sys.stdout.write("nothing lost\n")


if __name__ == "__main__":
    main()
