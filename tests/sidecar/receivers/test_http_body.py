"""Bodies: limits on what arrives and on what it unpacks to."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.intake import BadData, Overloaded, TooLarge
from sidecar.receivers.budget import ByteBudget
from sidecar.receivers.http_body import Gunzip, Plain

MIB = 1024 * 1024


def gunzip(packed: bytes, limit: int = MIB, chunk: int = 65536, budget: int = 2 * MIB) -> bytes:
    sink = Gunzip(limit, ByteBudget(budget).hold())
    for at in range(0, len(packed), chunk):
        sink.feed(packed[at : at + chunk])
    return sink.finish()


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 70), st.integers(0, 3))
def test_members_unpack_however_they_are_cut(members: list[bytes], chunk: int, padding: int) -> None:
    """One or more members, arriving in pieces of any size, zero-padded or not."""
    packed = b"".join(gzip.compress(one) for one in members) + bytes(padding if members else 0)
    assert gunzip(packed, chunk=chunk) == b"".join(members)


@pytest.mark.parametrize("size", [MIB, MIB + 1])
def test_the_limit_is_exact(size: int) -> None:
    """For what is unpacked."""
    packed = gzip.compress(bytes(size))
    if size > MIB:
        with pytest.raises(TooLarge):
            gunzip(packed)
    else:
        assert len(gunzip(packed)) == size


@pytest.mark.parametrize("times", [1, 2])
def test_a_bomb_costs_no_more_than_the_limit(times: int) -> None:
    """256 MB of zeros in 256 KB; packed twice, it unpacks once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    for _ in range(times - 1):
        packed = gzip.compress(packed)
    if times == 1:
        with pytest.raises(TooLarge):
            gunzip(packed)
    else:
        assert len(gunzip(packed, limit=2 * MIB)) > 100


def test_what_arrives_is_limited_too() -> None:
    """A stream of empty members unpacks to nothing."""
    with pytest.raises(TooLarge):
        gunzip(gzip.compress(b"") * 100, limit=1000)
    with pytest.raises(BadData, match="members"):
        gunzip(gzip.compress(b"") * 1001)


@pytest.mark.parametrize("cut", [1, 5, 12, 20])
def test_a_cut_stream_is_bad_data(cut: int) -> None:
    """It must not pass as a shorter body."""
    with pytest.raises(BadData):
        gunzip(gzip.compress(b"hello" * 100)[:-cut])


@pytest.mark.parametrize(
    "packed",
    [
        b"plain text",
        zlib.compress(b"x"),
        b"\x1f\x8b\xff",
        gzip.compress(b"x", mtime=0)[:-1] + b"\xff",
        gzip.compress(b"x", mtime=0) + b"junk",
    ],
)
def test_what_is_not_gzip_is_bad_data(packed: bytes) -> None:
    """Plain, zlib, a broken header, a wrong checksum, junk behind the end."""
    with pytest.raises(BadData):
        gunzip(packed)


def test_what_is_unpacked_counts_against_the_budget() -> None:
    """As it grows, not as it was announced."""
    with pytest.raises(Overloaded):
        gunzip(gzip.compress(bytes(MIB)), budget=1000)


def test_a_plain_body_is_limited_as_it_arrives() -> None:
    """Whatever its headers said."""
    budget = ByteBudget(100)
    sink = Plain(10, budget.hold())
    sink.feed(b"12345")
    sink.feed(b"67890")
    assert sink.finish() == b"1234567890"
    assert budget.used == 10
    with pytest.raises(TooLarge):
        sink.feed(b"x")
