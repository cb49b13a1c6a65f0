from __future__ import annotations

import struct
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.storage.interfaces import RecordKind
from sidecar.storage.segment import (
    MAX_SEGMENT_BYTES,
    RECORD_HEADER_BYTES,
    RECORD_OVERHEAD_BYTES,
    RECORDS_START,
    Codec,
    Flaw,
    Found,
    Header,
    NotASegment,
    place,
    reference,
    scan,
)
from sidecar.storage.vault import Vault
from tests.support.simulated_disk import SimulatedDisk, SimulatedFile

VAULT = Vault(b"k" * 32)
HEADER = Header(3, 5, b"s" * 32, VAULT.key_id)
uint64 = st.integers(0, 2**64 - 1)


def as_file(content: bytes) -> SimulatedFile:
    return SimulatedDisk({"a": content}).open("a")


def segment_of(records: list[bytes]) -> bytes:
    content = HEADER.encode()
    codec = Codec(HEADER, VAULT)
    for raw in records:
        content += b"".join(codec.encode(len(content), RecordKind.LOGS, 7, raw))
    return content


def scanned(content: bytes) -> list[Found | Flaw]:
    codec = Codec(HEADER, VAULT)
    return [item for item in scan(as_file(content), codec, len(content)) if item is not None]


@given(st.integers(0, 2**33 - 1), st.integers(0, MAX_SEGMENT_BYTES - 1), st.integers(0, MAX_SEGMENT_BYTES - 1))
def test_a_reference_says_where_a_record_is_and_grows(number: int, offset: int, other: int) -> None:
    """With the place in the segment, and over segments; it fits a signed 64-bit column."""
    ref = reference(number, offset)
    assert place(ref) == (number, offset)
    assert (ref < reference(number, other)) == (offset < other)
    assert ref < reference(number + 1, other)
    assert ref < 2**63


@given(st.builds(Header, uint64, uint64, st.binary(min_size=32, max_size=32), st.just(VAULT.key_id), uint64))
def test_a_header_is_read_as_it_was_written(header: Header) -> None:
    """And takes as much room as is kept for it."""
    assert len(header.encode()) == RECORDS_START
    assert Header.read(as_file(header.encode())) == header


@given(st.binary(max_size=400))
def test_bytes_that_are_no_header_say_why_not(content: bytes) -> None:
    """Never any other error."""
    with pytest.raises(NotASegment) as caught:
        Header.read(as_file(content))
    assert caught.value.reason in {"torn_tail", "foreign_file", "wrong_version", "damaged_segment"}


@given(st.lists(st.binary(max_size=100), max_size=6))
def test_records_are_found_in_their_place(records: list[bytes]) -> None:
    """With kind and time, and each can be read alone."""
    content = segment_of(records)
    found = [item for item in scanned(content) if isinstance(item, Found)]
    assert [(item.raw, item.kind, item.arrived_unix_nano) for item in found] == [
        (raw, RecordKind.LOGS, 7) for raw in records
    ]
    assert len(content) == RECORDS_START + sum(len(raw) + RECORD_OVERHEAD_BYTES for raw in records)
    for item in found:
        assert Codec(HEADER, VAULT).read(as_file(content), item.offset) == item.raw


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.binary(min_size=1, max_size=60), st.data())
def test_only_what_was_overwritten_is_not_found(records: list[bytes], rubbish: bytes, data: st.DataObject) -> None:
    """Whatever is written over it, and what is behind is found again."""
    content = segment_of(records)
    at = data.draw(st.integers(RECORDS_START, len(content) - 1))
    damaged = content[:at] + rubbish[: len(content) - at] + content[at + len(rubbish) :]
    before = {item.offset: item for item in scanned(content) if isinstance(item, Found)}
    hit = {
        offset
        for offset, item in before.items()
        if damaged[offset : offset + len(item.raw) + RECORD_OVERHEAD_BYTES]
        != content[offset : offset + len(item.raw) + RECORD_OVERHEAD_BYTES]
    }
    after = scanned(damaged)
    assert [item for item in after if isinstance(item, Found)] == [
        item for offset, item in before.items() if offset not in hit
    ]
    assert any(isinstance(item, Flaw) for item in after) == bool(hit)


@pytest.mark.parametrize("at", [8, 12], ids=["kind", "arrived"])
def test_what_a_header_says_of_its_record_is_proven(at: int) -> None:
    """Changed by somebody who knows how to compute a CRC: damage."""
    content = bytearray(segment_of([b"one", b"two"]))
    header = slice(RECORDS_START, RECORDS_START + RECORD_HEADER_BYTES - 4)
    content[RECORDS_START + at] ^= 3
    content[header.stop : header.stop + 4] = struct.pack("<I", crc32(content[header]))
    first, second = scanned(bytes(content))
    assert first is Flaw.DAMAGED
    assert isinstance(second, Found)
    assert second.raw == b"two"


def test_a_long_stretch_without_a_record_is_read_in_pieces() -> None:
    """Megabytes of zeros behind the end give the loop time for others, and cost nothing else."""
    content = segment_of([b"one"]) + bytes(3_500_000)
    codec = Codec(HEADER, VAULT)
    items = list(scan(as_file(content), codec, len(content)))
    assert [type(item) for item in items[:1]] == [Found]
    assert items[-1] is Flaw.TORN
    assert items.count(None) >= 2
