"""A file of lines that only grows, and in which no line is ever torn by an error.

Invariants
  1. A line is there whole, its end included, or not at all: after a write that failed the file is cut back to where
     it began. Until that cut succeeds nothing else is written.
  2. What was in the file before is never cut. If it does not end with a line end (another program wrote it, or this
     one was killed half-way), one is written before the first line.
  3. One thread writes. A file that was moved away or deleted is made anew, so that logrotate works by renaming.

Not covered: two processes that write into one file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_MODE = 0o600


class LineFile:
    """Blocking; for one thread. Every method raises OSError."""

    def __init__(self, path: Path, *, fsync: bool = False) -> None:
        self._path = path
        self._fsync = fsync
        self._descriptor: int | None = None
        self._cut_to: int | None = None

    def open(self, *, truncate: bool = False) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, _MODE)
        self.close()
        self._descriptor = descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            self.close()
            raise OSError(f"not a regular file: {self._path}")
        if truncate:
            os.ftruncate(descriptor, 0)

    def append(self, line: str) -> None:
        """`line` has no line end of its own."""
        descriptor = self._usable()
        start = os.fstat(descriptor).st_size
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        if start and os.pread(descriptor, 1, start - 1) != b"\n":
            data = b"\n" + data
        try:
            _write_all(descriptor, data)
            if self._fsync:
                os.fsync(descriptor)
        except OSError:
            self._cut_to = start
            self._cut(descriptor)
            raise

    def close(self) -> None:
        descriptor, self._descriptor, self._cut_to = self._descriptor, None, None
        if descriptor is not None:
            os.close(descriptor)

    def _usable(self) -> int:
        if self._descriptor is not None and self._cut_to is not None:
            self._cut(self._descriptor)
        if self._descriptor is None or self._moved(self._descriptor):
            self.open()
        assert self._descriptor is not None  # noqa: S101  # `open` sets it or raises
        return self._descriptor

    def _cut(self, descriptor: int) -> None:
        if self._cut_to is not None:
            os.ftruncate(descriptor, self._cut_to)
            self._cut_to = None

    def _moved(self, descriptor: int) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        here = os.fstat(descriptor)
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
