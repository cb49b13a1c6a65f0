"""One file of the journal: its format, and how it is read when parts of it are damaged.

    segment  = header header record*
    header   = magic[8] version:u16 0:u16 0:u32 number:u64 begun:u64 replaces_from:u64 salt[32] key_id[16] crc:u32
    record   = mark[4] size:u32 kind:u8 0[3] arrived:u64 crc:u32 sealed[size]

Integers are little-endian, times Unix nanoseconds, each crc is the CRC-32 of the header's bytes before it. `sealed` is
AES-256-GCM under the segment's own key, with the record's offset in the file as nonce; its associated data is the
format's version, the segment's number and the record's header, so that no record can pass for another, or be in
another's place.

Invariants
  1. The process that created a segment is the only one that appends to it, and after an append that failed, not even
     that one: no nonce is ever used twice.
  2. A record is valid if its header's crc and its tag are.
  3. Records whose reference is at least `replaces_from` (if not 0) and that lie in earlier segments were written again
     in this one: they were never acknowledged where they lie.

Recovery
  - The header is written twice: one of the two may be damaged.
  - After bytes that are no valid record, reading goes on at the next ones that look like a record's header.
  - What is not complete at the end of the file was being written when the process or the machine died.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final
from zlib import crc32

from sidecar.storage.file_system import File
from sidecar.storage.interfaces import RecordKind
from sidecar.storage.vault import TAG_BYTES, Cipher, Damaged, Vault

MAGIC: Final = b"GENAI-SJ"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sHHIQQQ32s16s")
_RECORD: Final = struct.Struct("<4sIB3xQ")
_ASSOCIATED: Final = struct.Struct("<HQ")
_CRC: Final = struct.Struct("<I")
_MARK: Final = b"\xf5JR\n"
HEADER_BYTES: Final = _HEADER.size + _CRC.size
RECORDS_START: Final = 2 * HEADER_BYTES
RECORD_HEADER_BYTES: Final = _RECORD.size + _CRC.size
RECORD_OVERHEAD_BYTES: Final = RECORD_HEADER_BYTES + TAG_BYTES
_OFFSET_BITS: Final = 30
MAX_SEGMENT_BYTES: Final = 1 << _OFFSET_BITS
_WINDOW_BYTES: Final = 1024 * 1024

_CODES: Final = {
    RecordKind.TRACES: 1,
    RecordKind.LOGS: 2,
    RecordKind.METRICS: 3,
    RecordKind.SCORES: 4,
    RecordKind.TRACE_LOGS: 5,
}
_KINDS: Final = {code: kind for kind, code in _CODES.items()}


def reference(number: int, offset: int) -> int:
    """Of a record: grows with the segment and the place in it."""
    return number << _OFFSET_BITS | offset


def place(ref: int) -> tuple[int, int]:
    """(segment number, offset) of a reference."""
    return ref >> _OFFSET_BITS, ref & (MAX_SEGMENT_BYTES - 1)


class NotASegment(Exception):  # noqa: N818  # named for what the file is
    """`reason` is one of torn_tail, foreign_file, wrong_version, damaged_segment."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    number: int
    begun_unix_nano: int
    salt: bytes
    key_id: bytes
    replaces_from: int = 0

    def encode(self) -> bytes:
        """Both copies."""
        packed = _HEADER.pack(
            MAGIC, VERSION, 0, 0, self.number, self.begun_unix_nano, self.replaces_from, self.salt, self.key_id
        )
        return 2 * (packed + _CRC.pack(crc32(packed)))

    @staticmethod
    def read(file: File) -> Header:
        """Raises NotASegment."""
        start = file.read(0, RECORDS_START)
        if not start.strip(b"\0"):
            empty = file.size <= _WINDOW_BYTES and not file.read(0, _WINDOW_BYTES).strip(b"\0")
            raise NotASegment("torn_tail" if empty else "damaged_segment")
        for copy in (start[:HEADER_BYTES], start[HEADER_BYTES:]):
            packed, crc = copy[: _HEADER.size], copy[_HEADER.size :]
            if len(crc) != _CRC.size or _CRC.unpack(crc)[0] != crc32(packed):
                continue
            magic, version, _, _, number, begun, replaces_from, salt, key_id = _HEADER.unpack(packed)
            if magic == MAGIC and version == VERSION:
                return Header(number, begun, salt, key_id, replaces_from)
            raise NotASegment("wrong_version" if magic == MAGIC else "foreign_file")
        if len(start) < RECORDS_START and (MAGIC.startswith(start[: len(MAGIC)]) or start.startswith(MAGIC)):
            raise NotASegment("torn_tail")
        known = MAGIC in (start[: len(MAGIC)], start[HEADER_BYTES : HEADER_BYTES + len(MAGIC)])
        raise NotASegment("damaged_segment" if known else "foreign_file")


class Codec:
    """Writes and reads the records of one segment."""

    def __init__(self, header: Header, vault: Vault) -> None:
        self.cipher: Final[Cipher] = vault.cipher(f"journal segment {header.number}", header.salt)
        self._associated = _ASSOCIATED.pack(VERSION, header.number)

    def encode(self, offset: int, kind: RecordKind, arrived_unix_nano: int, raw: bytes) -> tuple[bytes, bytes]:
        """(header, sealed)."""
        packed = _RECORD.pack(_MARK, len(raw) + TAG_BYTES, _CODES[kind], arrived_unix_nano)
        header = packed + _CRC.pack(crc32(packed))
        return header, self.cipher.seal(offset, raw, self._associated + header)

    def read(self, file: File, offset: int) -> bytes:
        """The content of the record there. Raises Damaged, or OSError."""
        header = file.read(offset, RECORD_HEADER_BYTES)
        fields = _fields(header)
        if fields is None:
            raise Damaged
        return self.open(offset, header, file.read(offset + RECORD_HEADER_BYTES, fields[0]))

    def open(self, offset: int, header: bytes, sealed: bytes) -> bytes:
        """Raises Damaged."""
        return self.cipher.open(offset, sealed, self._associated + header)


class Flaw(Enum):
    DAMAGED = "damaged_record"
    TORN = "torn_tail"


@dataclass(frozen=True, slots=True)
class Found:
    offset: int
    kind: RecordKind
    arrived_unix_nano: int
    raw: bytes


def scan(file: File, codec: Codec, end: int) -> Iterator[Found | Flaw | None]:
    """The records up to offset `end`, and a flaw for each stretch that is none; None where only time passed.

    Raises OSError.
    """
    offset = RECORDS_START
    flawed = complete = False
    while offset < end:
        header = file.read(offset, RECORD_HEADER_BYTES)
        fields = _fields(header)
        if fields is not None and offset + RECORD_HEADER_BYTES + fields[0] <= end:
            size, kind, arrived = fields
            try:
                raw = codec.open(offset, header, file.read(offset + RECORD_HEADER_BYTES, size))
            except Damaged:
                complete = True
            else:
                if flawed:
                    yield Flaw.DAMAGED
                    flawed = complete = False
                yield Found(offset, kind, arrived, raw)
                offset += RECORD_HEADER_BYTES + size
                continue
        flawed = True
        offset += 1
        while offset < end:
            window = file.read(offset, min(_WINDOW_BYTES, end - offset))
            at = window.find(_MARK)
            if at >= 0:
                offset += at
                break
            if len(window) < len(_MARK) or offset + len(window) >= end:
                offset = end
                break
            offset += len(window) - len(_MARK) + 1
            yield None
    if flawed:
        yield Flaw.DAMAGED if complete else Flaw.TORN


def _fields(header: bytes) -> tuple[int, RecordKind, int] | None:
    """(size, kind, arrived) of a record's header; None if it is none."""
    packed, crc = header[: _RECORD.size], header[_RECORD.size :]
    if len(crc) != _CRC.size or _CRC.unpack(crc)[0] != crc32(packed):
        return None
    mark, size, code, arrived = _RECORD.unpack(packed)
    kind = _KINDS.get(code)
    return (size, kind, arrived) if mark == _MARK and kind is not None and size >= TAG_BYTES else None
