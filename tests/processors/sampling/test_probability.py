"""Against known answers: FNV's published vectors, and Go's hash/fnv and math/big, which the Collector uses."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.probability import (
    MAX_ADJUSTED_COUNT,
    adjusted_count,
    fnv1a_64,
    hashed_randomness,
    salt_state,
    threshold_of,
    trace_id_randomness,
)

UINT64_MAX = 2**64 - 1


def collector_threshold(percentage: float) -> int:
    """MaxUint64 * ratio with 64 bits of mantissa, rounded to even, then cut: Go's big.Float and its Uint64()."""
    product = Fraction(percentage / 100) * UINT64_MAX
    exponent = max(product.numerator.bit_length() - product.denominator.bit_length() - 1, 0)
    while product >= 2 ** (exponent + 1):
        exponent += 1
    step = Fraction(2) ** (exponent - 63)
    return min(int(round(product / step) * step), UINT64_MAX)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", 0xCBF29CE484222325), (b"a", 0xAF63DC4C8601EC8C), (b"foobar", 0x85944171F73967E8)],
)
def test_fnv1a_published_vectors(data: bytes, expected: int) -> None:
    """The hash is FNV-1a with 64 bits."""
    assert fnv1a_64(data) == expected


@pytest.mark.parametrize(
    ("salt", "trace_id", "expected"),
    [
        ("", "00000000000000000000000000000001", 0xE19535EED1BBAA8A),
        ("default-hash-seed", "0102030405060708090a0b0c0d0e0f10", 0xDBCF64D5420F4CAD),
        ("default-hash-seed", "4bf92f3577b34da6a3ce929d0e0e4736", 0xA54533BA2E4970B5),
        ("default-hash-seed", "ffffffffffffffffffffffffffffffff", 0x17BEC3739634FE2D),
        ("test-salt", "00000000000000000000000000000001", 0x8149721E69875E73),
        ("test-salt", "0102030405060708090a0b0c0d0e0f10", 0x08EE52DEDA923930),
    ],
)
def test_hash_is_the_collectors(salt: str, trace_id: str, expected: int) -> None:
    """Salt first, then the id's bytes; an empty salt is the default one. Values from Go's hash/fnv."""
    assert fnv1a_64(bytes.fromhex(trace_id), salt_state(salt)) == expected
    assert hashed_randomness(bytes.fromhex(trace_id), salt_state(salt)) == (UINT64_MAX - expected) >> 8


@pytest.mark.parametrize(
    ("percentage", "expected"),
    [
        (0.001, 0x0000A7C5AC471B47),
        (0.1, 0x004189374BC6A7EF),
        (1, 0x028F5C28F5C28F5F),
        (10, 0x19999999999999FF),
        (33, 0x547AE147AE147BFF),
        (66.6, 0xAA7EF9DB22D0DFFF),
        (100, UINT64_MAX),
    ],
)
def test_reference_threshold_is_gos(percentage: float, expected: int) -> None:
    """The reference that the next tests compare with gives what Go's math/big gives."""
    assert collector_threshold(percentage) == expected


@pytest.mark.parametrize("percentage", [0.001, 0.1, 1, 3, 6.25, 10, 25, 33, 50, 66.6, 99.9, 100])
def test_decision_is_the_collectors(percentage: float) -> None:
    """R >= T keeps the very traces that `hash <= threshold` keeps, over 100,000 ids."""
    ids = random.Random(1)
    salted = salt_state("")
    threshold = threshold_of(percentage / 100)
    theirs = collector_threshold(percentage)
    for _ in range(100_000 if percentage == 10 else 3_000):
        trace_id = ids.randbytes(16)
        assert (hashed_randomness(trace_id, salted) >= threshold) == (fnv1a_64(trace_id, salted) <= theirs)


@given(st.floats(min_value=1 / 16, max_value=1, exclude_max=True))
def test_thresholds_agree_to_the_last_bit(probability: float) -> None:
    """For p >= 1/16 there is no hash at all on which the two comparisons differ."""
    smallest_kept = UINT64_MAX - collector_threshold(probability * 100)
    if probability * 100 / 100 == probability:
        assert smallest_kept == threshold_of(probability) << 8


@given(st.floats(min_value=0, max_value=1))
def test_threshold_is_the_nearest(probability: float) -> None:
    """T is (1 - p) * 2^56, rounded to the nearest number."""
    exact = MAX_ADJUSTED_COUNT - Fraction(probability) * MAX_ADJUSTED_COUNT
    assert abs(threshold_of(probability) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (1.0, 0),
        (7.0, 0),
        (0.5, 1 << 55),
        (0.1, 0xE6666666666666),
        (0.0, 1 << 56),
        (-3.0, 1 << 56),
        (2**-56, (1 << 56) - 1),
    ],
)
def test_threshold_table(probability: float, expected: int) -> None:
    """0 and less keeps nothing, 1 and more keeps everything."""
    assert threshold_of(probability) == expected


def test_trace_id_randomness_is_its_last_56_bits() -> None:
    """W3C Trace Context level 2: the rightmost 7 bytes, the most significant first."""
    assert trace_id_randomness(bytes.fromhex("ffffffffffffffffff01020304050607")) == 0x01020304050607


def test_adjusted_count() -> None:
    """2^56 / (2^56 - T)."""
    assert adjusted_count(0) == 1
    assert adjusted_count(3 << 54) == 4
