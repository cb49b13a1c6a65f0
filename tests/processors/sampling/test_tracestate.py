from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.tracestate import (
    MAX_ENTRIES,
    MAX_OT_CHARACTERS,
    OtEntry,
    compose,
    format_randomness,
    format_threshold,
    read,
)

LOW_ID = bytes(16)[:15] + b"\x01"
HIGH_ID = b"\xff" * 16
TEN_PERCENT = 0xE6666666666666
HIGH = 0xFFFFFFFFFFFFFF

thresholds = st.integers(0, HIGH)
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=6)


@given(thresholds)
def test_threshold_round_trip(threshold: int) -> None:
    """What is written is read back as it was, leading zeros included."""
    assert read(f"ot=th:{format_threshold(threshold)}").threshold == threshold


@given(thresholds)
def test_threshold_has_no_trailing_zeros(threshold: int) -> None:
    """1 to 14 digits; only the threshold 0 ends in one."""
    text = format_threshold(threshold)
    assert 1 <= len(text) <= 14
    assert text == "0" or not text.endswith("0")


@pytest.mark.parametrize(
    ("trace_state", "expected"),
    [
        ("", OtEntry()),
        ("vendor=ot", OtEntry()),
        ("ot=th:0", OtEntry(threshold=0)),
        ("ot=th:fd70a4", OtEntry(threshold=0xFD70A400000000)),
        ("ot=th:FD70A4", OtEntry(threshold=0xFD70A400000000)),
        ("a=1 , ot=rv:00000000000001;th:8 ,b=2", OtEntry(threshold=1 << 55, randomness=1)),
        ("ot=p:8;r:62", OtEntry(others=("p:8", "r:62"))),
        ("ot=th:", OtEntry(bad_threshold=True)),
        ("ot=th:xyz;rv:00000000000001", OtEntry(bad_threshold=True, randomness=1)),
        ("ot=th:123456789abcdef", OtEntry(bad_threshold=True)),
        ("ot=th:8;th:4", OtEntry(threshold=1 << 55, bad_threshold=True)),
        ("ot=rv:1", OtEntry()),
        ("ot=rv:000000000000001", OtEntry()),
        ("ot=;;nonsense;", OtEntry(others=("nonsense",))),
        ("ot", OtEntry()),
        ("xot=th:8", OtEntry()),
        ("ot=a:1,ot=th:8", OtEntry(others=("a:1",))),
    ],
)
def test_read(trace_state: str, expected: OtEntry) -> None:
    """What is malformed is as good as absent, but an unreadable `th` is remembered as one."""
    assert read(trace_state) == expected


@pytest.mark.parametrize(
    ("trace_state", "trace_id", "threshold", "randomness", "expected"),
    [
        # Nothing came in: our threshold, and our randomness if we drew one.
        ("", LOW_ID, 0, None, "ot=th:0"),
        ("", LOW_ID, TEN_PERCENT, HIGH, "ot=th:e6666666666666;rv:ffffffffffffff"),
        ("", HIGH_ID, TEN_PERCENT, None, "ot=th:e6666666666666"),
        # Others' entries stay, ours goes to the front.
        ("a=1,b=2", LOW_ID, 0, None, "ot=th:0,a=1,b=2"),
        ("a=1,ot=p:8;th:0;r:62,b=2", LOW_ID, 0, None, "ot=th:0;p:8;r:62,a=1,b=2"),
        # A threshold is raised, never lowered.
        ("ot=th:8", HIGH_ID, 0, None, "ot=th:8"),
        ("ot=th:8", HIGH_ID, TEN_PERCENT, None, "ot=th:e6666666666666"),
        ("ot=th:f", HIGH_ID, TEN_PERCENT, None, "ot=th:f"),
        # An rv that came in is kept; ours is for spans without randomness of their own.
        ("ot=rv:f0000000000000", LOW_ID, TEN_PERCENT, HIGH, "ot=th:e6666666666666;rv:f0000000000000"),
        ("ot=th:8", HIGH_ID, 0, 5, "ot=th:8"),
        # R < T: no one can say what the span stands for.
        ("ot=th:8", LOW_ID, 0, None, ""),
        ("ot=th:8;x:1", LOW_ID, 0, None, "ot=x:1"),
        ("ot=th:8;rv:70000000000000,a=1", HIGH_ID, 0, None, "ot=rv:70000000000000,a=1"),
        ("ot=rv:70000000000000", HIGH_ID, TEN_PERCENT, None, "ot=rv:70000000000000"),
        # Unknown, before us or by us.
        ("ot=th:zz;x:1", HIGH_ID, 0, None, "ot=x:1"),
        ("ot=th:8,a=1", HIGH_ID, None, None, "a=1"),
        ("ot=th:8;x:1", HIGH_ID, None, None, "ot=x:1"),
    ],
)
def test_compose(
    trace_state: str, trace_id: bytes, threshold: int | None, randomness: int | None, expected: str
) -> None:
    """See the comments in the table."""
    assert compose(trace_state, trace_id, threshold, randomness) == expected


def test_no_more_than_32_entries() -> None:
    """The rightmost entries go, as W3C asks for."""
    came = [f"v{n}=x" for n in range(MAX_ENTRIES)]
    assert compose(",".join(came), LOW_ID, 0, None).split(",") == ["ot=th:0", *came[:-1]]


def test_ot_too_long_for_a_threshold() -> None:
    """`ot` never grows beyond 256 characters: what others wrote there is worth more than our addition."""
    others = "x:" + "y" * (MAX_OT_CHARACTERS - 4)
    assert compose(f"ot={others}", LOW_ID, TEN_PERCENT, HIGH) == f"ot={others}"
    shorter = others[:-14]
    assert compose(f"ot={shorter}", LOW_ID, TEN_PERCENT, HIGH) == f"ot={shorter}"


@given(
    vendors=st.dictionaries(words.map(lambda w: "v" + w), words, max_size=40),
    sub_keys=st.dictionaries(words.map(lambda w: "x" + w), words, max_size=4),
    th_in=st.none() | thresholds,
    rv_in=st.none() | thresholds,
    trace_id=st.binary(min_size=16, max_size=16),
    threshold=thresholds,
    randomness=st.none() | thresholds,
)
def test_compose_properties(
    *,
    vendors: dict[str, str],
    sub_keys: dict[str, str],
    th_in: int | None,
    rv_in: int | None,
    trace_id: bytes,
    threshold: int,
    randomness: int | None,
) -> None:
    """Others' entries and sub-keys survive, `rv` is kept, `th` is max(in, own) and consistent, or absent."""
    ot = [f"{key}:{value}" for key, value in sub_keys.items()]
    ot += [] if th_in is None else [f"th:{format_threshold(th_in)}"]
    ot += [] if rv_in is None else [f"rv:{format_randomness(rv_in)}"]
    came = [f"{key}={value}" for key, value in vendors.items()] + ([f"ot={';'.join(ot)}"] if ot else [])
    composed = compose(",".join(came), trace_id, threshold, randomness)
    entry = read(composed)
    members = [member for member in composed.split(",") if member and not member.startswith("ot=")]
    assert members == [f"{key}={value}" for key, value in vendors.items()][: len(members)]
    assert len(members) >= min(len(vendors), MAX_ENTRIES - 1)
    assert entry.others == tuple(f"{key}:{value}" for key, value in sub_keys.items())
    if rv_in is not None:
        assert entry.randomness == rv_in
    if entry.threshold is not None:
        assert entry.threshold == max(threshold, th_in or 0)
        effective = entry.randomness if entry.randomness is not None else int.from_bytes(trace_id[9:], "big")
        assert effective >= entry.threshold
    assert sum(member.startswith("ot=") for member in composed.split(",")) <= 1


@given(st.text(max_size=80), st.binary(min_size=16, max_size=16), thresholds)
def test_any_text_is_survived(trace_state: str, trace_id: bytes, threshold: int) -> None:
    """A tracestate is whatever the client sent; nothing raises."""
    compose(trace_state, trace_id, threshold, None)
