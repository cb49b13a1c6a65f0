"""The pages of an SQLite database, read without SQLite: rows that it does not find any more are still there.

Only what the outbox needs of the format: pages of one fixed size, table leaves, overflow chains, the pointer map, and
the write-ahead log. Nothing read here is believed: a row counts only if its seal opens.

Source: SQLite, "Database File Format": 1.5 b-tree pages, 1.6 overflow pages, 1.8 pointer map, 2.1 record format, 4 the
write-ahead log.
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from sidecar.storage.outbox_schema import PAGE_BYTES

Value: TypeAlias = int | bytes | str | None
_Salts: TypeAlias = tuple[int, int]

_HEADER_BYTES: Final = 100
_LEAF: Final = 0x0D
_LEAF_HEADER: Final = struct.Struct(">BHHHB")
_POINTER: Final = struct.Struct(">H")
_NEXT: Final = struct.Struct(">I")
_LOCK_PAGE: Final = 0x40000000 // PAGE_BYTES + 1
_MAP_ENTRY_BYTES: Final = 5
_MAP_ENTRIES: Final = PAGE_BYTES // _MAP_ENTRY_BYTES
_MAP_FREE: Final = 2
_MAX_LOCAL: Final = PAGE_BYTES - 35
_MIN_LOCAL: Final = (PAGE_BYTES - 12) * 32 // 255 - 23
_OVERFLOW_DATA: Final = PAGE_BYTES - _NEXT.size
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FIRST_BLOB: Final = 12

_LOG_HEADER: Final = struct.Struct(">8I")
_LOG_MAGIC: Final = (0x377F0682, 0x377F0683)
_FRAME: Final = struct.Struct(">6I")
_FRAME_BYTES: Final = _FRAME.size + PAGE_BYTES


class Unreadable(Exception):  # noqa: N818  # named for the state of the page
    """What stands there is no row."""


class Log:
    """The write-ahead log: which frames belong to it, whatever their checksums say."""

    def __init__(self, path: Path) -> None:
        self.pages: dict[int, int] = {}
        """Where in the file each page that was committed starts."""
        self.last_commit = 0
        """Number of the last frame that ends a transaction; 0: there is none."""
        self.database_pages: int | None = None
        """How many there are since then; None if that is not certain."""
        try:
            self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self.descriptor = -1
            return
        self._scan()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)

    def _scan(self) -> None:
        count = max(0, os.fstat(self.descriptor).st_size - _LOG_HEADER.size) // _FRAME_BYTES
        frames = [
            _FRAME.unpack(os.pread(self.descriptor, _FRAME.size, _LOG_HEADER.size + at * _FRAME_BYTES))
            for at in range(count)
        ]
        salts = self._salts([(frame[2], frame[3]) for frame in frames])
        uncommitted: dict[int, int] = {}
        for at, (page, database_pages, *frame_salts, _, _) in enumerate(frames):
            if tuple(frame_salts) != salts:
                continue
            uncommitted[page] = _LOG_HEADER.size + at * _FRAME_BYTES + _FRAME.size
            if database_pages:
                self.pages.update(uncommitted)
                uncommitted.clear()
                self.last_commit = at + 1
        if self._is_intact(self.last_commit):
            self.database_pages = frames[self.last_commit - 1][1]

    def _is_intact(self, number: int) -> bool:
        """By its checksum, which goes on from that of the frame before, the first from the header's."""
        if number == 0:
            return False
        start = _LOG_HEADER.size + (number - 1) * _FRAME_BYTES
        magic, *_ = _LOG_HEADER.unpack(os.pread(self.descriptor, _LOG_HEADER.size, 0))
        before = os.pread(self.descriptor, 8, start - (8 if number == 1 else _FRAME_BYTES - 16))
        frame = os.pread(self.descriptor, _FRAME_BYTES, start)
        expected = struct.unpack(">2I", frame[16:24])
        return _checksum(frame[:8] + frame[24:], magic, *struct.unpack(">2I", before)) == expected

    def _salts(self, of_frames: list[_Salts]) -> _Salts | None:
        """Those of the header; if it is damaged, those that most frames have."""
        header = os.pread(self.descriptor, _LOG_HEADER.size, 0)
        if len(header) == _LOG_HEADER.size:
            magic, _, page_bytes, _, salt_1, salt_2, *checksum = _LOG_HEADER.unpack(header)
            if magic in _LOG_MAGIC and page_bytes == PAGE_BYTES and _checksum(header[:24], magic) == tuple(checksum):
                return salt_1, salt_2
        salts, frames = Counter(of_frames).most_common(1)[0] if of_frames else ((0, 0), 0)
        return salts if frames > 1 else None


def _checksum(data: bytes, magic: int, first: int = 0, second: int = 0) -> tuple[int, int]:
    words = struct.unpack(f"{'>' if magic & 1 else '<'}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    types: tuple[int, ...]
    """Serial types of the record format, one a column."""
    pages: Pages
    _body_at: int
    _size: int
    _local: bytes
    _overflow: int

    def values(self) -> list[Value]:
        """Raises Unreadable."""
        record = self.pages.follow(self._local, self._size, self._overflow)
        values: list[Value] = []
        at = self._body_at
        for kind in self.types:
            value, at = _value(record, at, kind)
            values.append(value)
        return values


class Pages:
    """A database and its log, open for reading."""

    def __init__(self, database: Path, log: Path) -> None:
        self._descriptor = os.open(database, os.O_RDONLY | os.O_CLOEXEC)
        self._log = Log(log)
        in_file = os.fstat(self._descriptor).st_size // PAGE_BYTES
        there_are = max(
            in_file, *(number for number in self._log.pages if number <= in_file + self._log.last_commit), 0
        )
        self._count = min(there_are, self._log.database_pages or there_are)
        self._map: tuple[int, bytes] = (0, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
        self._log.close()

    def rows(self) -> Iterator[Row | None]:
        """The rows of all tables, those of SQLite's own, too, in the order of their pages; None for one in pieces."""
        for number in range(1, self._count + 1):
            page = self._page(number)
            start = _HEADER_BYTES if number == 1 else 0
            if len(page) < PAGE_BYTES or page[start] != _LEAF or self._is_free(number):
                continue
            _, _, cells, _, _ = _LEAF_HEADER.unpack_from(page, start)
            first = start + _LEAF_HEADER.size
            for pointer in range(first, min(first + cells * _POINTER.size, PAGE_BYTES - 1), _POINTER.size):
                (at,) = _POINTER.unpack_from(page, pointer)
                try:
                    yield self._row(page, at)
                except (Unreadable, IndexError, struct.error):
                    yield None

    def follow(self, local: bytes, size: int, overflow: int) -> bytes:
        """A record from its first part on. Raises Unreadable."""
        parts = [local]
        missing = size - len(local)
        seen: set[int] = set()
        while missing > 0:
            page = self._page(overflow)
            if len(page) < PAGE_BYTES or overflow in seen:
                raise Unreadable
            seen.add(overflow)
            part = page[_NEXT.size : _NEXT.size + missing]
            parts.append(part)
            missing -= len(part)
            (overflow,) = _NEXT.unpack_from(page)
        return b"".join(parts)

    def _row(self, page: bytes, at: int) -> Row:
        size, at = _varint(page, at)
        row_id, at = _varint(page, at)
        if size > self._count * PAGE_BYTES:
            raise Unreadable
        local, overflow = size, 0
        if size > _MAX_LOCAL:
            local = _MIN_LOCAL + (size - _MIN_LOCAL) % _OVERFLOW_DATA
            if local > _MAX_LOCAL:
                local = _MIN_LOCAL
            (overflow,) = _NEXT.unpack_from(page, at + local)
        record = page[at : at + local]
        header_bytes, position = _varint(record, 0)
        types = []
        while position < min(header_bytes, len(record)):
            kind, position = _varint(record, position)
            types.append(kind)
        return Row(_signed(row_id), tuple(types), self, header_bytes, size, record, overflow)

    def _page(self, number: int) -> bytes:
        """Shorter than a page if it is not there."""
        in_log = self._log.pages.get(number)
        if in_log is not None:
            return os.pread(self._log.descriptor, PAGE_BYTES, in_log)
        return os.pread(self._descriptor, PAGE_BYTES, (number - 1) * PAGE_BYTES) if number > 0 else b""

    def _is_free(self, number: int) -> bool:
        """On a page that was freed stand rows that were deleted."""
        if number <= 2:
            return False
        map_page = (number - 2) // (_MAP_ENTRIES + 1) * (_MAP_ENTRIES + 1) + 2
        if map_page == _LOCK_PAGE:
            map_page += 1
        if self._map[0] != map_page:
            self._map = (map_page, self._page(map_page))
        at = (number - map_page - 1) * _MAP_ENTRY_BYTES
        return 0 <= at < len(self._map[1]) and self._map[1][at] == _MAP_FREE


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(8):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | data[at], at + 1


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _value(record: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind >= _FIRST_BLOB:
        end = at + (kind - _FIRST_BLOB) // 2
        if end > len(record):
            raise Unreadable
        return (record[at:end] if kind % 2 == 0 else record[at:end].decode(errors="replace")), end
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(record[at:end], "big", signed=True), end
    if kind in (8, 9):
        return kind - 8, at
    if kind == 0:
        return None, at
    raise Unreadable
