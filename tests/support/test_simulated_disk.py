from __future__ import annotations

from collections.abc import Callable
from errno import EIO, ENOSPC
from random import Random

import pytest

from tests.support.simulated_disk import SECTOR_BYTES, Kind, SimulatedDisk

SEEDS = 400


def outcomes(disk: SimulatedDisk, name: str, at: int = -1) -> set[bytes | None]:
    """What may be under the name after power loss at a crash point, over many seeds. None: no such file."""
    found: set[bytes | None] = set()
    points = len(disk.operations) + 1
    for point in disk.crash_points():
        if point.index == at % points:
            found |= {point.power_loss(Random(seed)).files.get(name) for seed in range(SEEDS)}
    return found


def written(*parts: bytes, synced: int = 0) -> SimulatedDisk:
    """A disk with the file `a`, its entry synced, of whose parts the first `synced` are synced."""
    disk = SimulatedDisk()
    file = disk.create("a")
    disk.sync_directory()
    for index, part in enumerate(parts, start=1):
        file.append(part)
        if index == synced:
            file.sync()
    return disk


def test_it_reads_what_was_written() -> None:
    """To a process that goes on, synced or not makes no difference."""
    disk = SimulatedDisk({"old": b"12345"})
    file = disk.create("new")
    file.append(b"ab", b"", b"cd")
    assert (file.size, file.read(1, 2), file.read(3, 10)) == (4, b"bc", b"d")
    assert disk.open("old").read(0, 3) == b"123"
    assert sorted(disk.names()) == ["new", "old"]
    disk.set_aside("old")
    assert (disk.names(), disk.aside) == (["new"], {"old": b"12345"})
    disk.remove("new")
    assert file.read(0, 4) == b"abcd"
    assert disk.files == {}


def test_it_refuses_what_an_operating_system_refuses() -> None:
    """A name that is taken, one that is not there, a closed file, a file opened for reading."""
    disk = SimulatedDisk({"a": b""})
    with pytest.raises(FileExistsError):
        disk.create("a")
    for call in (disk.open, disk.remove, disk.set_aside):
        with pytest.raises(FileNotFoundError):
            call("b")
    with pytest.raises(OSError, match="Bad file descriptor"):
        disk.open("a").append(b"x")
    file = disk.create("b")
    file.close()
    for use in (lambda: file.append(b"x"), file.sync, lambda: file.read(0, 1), file.close):
        with pytest.raises(OSError, match="Bad file descriptor"):
            use()


def test_a_synced_prefix_is_in_every_outcome() -> None:
    """Invariant 1, with a tail that shares the last sector and reaches over three more."""
    disk = written(b"s" * 700, b"t" * 1500, synced=1)
    found = outcomes(disk, "a")
    assert all(content is not None and content.startswith(b"s" * 700) for content in found)
    assert len(found) > SEEDS / 4


def test_an_unsynced_tail_may_be_lost_torn_or_out_of_order() -> None:
    """Invariant 2: every kind of outcome that a journal must live with does come up."""
    tail = Random(1).randbytes(4 * SECTOR_BYTES)
    disk = written(tail)
    found = {content for content in outcomes(disk, "a") if content is not None}
    first, last = tail[:SECTOR_BYTES], tail[-SECTOR_BYTES:]
    assert {tail, b""} <= found
    assert any(tail.startswith(content) and len(content) % SECTOR_BYTES for content in found), "cut at a byte"
    assert any(tail.startswith(content) and 0 < len(content) < len(tail) for content in found), "cut at a sector"
    assert any(content.endswith(last) and not content.startswith(first) for content in found), "last before first"
    assert any(content.startswith(first) and content.endswith(bytes(SECTOR_BYTES)) for content in found), "zero tail"
    assert any(
        len(content) == len(tail) and first != content[:SECTOR_BYTES] != bytes(SECTOR_BYTES) for content in found
    )


def test_a_lost_sector_may_hold_what_another_file_has_there() -> None:
    """Invariant 2, stale blocks: valid data in the wrong place is the best disguise."""
    other = Random(2).randbytes(2 * SECTOR_BYTES)
    disk = SimulatedDisk({"other": other})
    file = disk.create("a")
    disk.sync_directory()
    file.append(b"x" * 2 * SECTOR_BYTES)
    assert any(content and content[:SECTOR_BYTES] == other[:SECTOR_BYTES] for content in outcomes(disk, "a"))


def test_no_later_sync_covers_what_a_failed_one_left() -> None:
    """Invariant 3: the second sync succeeds and what it was asked for the first time for is still lost."""
    disk = written(b"s" * 10, b"lost", synced=1)
    file = disk._state.entries["a"]
    disk.fail(Kind.SYNC, EIO)
    with pytest.raises(OSError, match="Input/output error"):
        disk._sync(file)
    disk._append(file, b"later")
    disk._sync(file)
    found = {content or b"" for content in outcomes(disk, "a")}
    assert all(content.startswith(b"s" * 10) and content.endswith(b"later") for content in found)
    assert len({content[10:14] for content in found}) > 2


def test_a_failed_sync_may_forget_at_once() -> None:
    """Some file systems drop the cached pages: then even this process reads zeros."""
    disk = written(b"ss", b"lost", synced=1)
    disk.fail(Kind.SYNC, EIO, forgets=True)
    with pytest.raises(OSError, match="Input/output error"):
        disk._sync(0)
    assert disk.files == {"a": b"ss\0\0\0\0"}


def change_create(disk: SimulatedDisk) -> None:
    disk.create("new").append(b"n")


def change_remove(disk: SimulatedDisk) -> None:
    disk.remove("old")


def change_set_aside(disk: SimulatedDisk) -> None:
    disk.set_aside("old")


@pytest.mark.parametrize(
    ("change", "name"), [(change_create, "new"), (change_remove, "old"), (change_set_aside, "old")]
)
def test_a_directory_entry_is_certain_only_after_a_directory_sync(
    change: Callable[[SimulatedDisk], None], name: str
) -> None:
    """Invariant 4: before it, the file may be there or not; a sync of the file itself does not settle that."""
    disk = SimulatedDisk({"old": b"o"})
    change(disk)
    for entry in disk._state.entries.values():
        disk._sync(entry)
    now = disk.files.get(name)
    assert outcomes(disk, name) == {now, SimulatedDisk({"old": b"o"}).files.get(name)}
    disk.sync_directory()
    assert outcomes(disk, name) == {now}


def test_what_was_set_aside_is_in_one_place() -> None:
    """Lost or not, a rename never leaves two files or none."""
    disk = SimulatedDisk({"old": b"o"})
    disk.set_aside("old")
    for seed in range(20):
        after = disk.power_loss(Random(seed))
        assert (after.files, after.aside) in [({"old": b"o"}, {}), ({}, {"old": b"o"})]


def test_directory_entries_are_lost_one_by_one() -> None:
    """Of two removes, the second may last and the first be undone."""
    disk = SimulatedDisk({"a": b"", "b": b""})
    disk.remove("a")
    disk.remove("b")
    assert {tuple(sorted(disk.power_loss(Random(seed)).files)) for seed in range(50)} == {
        (), ("a",), ("b",), ("a", "b")
    }  # fmt: skip


def test_a_dying_process_loses_nothing_but_the_write_under_way() -> None:
    """Invariant 5, and what it left unsynced may still be lost to a later power loss."""
    disk = written(b"aaaa", b"bbbb")
    found = set()
    for point in disk.crash_points():
        if point.index == len(disk.operations) - 1:
            found = {point.process_crash(Random(seed)).files["a"] for seed in range(60)}
    assert found == {b"aaaa", b"aaaab", b"aaaabb", b"aaaabbb", b"aaaabbbb"}
    after = disk.process_crash()
    assert after.files == {"a": b"aaaabbbb"}
    assert b"" in outcomes(after, "a")


def test_a_disk_can_be_crashed_again() -> None:
    """What was found after a power loss is on the disk; what is written then is not yet."""
    disk = written(b"one", synced=1).power_loss(Random(0))
    file = disk.create("b")
    file.append(b"two")
    assert outcomes(disk, "a") == {b"one"}
    assert None in outcomes(disk, "b")


def test_after_its_death_a_process_writes_no_more() -> None:
    """A test that goes on with the old journal after the crash is told so."""
    disk = written(b"one")
    disk.power_loss(Random(0))
    with pytest.raises(AssertionError):
        disk.remove("a")


def test_operations_fail_as_planned() -> None:
    """The n-th operation of a kind, so many times, and an append after part of its bytes."""
    disk = SimulatedDisk()
    file = disk.create("a")
    disk.fail(Kind.APPEND, EIO, skip=1, times=2, part=0.5)
    file.append(b"1111")
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output error"):
            file.append(b"2222")
    file.append(b"3333")
    assert disk.files == {"a": b"111122223333"}
    for kind, call in (
        (Kind.CREATE, lambda: disk.create("b")),
        (Kind.REMOVE, lambda: disk.remove("a")),
        (Kind.SET_ASIDE, lambda: disk.set_aside("a")),
        (Kind.SYNC_DIRECTORY, disk.sync_directory),
    ):
        disk.fail(kind, EIO)
        with pytest.raises(OSError, match="Input/output error"):
            call()
    assert disk.files.keys() == {"a"}
    disk.fail(Kind.CREATE, EIO)
    disk.heal()
    disk.create("b")


def test_a_full_disk_takes_what_fits() -> None:
    """As a real one; what is removed makes room again."""
    disk = SimulatedDisk({"old": b"12345"})
    disk.max_bytes = 8
    file = disk.create("a")
    with pytest.raises(OSError, match="No space left") as caught:
        file.append(b"abcdef")
    assert caught.value.errno == ENOSPC
    assert disk.files["a"] == b"abc"
    disk.remove("old")
    file.append(b"defgh")
    assert disk.files["a"] == b"abcdefgh"


def test_outcomes_depend_on_the_seed_alone() -> None:
    """A failure that a seed showed can be looked at again."""
    disk = written(b"x" * 3000)
    assert disk.power_loss(Random(5)).files == disk.power_loss(Random(5)).files
