from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.processor import Report, Stamp, SystemPrompt
from sidecar.transform import wire

stamps = st.dictionaries(
    st.binary(min_size=16, max_size=16),
    st.builds(
        Stamp,
        policy=st.text(),
        threshold=st.none() | st.integers(0, 2**56),
        randomness=st.none() | st.integers(0, 2**56 - 1),
        category=st.sampled_from(["error", "low_score", "default"]),
        late=st.booleans(),
    ),
    max_size=5,
)


@given(stamps, st.lists(st.binary(max_size=50), max_size=5))
def test_what_is_packed_is_unpacked(given_stamps: dict[bytes, Stamp], blobs: list[bytes]) -> None:
    """Stamps and payloads arrive in the worker as they were sent."""
    frame = wire.pack({"stamps": wire.stamps_to_json(given_stamps)}, blobs)
    head, body = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
    rest = frame[wire.PREFIX.size :]
    header, out = wire.unpack(rest[:head], rest[head : head + body])
    assert out == blobs
    assert wire.stamps_from_json(header["stamps"]) == given_stamps


def test_a_report_comes_back_as_it_was() -> None:
    """Counters, sums and what was seen, through JSON."""
    report = Report(unpriced=Counter({"a/b": 2}), priced_usd=0.5, system_prompts={SystemPrompt("chat", "f", "h")})
    assert wire.report_from_json(json.loads(json.dumps(wire.report_to_json(report)))) == report


@pytest.mark.parametrize("head", [b"[]", b"{}x", b'{"lengths": [3]}'])
def test_a_frame_that_was_not_packed_is_an_error(head: bytes) -> None:
    """A worker gone mad is noticed rather than believed."""
    with pytest.raises(ValueError):
        wire.unpack(head, b"")
