"""Randomness, thresholds and the Collector's trace-id hash, in the terms of consistent probability sampling.

A trace has 56 bits of randomness R; a sampler with probability p has a rejection threshold T = (1 - p) * 2^56 and
keeps the trace iff R >= T (opentelemetry-specification, trace/tracestate-probability-sampling.md).

The Collector's tail sampler draws otherwise: FNV-1a of salt and trace id, kept iff hash <= p * (2^64 - 1). Turned
around, that hash is a randomness: R = (2^64 - 1 - hash) >> 8. Then R >= T says the same as the Collector does, up to
rounding in the last of 56 bits (none at all for p >= 1/16), and R can be written as `rv`, so that whoever samples
further on draws from the same randomness and no one has to know about the salt. Without that `rv`, a reader would
take the trace id's own bits for R and find many kept traces with R < T.
"""

from __future__ import annotations

import math
from typing import Final

MAX_ADJUSTED_COUNT: Final = 1 << 56
"""2^56: the number of randomness values. As a threshold: nothing is kept."""
DEFAULT_SALT: Final = "default-hash-seed"
"""The Collector's, for `hash_salt` left empty."""

_UINT64_MAX: Final = 2**64 - 1
_RANDOMNESS_MASK: Final = MAX_ADJUSTED_COUNT - 1
_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3


def fnv1a_64(data: bytes, state: int = _FNV_OFFSET) -> int:
    """FNV-1a; `state` goes on from an earlier hash, as if the data had been one piece."""
    for byte in data:
        state = ((state ^ byte) * _FNV_PRIME) & _UINT64_MAX
    return state


def salt_state(salt: str) -> int:
    """The hash of the salt alone, from which `hashed_randomness` goes on."""
    return fnv1a_64((salt or DEFAULT_SALT).encode())


def hashed_randomness(trace_id: bytes, salted: int) -> int:
    """The Collector's hash of a trace id as 56 bits of randomness; `salted` comes from `salt_state`."""
    return (_UINT64_MAX - fnv1a_64(trace_id, salted)) >> 8


def trace_id_randomness(trace_id: bytes) -> int:
    """The last 7 bytes: the randomness of a trace id made to W3C Trace Context level 2."""
    return int.from_bytes(trace_id[-8:], "big") & _RANDOMNESS_MASK


def threshold_of(probability: float) -> int:
    """T for a probability; 0 for 1 and above, MAX_ADJUSTED_COUNT for what is below half of 2^-56."""
    if probability >= 1:
        return 0
    if probability <= 0:
        return MAX_ADJUSTED_COUNT
    # Scaling by a power of two is exact, and floor(x + 0.5) would not be: above 2^52 the sum itself rounds.
    scaled = math.ldexp(probability, 56)
    return MAX_ADJUSTED_COUNT - int(scaled) - (1 if scaled % 1 >= 0.5 else 0)


def adjusted_count(threshold: int) -> float:
    """How many traces one kept trace stands for. Raises ZeroDivisionError for MAX_ADJUSTED_COUNT."""
    return MAX_ADJUSTED_COUNT / (MAX_ADJUSTED_COUNT - threshold)
