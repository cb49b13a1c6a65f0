from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sidecar.exporters.line_file import LineFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def opened(path: Path, **settings: Any) -> LineFile:
    file = LineFile(path, **settings)
    file.open()
    return file


class FullDisk:
    """`os.write` that takes so many bytes and then fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int, error: int = errno.ENOSPC) -> None:
        self._write = os.write
        self._room, self._error = room, error
        monkeypatch.setattr(os, "write", self)

    def __call__(self, descriptor: int, data: bytes) -> int:
        if not self._room:
            raise OSError(self._error, os.strerror(self._error))
        written = self._write(descriptor, data[: self._room])
        self._room -= written
        return written


def test_lines_are_appended_and_the_file_is_private(path: Path) -> None:
    """One line each; mode 0600, for telemetry is nobody else's."""
    file = opened(path, fsync=True)
    file.append("a")
    file.append("ü\ud800")
    file.close()
    assert path.read_text() == "a\nü\\ud800\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reopened_file_goes_on(path: Path) -> None:
    """What is there stays, unless it is to be dropped."""
    path.write_text("old\n")
    file = opened(path)
    file.append("new")
    assert path.read_text() == "old\nnew\n"
    file.open(truncate=True)
    assert path.read_text() == ""
    file.close()


def test_a_torn_end_is_closed_not_cut(path: Path) -> None:
    """What another process wrote, or this one before it was killed, is never removed."""
    path.write_text('{"half')
    file = opened(path)
    file.append("new")
    file.append("next")
    file.close()
    assert path.read_text() == '{"half\nnew\nnext\n'


@pytest.mark.parametrize("room", [0, 1, 3, 5])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_line_is_written_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch, room: int, error: int
) -> None:
    """A disk that fills up in the middle of a line leaves none of it, and the next line is in order."""
    file = opened(path)
    file.append("first")
    with monkeypatch.context() as patched:
        FullDisk(patched, room, error)
        with pytest.raises(OSError, match=os.strerror(error)):
            file.append("second")
    assert path.read_text() == "first\n"
    file.append("third")
    file.close()
    assert path.read_text() == "first\nthird\n"


def test_nothing_is_written_until_the_torn_line_is_cut(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If cutting fails as well, it comes first the next time."""

    def cannot(*_: Any) -> None:
        raise OSError(errno.EIO, "no")

    file = opened(path)
    file.append("first")
    with monkeypatch.context() as patched:
        FullDisk(patched, 3)
        patched.setattr(os, "ftruncate", cannot)
        for _ in range(2):
            with pytest.raises(OSError, match="no"):
                file.append("second")
    assert path.read_text() == "first\nsec"
    file.append("third")
    file.close()
    assert path.read_text() == "first\nthird\n"


def test_a_failed_fsync_takes_the_line_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It will be written again, so it must not stay."""

    def cannot(_: int) -> None:
        raise OSError(errno.EIO, "no")

    file = opened(path, fsync=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", cannot)
        with pytest.raises(OSError, match="no"):
            file.append("line")
    assert path.read_text() == ""
    file.append("line")
    file.close()
    assert path.read_text() == "line\n"


def test_a_file_that_was_moved_away_is_made_anew(path: Path) -> None:
    """Logrotate renames; the next line goes to the name."""
    file = opened(path)
    file.append("a")
    path.rename(path.with_suffix(".1"))
    file.append("b")
    path.unlink()
    file.append("c")
    file.close()
    assert path.with_suffix(".1").read_text() == "a\n"
    assert path.read_text() == "c\n"


def test_only_regular_files(tmp_path: Path) -> None:
    """A pipe cannot be cut back, and opening one would hang."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, tmp_path / "missing" / "file"):
        with pytest.raises(OSError):  # which one is the system's to say
            LineFile(path).open()
