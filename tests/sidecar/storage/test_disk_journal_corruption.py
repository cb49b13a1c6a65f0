"""The journal on a real directory in which somebody, or the disk, changed something."""

from __future__ import annotations

import os
import shutil
import stat
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from errno import EIO
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.errors import WrongKey
from sidecar.storage.file_system import ASIDE, Directory
from sidecar.storage.interfaces import Record, RecordKind
from sidecar.storage.segment import HEADER_BYTES, RECORD_OVERHEAD_BYTES, RECORDS_START, place
from sidecar.storage.vault import Vault

KEY = b"k" * 32
NOW = 1_800_000_000 * 10**9
SIZES = (40, 0, 300, 40, 40, 17)
"""Of the records of each segment; three of one size, so that one can take another's place."""
SEGMENTS = 3
DAMAGE = {"damaged_record", "torn_tail"}


@dataclass(frozen=True)
class Kept:
    name: str
    start: int
    end: int
    ref: int
    raw: bytes


class Bench:
    """A journal's directory with segments of known records, to be damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: Counter[str] = Counter()
        journal = self.open()
        self.kept: list[Kept] = []
        for segment in range(SEGMENTS):
            for index, size in enumerate(SIZES):
                raw = bytes([segment, index]) + os.urandom(size)
                ref = journal.append(RecordKind.TRACES, raw, 1, NOW + segment * 100 * 10**9)
                number, start = place(ref)
                end = start + len(raw) + RECORD_OVERHEAD_BYTES
                self.kept.append(Kept(f"{number:016x}.seg", start, end, ref, raw))
        journal.close()
        self.files = {file.name: file.read_bytes() for file in path.iterdir()}
        assert sorted(self.files) == self.names
        assert len(self.names) == SEGMENTS

    def open(self, key: bytes = KEY) -> DiskJournal:
        return DiskJournal(Directory(self.path), Vault(key), max_bytes=1 << 20, fsync_always=False, on_event=self.tell)

    def tell(self, reason: str) -> None:
        self.events[reason] += 1

    @property
    def names(self) -> list[str]:
        return sorted({kept.name for kept in self.kept})

    def of(self, name: str) -> list[Kept]:
        return [kept for kept in self.kept if kept.name == name]

    def put(self, **files: bytes | None) -> None:
        """Makes the directory as it was at first, but for these files (by the name's number, or whole name)."""
        shutil.rmtree(self.path)
        self.path.mkdir()
        for name, content in (self.files | files).items():
            if content is not None:
                (self.path / name).write_bytes(content)
        self.events.clear()

    def replayed(self) -> list[Record]:
        """What a new process finds; then it takes one more record, and ends with all of it held."""
        journal = self.open()
        records = [record for record in journal.replay() if record is not None]
        assert all(journal.read(record.ref) == record.raw for record in records)
        ref = journal.append(RecordKind.LOGS, b"one more", 1, NOW + 10**12)
        assert journal.read(ref) == b"one more"
        assert all(ref > kept.ref for kept in self.kept)
        journal.close()
        return records

    def finds(self, expected: Sequence[Kept]) -> None:
        """Just these, unaltered, in order, under the references they were given."""
        assert [(record.ref, record.raw) for record in self.replayed()] == [(kept.ref, kept.raw) for kept in expected]

    def all_but(self, *lost: Kept) -> list[Kept]:
        return [kept for kept in self.kept if kept not in lost]

    def aside(self) -> list[bytes]:
        folder = self.path / ASIDE
        return sorted(file.read_bytes() for file in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "journal")


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def test_nothing_is_wrong_with_what_nobody_touched(bench: Bench) -> None:
    """The bench itself: everything is there, and nothing is reported."""
    bench.finds(bench.kept)
    assert not bench.events


def test_one_flipped_bit_costs_one_record(bench: Bench) -> None:
    """Anywhere in a record: it is counted and left out, its neighbours are not; the header is there twice."""
    name = bench.names[1]
    content = bench.files[name]
    for at in range(len(content)):
        bench.put(**{name: flipped(content, at, at % 8)})
        lost = [kept for kept in bench.of(name) if kept.start <= at < kept.end]
        bench.finds(bench.all_but(*lost))
        assert set(bench.events) <= DAMAGE
        assert bench.events.total() == len(lost)
        if lost and lost[0] is not bench.of(name)[-1]:
            assert bench.events == {"damaged_record": 1}


def test_damage_in_several_places_costs_what_was_there(bench: Bench) -> None:
    """Records between damaged ones are found by their mark."""
    name = bench.names[0]
    content = bench.files[name]
    lost = bench.of(name)[::2]
    for kept in lost:
        content = flipped(content, kept.start, 0)
    bench.put(**{name: content})
    bench.finds(bench.all_but(*lost))
    assert bench.events == {"damaged_record": len(lost)}


def test_a_file_cut_anywhere_keeps_what_is_whole(bench: Bench) -> None:
    """A torn record at the end is counted; one that is gone without a trace cannot be."""
    name = bench.names[2]
    content = bench.files[name]
    for length in range(len(content)):
        bench.put(**{name: content[:length]})
        bench.finds(bench.all_but(*(kept for kept in bench.of(name) if kept.end > length)))
        if any(kept.start < length < kept.end for kept in bench.of(name)) or length < HEADER_BYTES:
            assert bench.events == {"torn_tail": 1}
        else:
            assert not bench.events


def test_a_hole_costs_what_was_in_it(bench: Bench) -> None:
    """Bytes cut out of the middle: what follows lies elsewhere now, and is not taken for what it is not."""
    name = bench.names[0]
    content, (first, second, *_) = bench.files[name], bench.of(name)
    bench.put(**{name: content[: first.start + 5] + content[second.start :]})
    bench.finds(bench.all_but(*bench.of(name)))
    assert set(bench.events) <= DAMAGE
    assert bench.events


@pytest.mark.parametrize(
    "tail", [b"\0", bytes(5000), b"\xff" * 700, os.urandom(3000)], ids=["0", "zeros", "ones", "any"]
)
def test_a_tail_that_is_no_record_costs_nothing(bench: Bench, tail: bytes) -> None:
    """What a file system leaves behind the end of the data after a power loss."""
    name = bench.names[1]
    bench.put(**{name: bench.files[name] + tail})
    bench.finds(bench.kept)
    assert bench.events == {"torn_tail": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "torn_tail"),
        (bytes(4096), "torn_tail"),
        (b"GENAI", "torn_tail"),
        (b"SQLite format 3\0" * 300, "foreign_file"),
        (os.urandom(4096), "foreign_file"),
    ],
    ids=["empty", "zeros", "begun", "database", "any"],
)
def test_a_file_that_is_no_segment_goes_out_of_the_way(bench: Bench, content: bytes, reason: str) -> None:
    """Under the name of one: counted, set aside unless it is the begin of one, and the others are read."""
    name = bench.names[1]
    bench.put(**{name: content})
    bench.finds(bench.all_but(*bench.of(name)))
    assert bench.events == {reason: 1}
    assert bench.aside() == ([] if reason == "torn_tail" else [content])
    bench.events.clear()
    assert bench.replayed()
    assert not bench.events


def with_version(content: bytes, version: int) -> bytes:
    """A whole, valid header of another version, twice."""
    packed = content[:8] + struct.pack("<H", version) + content[10 : HEADER_BYTES - 4]
    return 2 * (packed + struct.pack("<I", crc32(packed))) + content[RECORDS_START:]


def test_a_segment_of_another_version_is_set_aside_whole(bench: Bench) -> None:
    """A newer sidecar wrote it; who goes back to that one can put it back."""
    name = bench.names[1]
    newer = with_version(bench.files[name], 2)
    assert with_version(bench.files[name], 1) == bench.files[name]
    bench.put(**{name: newer})
    bench.finds(bench.all_but(*bench.of(name)))
    assert bench.events == {"wrong_version": 1}
    assert bench.aside() == [newer]


def test_without_both_headers_a_segment_is_set_aside_whole(bench: Bench) -> None:
    """Without its salt nothing in it can be read; what is left of it is kept for whoever wants to look."""
    name = bench.names[1]
    damaged = flipped(flipped(bench.files[name], 40, 1), HEADER_BYTES + 40, 1)
    bench.put(**{name: damaged})
    bench.finds(bench.all_but(*bench.of(name)))
    assert bench.events == {"damaged_segment": 1}
    assert bench.aside() == [damaged]


def test_a_lost_first_sector_is_no_torn_tail(bench: Bench) -> None:
    """Zeros where the header was and records behind them: that is damage, and is kept."""
    name = bench.names[1]
    damaged = bytes(RECORDS_START) + bench.files[name][RECORDS_START:]
    bench.put(**{name: damaged})
    bench.finds(bench.all_but(*bench.of(name)))
    assert bench.aside() == [damaged]


def test_with_another_key_nothing_starts_and_nothing_is_touched(bench: Bench) -> None:
    """Neither segments nor what would be set aside; with the right key everything is there."""
    foreign = {"0000000000000001.seg": b"no segment", "0000000000000002.seg": b""}
    bench.put(**foreign)
    with pytest.raises(WrongKey) as caught:
        bench.open(key=b"x" * 32)
    assert "key" in str(caught.value)
    assert not bench.events
    assert {file.name: file.read_bytes() for file in bench.path.iterdir()} == bench.files | foreign
    bench.finds(bench.kept)


@pytest.mark.parametrize("which", range(SEGMENTS))
def test_one_segment_of_another_key_is_enough(bench: Bench, which: int, tmp_path: Path) -> None:
    """Going on would make it look as if there were nothing in it."""
    journal = DiskJournal(
        Directory(tmp_path / "other"), Vault(b"x" * 32), max_bytes=1000, fsync_always=False, on_event=bench.tell
    )
    journal.append(RecordKind.TRACES, b"theirs", 1, NOW)
    journal.close()
    (theirs,) = (tmp_path / "other").iterdir()
    bench.put(**{bench.names[which]: theirs.read_bytes()})
    with pytest.raises(WrongKey):
        bench.open()
    assert not bench.events
    assert sorted(file.name for file in bench.path.iterdir()) == bench.names
    (bench.path / bench.names[which]).unlink()
    bench.finds(bench.all_but(*bench.of(bench.names[which])))


def moved(bench: Bench, source: Kept, target: Kept) -> dict[str, bytes]:
    """The file of `target`, with the bytes of `source` in its place."""
    assert source.end - source.start == target.end - target.start
    content = bench.files[target.name]
    record = bench.files[source.name][source.start : source.end]
    return {target.name: content[: target.start] + record + content[target.end :]}


def test_a_record_from_another_segment_is_no_record_here(bench: Bench) -> None:
    """In another's place, at the same offset of another file, or at the end."""
    first, second = bench.names[:2]
    for target in (bench.of(second)[0], bench.of(second)[3]):
        bench.put(**moved(bench, bench.of(first)[0], target))
        bench.finds(bench.all_but(target))
        assert bench.events == {"damaged_record": 1}
    record = bench.of(first)[2]
    bench.put(**{second: bench.files[second] + bench.files[first][record.start : record.end]})
    bench.finds(bench.kept)
    assert bench.events == {"damaged_record": 1}


def test_two_records_that_changed_places_are_both_lost(bench: Bench) -> None:
    """A reference never leads to another record: what is known of one would be believed of the other."""
    name = bench.names[1]
    one, two = bench.of(name)[0], bench.of(name)[3]
    content = bytearray(bench.files[name])
    content[one.start : one.end] = bench.files[name][two.start : two.end]
    content[two.start : two.end] = bench.files[name][one.start : one.end]
    bench.put(**{name: bytes(content)})
    bench.finds(bench.all_but(one, two))
    assert bench.events == {"damaged_record": 2}


@pytest.mark.parametrize("append", [False, True], ids=["in place", "at the end"])
def test_a_record_is_there_once(bench: Bench, append: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """A copy of a record, over its neighbour or behind them all, is damage."""
    name = bench.names[1]
    source, target = bench.of(name)[3:5]
    if append:
        bench.put(**{name: bench.files[name] + bench.files[name][source.start : source.end]})
        bench.finds(bench.kept)
    else:
        bench.put(**moved(bench, source, target))
        bench.finds(bench.all_but(target))
    assert bench.events == {"damaged_record": 1}


def test_segments_that_changed_names_are_read_as_what_they_are(bench: Bench) -> None:
    """The number in the header counts, not the name."""
    first, second, _ = bench.names
    bench.put(**{first: bench.files[second], second: bench.files[first]})
    bench.finds(bench.kept)


def test_a_segment_renamed_over_another_costs_the_other(bench: Bench) -> None:
    """What is still there is found, in its own right."""
    first, second, third = bench.names
    bench.put(**{first: bench.files[third], third: None})
    bench.finds(bench.all_but(*bench.of(first)))
    bench.put(**{third: bench.files[second], second: None})
    bench.finds(bench.all_but(*bench.of(third)))


@pytest.mark.parametrize("name", ["0000000000000001.seg", "ffffffffffffffff.seg", "copy.seg"])
def test_a_copy_of_a_segment_does_not_count_twice(bench: Bench, name: str) -> None:
    """Whole or torn, wherever it sorts: the one with the right name is the one."""
    original = bench.files[bench.names[1]]
    for copy in (original, original[:-30], original[:RECORDS_START]):
        bench.put(**{name: copy})
        bench.finds(bench.kept)
        assert bench.events == {"foreign_file": 1}
        assert bench.aside() == [copy]


def test_the_header_of_one_segment_opens_no_other(bench: Bench) -> None:
    """Salt and number of one on the records of another: nothing in it is valid."""
    first, second, _ = bench.names
    mixed = bench.files[first][:RECORDS_START] + bench.files[second][RECORDS_START:]
    bench.put(**{second: mixed, first: None})
    bench.finds(bench.all_but(*bench.of(first), *bench.of(second)))
    assert bench.events["damaged_record"] >= 1


def test_other_files_and_folders_are_left_alone(bench: Bench) -> None:
    """What does not end in .seg was not written here; a folder or a link that does is not read either."""
    outside = bench.path.parent / "outside"
    outside.write_bytes(bench.files[bench.names[1]])
    bench.put(**{"README": b"mine", "notes.seg.bak": b"mine", bench.names[1]: None})
    (bench.path / "folder.seg").mkdir()
    (bench.path / bench.names[1]).symlink_to(outside)
    bench.finds(bench.all_but(*bench.of(bench.names[1])))
    assert not bench.events
    assert (bench.path / "README").read_bytes() == (bench.path / "notes.seg.bak").read_bytes() == b"mine"
    assert (bench.path / "folder.seg").is_dir()
    assert outside.read_bytes() == bench.files[bench.names[1]]


def test_a_segment_with_damage_is_kept_when_it_is_done_with(bench: Bench) -> None:
    """Set aside, not removed; the whole ones are removed."""
    first = bench.names[0]
    damaged = flipped(bench.files[first], bench.of(first)[2].start + 60, 3)
    bench.put(**{first: damaged})
    journal = bench.open()
    for record in journal.replay():
        if record is not None:
            journal.settle(record.ref)
    journal.tick(NOW + 10**12)
    journal.close()
    assert bench.aside() == [damaged]
    assert not set(bench.names) & {file.name for file in bench.path.iterdir()}


def test_a_record_that_is_damaged_while_it_waits_reads_as_gone(bench: Bench) -> None:
    """Read back to be exported, with the file changed under the journal: counted, never passed on."""
    journal = bench.open()
    records = [record for record in journal.replay() if record is not None]
    target = bench.of(bench.names[1])[2]
    with (bench.path / target.name).open("r+b") as file:
        file.seek(target.end - 1)
        last = file.read(1)
        file.seek(target.end - 1)
        file.write(bytes([last[0] ^ 1]))
    for record in records:
        assert journal.read(record.ref) == (None if record.ref == target.ref else record.raw)
    assert bench.events == {"damaged_record": 1}
    for record in records:
        journal.settle(record.ref)
    journal.close()
    assert len(bench.aside()) == 1


@pytest.mark.parametrize(
    "ref",
    [lambda ref: ref + 1, lambda ref: ref - 1, lambda ref: ref + (1 << 30) - 1, lambda ref: 0],
    ids=["next", "previous", "far", "first"],
)
def test_a_reference_that_was_never_given_reads_as_gone(bench: Bench, ref: Callable[[int], int]) -> None:
    """Beside a record, beyond the end of the file, in no segment."""
    journal = bench.open()
    assert journal.read(ref(bench.kept[2].ref)) is None
    journal.close()


def test_only_its_owner_can_read_it(bench: Bench) -> None:
    """And what is on disk shows nothing of what is in it."""
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in bench.path.iterdir()} == {0o600}
    for kept in bench.kept:
        assert len(kept.raw) < 10 or not any(kept.raw[2:] in content for content in bench.files.values())


class Unreadable(Directory):
    """A disk with a bad block in one file, or a process with no descriptor left."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path)
        self.bad = name

    def open(self, name: str) -> Any:
        if name == self.bad:
            raise OSError(EIO, os.strerror(EIO))
        return super().open(name)


def test_a_segment_that_cannot_be_read_now_stays_where_it_is(bench: Bench) -> None:
    """An error of the disk or a lack of descriptors is no proof that there is nothing in it: the next start tries again."""
    name = bench.names[1]
    journal = DiskJournal(
        Unreadable(bench.path, name), Vault(KEY), max_bytes=1 << 20, fsync_always=False, on_event=bench.tell
    )
    assert [record.raw for record in journal.replay() if record] == [
        kept.raw for kept in bench.all_but(*bench.of(name))
    ]
    assert bench.events == {"read_failed": 1}
    journal.close()
    bench.finds(bench.kept)
