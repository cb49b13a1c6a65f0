"""What the journal asks of a directory: few operations, so that a simulated disk can stand in for a real one.

Names are plain file names inside the one directory. Every operation raises OSError as the operating system does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

_FILE_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o700
_MAX_ASIDE: Final = 8

ASIDE: Final = "set-aside"
"""The folder in it for what could not be read."""


class File(Protocol):
    """A file that only grows."""

    def append(self, *parts: bytes) -> None:
        """Writes all parts at the end, in one call. After OSError any prefix of them may have been written."""

    def sync(self) -> None:
        """Returns once all that was appended survives power loss. After OSError nothing is known: never ask again."""

    def read(self, offset: int, size: int) -> bytes:
        """Fewer than `size` bytes at the end of the file."""

    @property
    def size(self) -> int:
        """Bytes, as far as the file really reaches."""

    def close(self) -> None: ...


class FileSystem(Protocol):
    def names(self) -> list[str]:
        """The regular files in the directory."""

    def create(self, name: str) -> File:
        """A new, empty file to append to. Raises FileExistsError."""

    def open(self, name: str) -> File:
        """An existing file, for reading."""

    def remove(self, name: str) -> None: ...

    def set_aside(self, name: str) -> None:
        """Moves the file out of the way, to where it can be looked at; the oldest of what lies there goes for it."""

    def sync_directory(self) -> None:
        """Returns once files created and removed so far stay so after power loss."""


class _OsFile:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def append(self, *parts: bytes) -> None:
        expected = sum(map(len, parts))
        written = os.writev(self._descriptor, parts)
        if written == expected:
            return
        # A full disk takes what fits and says so only at the next call.
        rest = memoryview(b"".join(parts))[written:]
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, offset)

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def close(self) -> None:
        os.close(self._descriptor)


class Directory:
    """A real directory, made with mode 0700 if it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        path.chmod(_DIRECTORY_MODE)

    def names(self) -> list[str]:
        with os.scandir(self._path) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]

    def create(self, name: str) -> _OsFile:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return _OsFile(os.open(self._path / name, flags, _FILE_MODE))

    def open(self, name: str) -> _OsFile:
        return _OsFile(os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))

    def remove(self, name: str) -> None:
        (self._path / name).unlink()

    def set_aside(self, name: str) -> None:
        aside = self._path / ASIDE
        aside.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)
        kept = sorted(aside.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[: max(0, len(kept) - _MAX_ASIDE + 1)]:
            path.unlink()
        source = self._path / name
        source.rename(aside / f"{name}.{source.stat().st_ino}")

    def sync_directory(self) -> None:
        descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
