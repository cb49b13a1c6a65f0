"""The journal on disk: whole requests as they arrived, encrypted, in segment files (`segment.py` has their format).

Invariants
  1. A process appends to segments of its own only, and to one of them at a time. A segment is sealed (never appended
     to again) when it is large or old, and when a write to it or a sync of it fails.
  2. A segment is removed when it is sealed and nothing holds any of its records; if damage was found in it, it is set
     aside instead. Removing a segment is the only way in which records go. Before the newest one goes there is an
     empty newer one: from its number the next process counts on, so that no reference is ever given twice.
  3. `fsync: process`: when `append` returns, the operating system has the record. `fsync: always`: when `durable`
     returns, a sync that began after the append has ended well.
  4. A file whose sync failed is never synced again: what it may have lost, all of it unacknowledged, is written anew
     to another segment, which says so in its header (`replaces_from`). Until that works nothing is accepted.
     The records keep the references they have been given.
  5. At most `max_bytes` are used; a record that finds no room is refused. Only an empty journal takes whatever comes.

Recovery: at start every file's header is read (`segments.py`); `replay` then reads the records, and takes over what is
valid. A file that is no segment is set aside. With another key than the segments were written with, nothing starts, and nothing is touched.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sidecar.storage.file_system import FileSystem
from sidecar.storage.interfaces import Record, RecordKind, StorageBroken, StorageFull
from sidecar.storage.segment import (
    MAX_SEGMENT_BYTES,
    RECORD_OVERHEAD_BYTES,
    RECORDS_START,
    Codec,
    Flaw,
    Header,
    place,
    reference,
    scan,
)
from sidecar.storage.segments import UNREADABLE, Segment, find_segments, segment_name
from sidecar.storage.vault import Damaged, Vault

_log = logging.getLogger(__name__)

_MIB: Final = 1024 * 1024
_LARGEST_SEGMENT_BYTES: Final = 64 * _MIB
_SEGMENTS: Final = 32
_ROLL_AFTER_NS: Final = 60 * 10**9
_DISK_IS_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))

RunBlocking = Callable[[Callable[[], None]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Unsynced:
    """What was appended and is not known to be on disk; the bytes are kept to be written again."""

    kind: RecordKind
    raw: bytes
    arrived_unix_nano: int


class DiskJournal:
    """`on_event` is told of everything that should not happen, by one of a few names (see docs/storage.md).

    Raises WrongKey, and OSError if the directory cannot be read.
    """

    def __init__(
        self,
        files: FileSystem,
        vault: Vault,
        *,
        max_bytes: int,
        fsync_always: bool,
        on_event: Callable[[str], None],
        segment_bytes: int | None = None,
        run_blocking: RunBlocking | None = None,
    ) -> None:
        self._files = files
        self._vault = vault
        self._max_bytes = max_bytes
        self._always = fsync_always
        self._on_event = on_event
        self._segment_bytes = segment_bytes or min(_LARGEST_SEGMENT_BYTES, max(_MIB, max_bytes // _SEGMENTS))
        self._thread = ThreadPoolExecutor(1, "journal-sync")
        self._run_blocking = run_blocking or self._in_thread
        self._segments: dict[int, Segment] = {}
        self._used_bytes = 0
        self._active: Segment | None = None
        self._last_number = 0
        self._unsynced: dict[int, _Unsynced] = {}
        self._moved: dict[int, int] = {}
        self._dirty: list[Segment] = []
        self._directory_dirty = False
        self._removed: list[tuple[int, int]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._broken = False
        self._earlier = self._take_over()

    # ── in ─────────────────────────────────────────────────────────────────────────────────────────────────

    def append(self, kind: RecordKind, raw: bytes, holds: int, now_unix_nano: int) -> int:
        """Raises StorageFull for a lack of room, here or on the disk, and StorageBroken for any other failure."""
        if self._broken:
            raise StorageBroken
        size = len(raw) + RECORD_OVERHEAD_BYTES
        segment = self._segment_for(size, now_unix_nano)
        offset, ref = segment.size, reference(segment.number, segment.size)
        header, sealed = segment.codec.encode(offset, kind, now_unix_nano, raw)
        try:
            segment.file.append(header, sealed)
        except OSError as error:
            self._on_event("write_failed")
            self._measure(segment)
            self._seal(segment)
            raise _refusal(error) from None
        segment.size = offset + size
        self._used_bytes += size
        segment.holds += holds
        if self._always:
            self._unsynced[ref] = _Unsynced(kind, raw, now_unix_nano)
            self._note_dirty(segment)
        return ref

    def _segment_for(self, size: int, now_unix_nano: int) -> Segment:
        active = self._active
        if active is not None:
            too_large = active.size + size > self._segment_bytes
            if too_large or now_unix_nano - active.header.begun_unix_nano > _ROLL_AFTER_NS:
                self._seal(active)
                active = None
        needed = size if active is not None else size + RECORDS_START
        if self._used_bytes + needed > self._max_bytes:
            if active is not None and not active.holds:
                self._seal(active)
                return self._segment_for(size, now_unix_nano)
            if any(segment.holds for segment in self._segments.values()):
                raise StorageFull
        if size > MAX_SEGMENT_BYTES - RECORDS_START:
            raise StorageFull
        return active or self._begin(now_unix_nano)

    def _begin(self, now_unix_nano: int, replaces_from: int = 0) -> Segment:
        """A new active segment. Raises StorageFull."""
        number = max(self._last_number + 1, now_unix_nano // 10**9)
        self._last_number = number
        header = Header(number, now_unix_nano, self._vault.new_salt(), self._vault.key_id, replaces_from)
        name = segment_name(number)
        file = None
        try:
            file = self._files.create(name)
            file.append(header.encode())
        except FileExistsError:
            return self._begin(now_unix_nano, replaces_from)  # somebody's, under a number that is used up now
        except OSError as error:
            self._on_event("write_failed")
            if file is not None:
                file.close()
                self._remove_file(name)
            raise _refusal(error) from None
        segment = Segment(name, header, file, Codec(header, self._vault), RECORDS_START)
        last = next(reversed(self._segments.values()), None)
        self._segments[number] = self._active = segment
        self._used_bytes += RECORDS_START
        self._directory_dirty = True
        if last is not None:
            self._seal(last)
        return segment

    def _measure(self, segment: Segment) -> None:
        """After a write that failed the file may be longer by a part of it."""
        try:
            size = segment.file.size
        except OSError:
            return
        self._used_bytes += size - segment.size
        segment.size = size

    # ── durable ────────────────────────────────────────────────────────────────────────────────────────────

    async def durable(self, ref: int) -> None:
        """With `fsync: process` there is nothing to wait for."""
        if not self._always:
            return
        while ref in self._unsynced:
            await asyncio.shield(self._flush())
            if self._broken:
                raise StorageBroken

    def _note_dirty(self, segment: Segment) -> None:
        if not self._dirty or self._dirty[-1] is not segment:
            segment.holds += 1
            self._dirty.append(segment)

    def _flush(self) -> asyncio.Task[None]:
        """The sync that is under way, or a new one: all who wait at its start share it."""
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(self._sync())
        return self._flushing

    async def _sync(self) -> None:
        if self._broken:
            await self._write_anew()
            return
        covered, dirty, removed = list(self._unsynced), self._dirty, len(self._removed)
        sync_directory = self._directory_dirty or bool(removed)
        self._dirty, self._directory_dirty = [], False

        def sync() -> None:
            for segment in dirty:
                segment.file.sync()
            if sync_directory:
                self._files.sync_directory()

        try:
            await self._run_blocking(sync)
        except OSError:
            self._on_event("sync_failed")
            _log.error("A sync of the journal failed; nothing is accepted until what it covered is written anew.")
            self._broken = True
            self._dirty, self._directory_dirty = dirty + self._dirty, True
            if self._active is not None:
                self._seal(self._active)
            await self._write_anew()
            return
        del self._removed[:removed]
        for ref in covered:
            del self._unsynced[ref]
        for segment in dirty:
            self._settle(segment, 1)

    async def _write_anew(self) -> None:
        """Writes all that is unsynced to a segment of its own; once that is synced the journal is whole again."""
        again = self._unsynced
        moved: dict[int, int] = {}
        segment = None
        try:
            now = min((record.arrived_unix_nano for record in again.values()), default=0)
            segment = self._begin(now, replaces_from=min(again, default=0))
            self._active = None
            for ref, record in again.items():
                moved[ref] = reference(segment.number, segment.size)
                header, sealed = segment.codec.encode(segment.size, record.kind, record.arrived_unix_nano, record.raw)
                segment.file.append(header, sealed)
                segment.size += len(header) + len(sealed)
                self._used_bytes += len(header) + len(sealed)
            await self._run_blocking(lambda: self._sync_new(segment))
        except (OSError, StorageFull):
            self._on_event("sync_failed")
            if segment is not None:
                self._measure(segment)
                self._discard(segment)
            return
        _log.info("The journal is whole again: %d records were written anew.", len(moved))
        segment.sealed = True
        segment.holds += 1  # until the end of this
        for number in {place(ref)[0] for ref in moved}:
            segment.holds += 1
            self._segments[number].heirs.append(segment)
        self._moved.update(moved)
        dirty, self._dirty, self._unsynced, self._broken = self._dirty, [], {}, False
        for each in (*dirty, segment):
            self._settle(each, 1)

    def _sync_new(self, segment: Segment) -> None:
        segment.file.sync()
        self._files.sync_directory()

    # ── out ────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, ref: int) -> bytes | None:
        unsynced = self._unsynced.get(ref)
        if unsynced is not None:
            return unsynced.raw
        number, offset = place(self._moved.get(ref, ref))
        segment = self._segments.get(number)
        if segment is None:
            return None
        try:
            return segment.codec.read(segment.file, offset)
        except (Damaged, OSError):
            segment.damaged = True
            self._on_event("damaged_record")
            return None

    def settle(self, ref: int, holds: int = 1) -> None:
        segment = self._segments.get(place(ref)[0])
        if segment is not None:
            self._settle(segment, holds)

    def hold(self, ref: int, holds: int) -> None:
        self._segments[place(ref)[0]].holds += holds

    def _settle(self, segment: Segment, holds: int) -> None:
        segment.holds -= holds
        if not segment.holds:
            self._remove_if_done(segment)

    def _seal(self, segment: Segment) -> None:
        segment.sealed = True
        if segment is self._active:
            self._active = None
        self._remove_if_done(segment)

    def _remove_if_done(self, segment: Segment) -> None:
        if not segment.sealed or segment.holds:
            return
        newest = segment.number == max(self._segments)
        if newest and (segment.size <= RECORDS_START or self._mark(segment)):
            return  # the mark, or what went when the mark was made
        if not self._remove_file(segment.name, aside=segment.damaged):
            return
        self._let_go(segment)
        if newest:
            self._mark(segment)  # on a full disk there is room for it now
        if self._always:
            self._removed.append((reference(segment.number, 0), segment.header.begun_unix_nano))
        for heir in segment.heirs:
            self._settle(heir, 1)
        if self._moved:
            self._moved = {old: new for old, new in self._moved.items() if place(new)[0] != segment.number}

    def _mark(self, last: Segment) -> bool:
        """An empty segment after `last`, never written to."""
        with suppress(StorageFull):
            self._seal(self._begin(last.header.begun_unix_nano))
            return True
        return False

    def _discard(self, segment: Segment) -> None:
        """Takes back a segment of which nothing is needed, whether or not its file can be removed."""
        self._remove_file(segment.name)
        self._let_go(segment)

    def _let_go(self, segment: Segment) -> None:
        segment.file.close()
        self._used_bytes -= segment.size
        del self._segments[segment.number]

    def _remove_file(self, name: str, *, aside: bool = False) -> bool:
        try:
            (self._files.set_aside if aside else self._files.remove)(name)
        except FileNotFoundError:
            pass
        except OSError:
            self._on_event("remove_failed")
            return False
        return True

    # ── restart ────────────────────────────────────────────────────────────────────────────────────────────

    def _take_over(self) -> list[Segment]:
        """What earlier processes left, in order. Raises WrongKey before anything is touched."""
        found, others = find_segments(self._files, self._vault)
        for name, reason in others:
            self._on_event(reason)
            if reason == UNREADABLE:
                _log.error("%s in the journal's directory cannot be read now; the next start tries again.", name)
            elif reason == "torn_tail":
                self._remove_file(name)  # it was being made, and has no record
            else:
                _log.warning("%s in the journal's directory is no usable segment (%s) and is set aside.", name, reason)
                self._remove_file(name, aside=True)
        self._segments = {segment.number: segment for segment in found}
        self._used_bytes = sum(segment.size for segment in found)
        self._last_number = max(self._segments, default=0)
        return found

    def replay(self) -> Iterator[Record | None]:
        earlier, self._earlier = self._earlier, []
        replaced = []
        for heir in earlier:
            if heir.header.replaces_from:
                replaced.append(range(heir.header.replaces_from, reference(heir.number, 0)))
                for segment in earlier:
                    if place(heir.header.replaces_from)[0] <= segment.number < heir.number:
                        segment.heirs.append(heir)
                        heir.holds += 1
        for segment in earlier:
            try:
                for item in scan(segment.file, segment.codec, segment.size):
                    if isinstance(item, Flaw):
                        self._on_event(item.value)
                        segment.damaged = segment.damaged or item is Flaw.DAMAGED
                        yield None
                    elif item is None:
                        yield None
                    else:
                        ref = reference(segment.number, item.offset)
                        if not any(ref in refs for refs in replaced):
                            segment.holds += 1
                            yield Record(ref, item.kind, item.arrived_unix_nano, item.raw)
            except OSError:
                self._on_event("read_failed")
                segment.damaged = True
            self._settle(segment, 1)
            yield None

    # ── housekeeping ───────────────────────────────────────────────────────────────────────────────────────

    def tick(self, now_unix_nano: int) -> None:
        active = self._active
        if (
            active is not None
            and active.size > RECORDS_START
            and now_unix_nano - active.header.begun_unix_nano > _ROLL_AFTER_NS
        ):
            self._seal(active)
        for segment in [each for each in self._segments.values() if each.sealed and not each.holds]:
            self._remove_if_done(segment)
        if self._broken or self._removed or self._dirty:
            self._flush()

    @property
    def oldest(self) -> tuple[int, int] | None:
        there = [
            (reference(number, 0), each.header.begun_unix_nano)
            for number, each in self._segments.items()
            if each.size > RECORDS_START
        ]
        refs, begun = zip(*there, *self._removed, strict=True) if there or self._removed else ((), ())
        # The clock may have gone back since the first of them was begun.
        return (min(refs), min(begun)) if refs else None

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    async def idle(self) -> None:
        if self._flushing is not None:
            await asyncio.wait({self._flushing})

    def close(self) -> None:
        """What is held stays on disk."""
        if self._active is not None:
            self._seal(self._active)
        self._thread.shutdown()
        for segment in self._segments.values():
            segment.file.close()

    async def _in_thread(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _refusal(error: OSError) -> StorageFull:
    return StorageFull() if error.errno in _DISK_IS_FULL else StorageBroken()
