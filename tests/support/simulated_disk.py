"""A directory in memory that knows what a crash would leave of it, and that can be told to fail.

Modelled on what SQLite tests itself with (`src/test6.c`, the "crash" file system): every write is held back in a list,
and when the power goes, each sector that no sync covered is written, left out, or filled with rubbish, by a seeded
dice. Here the operations are recorded while a workload runs once; afterwards `crash_points` walks through them, and each
point can be turned into as many new disks as there are seeds.

Invariants
  1. What was appended before a sync that succeeded is in its place in every outcome.
  2. Of what was appended after it, any part may be lost: cut at any byte or sector, or any sector zero, rubbish, or
     what another file has there, while a later one arrived (reordered writes, delayed allocation, stale blocks).
  3. What was waiting for a sync that failed is never covered by a later one: the kernel marked those pages clean
     (Rebello et al., "Can applications recover from fsync failures?", USENIX ATC 2020).
  4. Creating, removing and setting aside last from the next `sync_directory` on; before, each name for itself may be in
     any of its states since the last one, whatever became of the file's content.
  5. When only the process dies, everything it wrote stays, synced or not, and the write under way may be torn.

Not modelled
  - disks that lie about a sync, and bits that change after one;
  - damage to synced bytes in the same sector as unsynced ones (SQLite calls the promise "powersafe overwrite");
  - a directory sync that fails and leaves its mark on the next one;
  - hard links, renames inside the directory, and anything else that `FileSystem` cannot ask for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from errno import EBADF, EEXIST, ENOENT, ENOSPC
from random import Random
from typing import Final

SECTOR_BYTES: Final = 512


class Kind(Enum):
    CREATE = "create"
    APPEND = "append"
    SYNC = "sync"
    SYNC_FAILED = "sync failed"
    REMOVE = "remove"
    SET_ASIDE = "set aside"
    SYNC_DIRECTORY = "sync directory"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was done to the disk."""

    kind: Kind
    name: str = ""
    inode: int = 0
    data: bytes = b""


@dataclass(slots=True)
class _Fault:
    errno: int
    part: float
    forgets: bool


@dataclass(slots=True)
class _Inode:
    content: bytearray = field(default_factory=bytearray)
    clean_bytes: int = 0
    """Up to here the next sync has nothing to do."""
    doomed: list[tuple[int, int]] = field(default_factory=list)
    """Ranges whose sync failed."""

    def copy(self) -> _Inode:
        return _Inode(self.content.copy(), self.clean_bytes, self.doomed.copy())

    def after_power_loss(self, random: Random, stale: bytes) -> bytes:
        content = bytearray(self.content)
        for start, end in self.doomed:
            _shuffle_sectors(content, start, end, random, stale)
        start, end = self.clean_bytes, len(content)
        if start < end:
            content = _lose_tail(content, start, random, stale)
        return bytes(content)


def _sectors(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        yield start, stop
        start = stop


def _shuffle_sectors(content: bytearray, start: int, end: int, random: Random, stale: bytes) -> None:
    for first, stop in _sectors(start, end):
        size = stop - first
        match random.randrange(5):
            case 0:
                content[first:stop] = bytes(size)
            case 1:
                content[first:stop] = random.randbytes(size)
            case 2:
                content[first:stop] = stale[first:stop].ljust(size, b"\0")


def _lose_tail(content: bytearray, start: int, random: Random, stale: bytes) -> bytearray:
    end = len(content)
    where = random.randrange(start, end + 1)
    match random.randrange(8):
        case 0:
            return content
        case 1:
            return content[:start]
        case 2:
            return content[:where]
        case 3:
            return content[: max(start, where // SECTOR_BYTES * SECTOR_BYTES)]
        case 4:
            content[where:] = bytes(end - where)
        case 5:
            content[where:] = random.randbytes(end - where)
        case 6:
            _shuffle_sectors(content, start, end, random, stale)
        case 7:
            _shuffle_sectors(content, start, end, random, stale)
            return content[:where]
    return content


class _State:
    """The disk after a number of operations: what a process sees, and what of it is certain."""

    def __init__(self, files: Mapping[str, bytes], aside: Mapping[str, bytes]) -> None:
        self.inodes: dict[int, _Inode] = {}
        self.entries: dict[str, int] = {}
        self.aside: dict[str, int] = {}
        for where, contents in ((self.entries, files), (self.aside, aside)):
            for name, content in contents.items():
                where[name] = len(self.inodes)
                self.inodes[len(self.inodes)] = _Inode(bytearray(content), len(content))
        self.pending: dict[str, list[tuple[dict[str, int], dict[str, int]]]] = {}
        """By name: what was in `entries` and in `aside` under it before each change since the last directory sync."""

    def copy(self) -> _State:
        state = _State({}, {})
        state.inodes = {number: inode.copy() for number, inode in self.inodes.items()}
        state.entries, state.aside = self.entries.copy(), self.aside.copy()
        state.pending = {name: befores.copy() for name, befores in self.pending.items()}
        return state

    def apply(self, done: Operation) -> None:
        match done.kind:
            case Kind.CREATE:
                self._changes(done.name)
                self.inodes[done.inode] = _Inode()
                self.entries[done.name] = done.inode
            case Kind.APPEND:
                self.inodes[done.inode].content += done.data
            case Kind.SYNC:
                inode = self.inodes[done.inode]
                inode.clean_bytes = len(inode.content)
            case Kind.SYNC_FAILED:
                inode = self.inodes[done.inode]
                inode.doomed.append((inode.clean_bytes, len(inode.content)))
                if done.data:
                    inode.content[inode.clean_bytes :] = done.data
                inode.clean_bytes = len(inode.content)
            case Kind.REMOVE:
                self._changes(done.name)
                del self.entries[done.name]
            case Kind.SET_ASIDE:
                self._changes(done.name)
                self.aside[done.name] = self.entries.pop(done.name)
            case Kind.SYNC_DIRECTORY:
                self.pending.clear()

    def _changes(self, name: str) -> None:
        before = ({name: it[name]} if name in it else {} for it in (self.entries, self.aside))
        self.pending.setdefault(name, []).append((next(before), next(before)))

    def after_power_loss(self, random: Random) -> tuple[dict[str, bytes], dict[str, bytes]]:
        entries, aside = dict(self.entries), dict(self.aside)
        for name, befores in self.pending.items():
            which = random.randrange(len(befores) + 1)
            if which < len(befores):
                entries.pop(name, None)
                aside.pop(name, None)
                entries |= befores[which][0]
                aside |= befores[which][1]
        numbers = list(self.inodes)

        def content(number: int) -> bytes:
            stale = bytes(self.inodes[random.choice(numbers)].content)
            return self.inodes[number].after_power_loss(random, stale)

        return (
            {name: content(number) for name, number in entries.items()},
            {name: content(number) for name, number in aside.items()},
        )


class SimulatedDisk:
    """A `FileSystem`. `files` and `aside` are there from the start, and synced."""

    def __init__(self, files: Mapping[str, bytes] | None = None, aside: Mapping[str, bytes] | None = None) -> None:
        self._start = _State(files or {}, aside or {})
        self._state = self._start.copy()
        self._faults: dict[Kind, list[_Fault | None]] = {}
        self._dead = False
        self.operations: list[Operation] = []
        self.max_bytes: int | None = None
        """What fits on the disk; beyond, an append writes what fits and raises ENOSPC. None: no end."""

    # What the journal uses.

    def names(self) -> list[str]:
        # In no useful order, as a real directory.
        return sorted(self._state.entries, key=lambda name: name[::-1])

    def create(self, name: str) -> SimulatedFile:
        if name in self._state.entries:
            raise FileExistsError(EEXIST, os.strerror(EEXIST), name)
        self._fail(Kind.CREATE)
        inode = len(self._state.inodes)
        self._do(Operation(Kind.CREATE, name, inode))
        return SimulatedFile(self, inode)

    def open(self, name: str) -> SimulatedFile:
        return SimulatedFile(self, self._inode_of(name), writable=False)

    def remove(self, name: str) -> None:
        self._inode_of(name)
        self._fail(Kind.REMOVE)
        self._do(Operation(Kind.REMOVE, name))

    def set_aside(self, name: str) -> None:
        self._inode_of(name)
        self._fail(Kind.SET_ASIDE)
        self._do(Operation(Kind.SET_ASIDE, name))

    def sync_directory(self) -> None:
        self._fail(Kind.SYNC_DIRECTORY)
        self._do(Operation(Kind.SYNC_DIRECTORY))

    # What tests use.

    @property
    def files(self) -> dict[str, bytes]:
        """What a process sees now."""
        return {name: bytes(self._state.inodes[inode].content) for name, inode in self._state.entries.items()}

    @property
    def aside(self) -> dict[str, bytes]:
        return {name: bytes(self._state.inodes[inode].content) for name, inode in self._state.aside.items()}

    def fail(
        self, kind: Kind, errno: int, *, skip: int = 0, times: int = 1, part: float = 0.0, forgets: bool = False
    ) -> None:
        """Lets `skip` operations of the kind pass, from now on, then makes `times` of them raise OSError.

        part: share of an append's bytes that is written before it fails.
        forgets: after a failed sync, what it was to write reads as zeros (the cache was dropped), not as written.
        """
        self._faults.setdefault(kind, []).extend([None] * skip + [_Fault(errno, part, forgets)] * times)

    def heal(self) -> None:
        """No planned fault happens any more."""
        self._faults.clear()

    def crash_points(self) -> Iterator[CrashPoint]:
        """Before the first operation, and after each."""
        state = self._start.copy()
        for index, following in enumerate([*self.operations, None]):
            yield CrashPoint(index, state, following)
            if following is not None:
                state.apply(following)

    def power_loss(self, random: Random) -> SimulatedDisk:
        """The disk as it could be found if the power went now. What held this disk can use it no more."""
        self._dead = True
        return CrashPoint(len(self.operations), self._state, None).power_loss(random)

    def process_crash(self) -> SimulatedDisk:
        """The disk as the next process finds it if this one died now. What held this disk can use it no more."""
        self._dead = True
        return CrashPoint(len(self.operations), self._state, None).process_crash(Random(0))

    @classmethod
    def _from_state(cls, state: _State) -> SimulatedDisk:
        disk = cls()
        disk._start = state
        disk._state = state.copy()
        return disk

    # What its files use.

    def _inode_of(self, name: str) -> int:
        try:
            return self._state.entries[name]
        except KeyError:
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), name) from None

    def _inode(self, number: int) -> _Inode:
        return self._state.inodes[number]

    def _do(self, operation: Operation) -> None:
        assert not self._dead, "a process that died goes on writing"
        self.operations.append(operation)
        self._state.apply(operation)

    def _fault(self, kind: Kind) -> _Fault | None:
        planned = self._faults.get(kind)
        return planned.pop(0) if planned else None

    def _fail(self, kind: Kind) -> None:
        if fault := self._fault(kind):
            raise OSError(fault.errno, os.strerror(fault.errno))

    def _append(self, number: int, data: bytes) -> None:
        if fault := self._fault(Kind.APPEND):
            self._do(Operation(Kind.APPEND, inode=number, data=data[: int(len(data) * fault.part)]))
            raise OSError(fault.errno, os.strerror(fault.errno))
        if self.max_bytes is not None:
            used = sum(len(self._inode(each).content) for each in {*self._state.entries.values()})
            room = max(0, self.max_bytes - used)
            if len(data) > room:
                self._do(Operation(Kind.APPEND, inode=number, data=data[:room]))
                raise OSError(ENOSPC, os.strerror(ENOSPC))
        self._do(Operation(Kind.APPEND, inode=number, data=data))

    def _sync(self, number: int) -> None:
        if fault := self._fault(Kind.SYNC):
            inode = self._inode(number)
            zeros = bytes(len(inode.content) - inode.clean_bytes) if fault.forgets else b""
            self._do(Operation(Kind.SYNC_FAILED, inode=number, data=zeros))
            raise OSError(fault.errno, os.strerror(fault.errno))
        self._do(Operation(Kind.SYNC, inode=number))


class SimulatedFile:
    """A `File` of a SimulatedDisk."""

    def __init__(self, disk: SimulatedDisk, inode: int, *, writable: bool = True) -> None:
        self._disk = disk
        self._number = inode
        self._writable = writable
        self._open = True

    def append(self, *parts: bytes) -> None:
        self._check(writing=True)
        self._disk._append(self._number, b"".join(parts))

    def sync(self) -> None:
        self._check(writing=False)
        self._disk._sync(self._number)

    def read(self, offset: int, size: int) -> bytes:
        self._check(writing=False)
        return bytes(self._disk._inode(self._number).content[offset : offset + size])

    @property
    def size(self) -> int:
        self._check(writing=False)
        return len(self._disk._inode(self._number).content)

    def close(self) -> None:
        self._check(writing=False)
        self._open = False

    def _check(self, *, writing: bool) -> None:
        if not self._open or (writing and not self._writable):
            raise OSError(EBADF, os.strerror(EBADF))


class CrashPoint:
    """The moment after `index` operations. To be used before the next point is asked for."""

    def __init__(self, index: int, state: _State, following: Operation | None) -> None:
        self.index: Final = index
        self._state = state
        self._following = following

    def power_loss(self, random: Random) -> SimulatedDisk:
        """One of the many disks that may be found after the power came back."""
        return SimulatedDisk(*self._state.after_power_loss(random))

    def process_crash(self, random: Random) -> SimulatedDisk:
        """The disk that the next process finds; the write that followed may have been cut short by the end."""
        state = self._state.copy()
        following = self._following
        if following and following.kind is Kind.APPEND:
            part = following.data[: random.randrange(len(following.data) + 1)]
            state.apply(Operation(Kind.APPEND, inode=following.inode, data=part))
        return SimulatedDisk._from_state(state)
