from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sidecar.storage.file_system import ASIDE, Directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "journal")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_only_its_owner_sees_into_it(tmp_path: Path) -> None:
    """0700 for directories, 0600 for files, whatever the umask; a directory that was there is closed too."""
    before = os.umask(0)
    try:
        open_to_all = tmp_path / "there"
        open_to_all.mkdir(mode=0o777)
        for path in (open_to_all, tmp_path / "new" / "deep"):
            directory = Directory(path)
            directory.create("a").close()
            directory.create("b").close()
            directory.set_aside("b")
            assert mode(path) == 0o700
            assert mode(path / "a") == 0o600
            assert mode(path / ASIDE) == 0o700
            assert [mode(each) for each in (path / ASIDE).iterdir()] == [0o600]
    finally:
        os.umask(before)


def test_parts_are_appended_as_one(directory: Directory, path: Path) -> None:
    """In order, empty ones too; what was appended can be read through the same file."""
    file = directory.create("a")
    file.append(b"12", b"", b"345")
    file.append(b"6")
    assert (file.size, file.read(1, 3), file.read(4, 99), file.read(99, 1)) == (6, b"234", b"56", b"")
    file.sync()
    file.close()
    assert (path / "a").read_bytes() == b"123456"


def test_more_than_a_kernel_takes_in_one_call_is_appended_whole(directory: Directory, path: Path) -> None:
    """A short write goes on where it stopped."""
    file = directory.create("a")
    data = os.urandom(3_000_000)
    file.append(data[:1], data[1:2_000_000], data[2_000_000:])
    file.close()
    assert (path / "a").read_bytes() == data


def test_a_short_write_is_finished(directory: Directory, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call takes one byte, each that follows two: everything is there once."""
    real_write = os.write
    monkeypatch.setattr(os, "writev", lambda descriptor, parts: real_write(descriptor, b"".join(parts)[:1]))
    monkeypatch.setattr(os, "write", lambda descriptor, data: real_write(descriptor, data[:2]))
    file = directory.create("a")
    file.append(b"123", b"4567")
    file.close()
    assert (path / "a").read_bytes() == b"1234567"


def test_a_name_is_created_once(directory: Directory) -> None:
    """No file of an earlier process is ever opened for writing."""
    directory.create("a").close()
    with pytest.raises(FileExistsError):
        directory.create("a")


def test_an_opened_file_is_only_read(directory: Directory, path: Path) -> None:
    """Its content cannot be changed through it."""
    (path / "a").write_bytes(b"123")
    file = directory.open("a")
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.append(b"4")
    assert (file.size, file.read(0, 9)) == (3, b"123")
    file.close()


def test_names_are_those_of_regular_files(directory: Directory, path: Path) -> None:
    """Folders, links and pipes are nobody's segments."""
    (path / "file").write_bytes(b"")
    (path / "folder").mkdir()
    (path / "link").symlink_to(path / "file")
    os.mkfifo(path / "pipe")
    assert directory.names() == ["file"]


def test_links_are_not_followed(directory: Directory, path: Path, tmp_path: Path) -> None:
    """Who can plant a link in the directory can make it neither read nor write elsewhere."""
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    (path / "link").symlink_to(target)
    (path / "dangling").symlink_to(tmp_path / "nothing")
    with pytest.raises(OSError, match="symbolic links"):
        directory.open("link")
    for name in ("link", "dangling"):
        with pytest.raises(FileExistsError):
            directory.create(name)
    directory.remove("link")
    assert target.read_bytes() == b"theirs"
    assert not (tmp_path / "nothing").exists()


def test_what_is_set_aside_is_kept_and_out_of_the_way(directory: Directory, path: Path) -> None:
    """The same name twice is two files aside."""
    for content in (b"1", b"2"):
        (path / "a").write_bytes(content)
        directory.set_aside("a")
    assert directory.names() == []
    assert sorted(each.read_bytes() for each in (path / ASIDE).iterdir()) == [b"1", b"2"]


def test_the_oldest_of_what_is_aside_goes_first(directory: Directory, path: Path) -> None:
    """Damaged files never fill the disk: there are eight at most."""
    for number in range(12):
        (path / "a").write_bytes(b"%d" % number)
        os.utime(path / "a", (number, number))
        directory.set_aside("a")
    kept = {int(each.read_bytes()) for each in (path / ASIDE).iterdir()}
    assert kept == set(range(4, 12))


def test_what_is_not_there_is_an_error_of_the_operating_system(directory: Directory) -> None:
    """The journal tells a vanished file from a damaged one."""
    for call in (directory.open, directory.remove, directory.set_aside):
        with pytest.raises(FileNotFoundError):
            call("nothing")


def test_a_directory_can_be_synced(directory: Directory, path: Path) -> None:
    """And says so when it is gone."""
    directory.sync_directory()
    path.rmdir()
    with pytest.raises(FileNotFoundError):
        directory.sync_directory()


def test_no_descriptor_is_left_open(directory: Directory) -> None:
    """A sidecar lives for months and makes a segment every few minutes."""
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for number in range(20):
        file = directory.create(f"{number}")
        file.append(b"x")
        file.close()
        directory.open(f"{number}").close()
        directory.sync_directory()
    after = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    assert after == before
