from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.call_totals import CallTotals
from processors.sampling.entry import Entry, State
from processors.sampling.facts import NO_START, TraceFacts

numbers = st.integers(0, 2**70)
facts = st.builds(
    TraceFacts,
    span_count=st.integers(0, 2**34),
    status_mask=st.integers(0, 7),
    start_unix_nano=st.integers(0, NO_START),
    end_unix_nano=st.integers(0, NO_START),
    root_received=st.booleans(),
    matched=numbers,
    failed=numbers,
    randomness=st.none() | st.integers(0, 2**56 - 1),
    head_sampled=st.booleans(),
    scores=st.none() | st.just([]),
    links=st.none() | st.just([7]),
    log_count=st.integers(0, 9),
    span_bytes=numbers,
    local_root=st.booleans(),
    values=st.none() | st.just({1: {"a"}}),
    calls=st.none() | st.just(CallTotals(slowest_first_chunk_s=1.0)),
    system_prompts=st.none() | st.just({1}),
)
parts = st.lists(st.tuples(st.integers(0, 2**60), st.integers(0, 9), st.integers(0, 9)), max_size=4)


@given(facts, parts, parts)
def test_an_entry_at_rest_knows_what_it_knew(
    of: TraceFacts, before: list[tuple[int, int, int]], later: list[tuple[int, int, int]]
) -> None:
    """And takes in what comes later, however often it came to rest in between."""
    entry = Entry(of, State.WAITING, 5.0, 1.0, 0)
    for part in before:
        entry.add_part(*part)
    merged = TraceFacts()
    merged.merge(of)
    entry.rest()
    assert list(entry.parts()) == before
    assert (entry.links or None) == (of.links or None)
    for part in later:
        entry.add_part(*part)
        entry.rest()
    whole = [*before, *later]
    assert entry.items() == (sum(spans for _, spans, _ in whole), sum(logs for _, _, logs in whole))
    again = TraceFacts()
    again.merge(entry.facts)
    assert again == merged
    assert list(entry.hand_out()) == whole
    assert list(entry.parts()) == []


def test_of_many_parts_a_late_one_copies_none() -> None:
    """A dropped trace may get thousands of late requests."""
    entry = Entry(TraceFacts(), State.DROPPED, 0.0, 0.0, 0)
    for ref in range(100):
        entry.add_part(ref, 1, 0)
        entry.rest()
    parts = entry._parts
    entry.add_part(100, 1, 0)
    entry.rest()
    assert entry._parts is parts
    assert entry.items() == (101, 0)


def test_parents_without_calls_are_given_up() -> None:
    """Spans that are no calls leave nothing behind once the trace is decided."""
    totals = CallTotals()
    totals.add_parent(b"s" * 8, b"p" * 8)
    entry = Entry(TraceFacts(calls=totals), State.WAITING, 0.0, 0.0, 0)
    entry.rest()
    assert entry.facts.calls is None


def test_at_rest_it_is_small() -> None:
    """Most entries are those of dropped traces, which are remembered for minutes."""
    entry = Entry(TraceFacts(span_count=3, end_unix_nano=10**18, matched=5), State.DROPPED, 1.5, 0.5, 0)
    entry.add_part(17, 3, 0)
    before = sys.getsizeof(entry.facts)
    entry.rest()
    assert sys.getsizeof(entry._facts) < before / 2
    assert isinstance(entry._parts, tuple)
