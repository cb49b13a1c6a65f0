from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.deadlines import Deadlines


def drained(queue: Deadlines, now: float) -> list[bytes]:
    taken = []
    while (due := queue.next(now)) is not None:
        taken.append(due[1])
    return taken


@given(st.lists(st.tuples(st.floats(-1e4, 1e6), st.binary(min_size=1, max_size=2)), max_size=40), st.floats(-1e4, 1e6))
def test_none_early_none_lost(entries: list[tuple[float, bytes]], now: float) -> None:
    """Due are those whose deadline came, at most 1/64 s before; whatever is left comes out in the end, each once."""
    queue = Deadlines()
    for deadline, trace_id in entries:
        queue.add(deadline, trace_id)
    first = sorted(drained(queue, now))
    assert first <= sorted(trace for deadline, trace in entries if deadline <= now) or set(first) <= {
        trace for deadline, trace in entries if deadline <= now
    }
    due_for_sure = [trace for deadline, trace in entries if deadline + 1 / 64 <= now]
    rest = drained(queue, math.inf)
    assert not [trace for trace in due_for_sure if first.count(trace) < due_for_sure.count(trace)]
    assert sorted(first + rest) == sorted(trace for _, trace in entries)


def test_whole_seconds_are_exact() -> None:
    """A wait of ten seconds is ten seconds."""
    queue = Deadlines()
    queue.add(15.0, b"a")
    assert drained(queue, 14.999) == []
    assert drained(queue, 15.0) == [b"a"]


def test_in_order_of_time_then_of_arrival() -> None:
    """The longest waiting first."""
    queue = Deadlines()
    for deadline, trace_id in ((3.0, b"c"), (1.0, b"a"), (1.0, b"b"), (2.0, b"x")):
        queue.add(deadline, trace_id)
    assert sorted(queue.traces()) == [b"a", b"b", b"c", b"x"]
    assert queue.next(math.inf) == (1.0, b"a")
    assert drained(queue, 3.0) == [b"b", b"x", b"c"]
    queue.add(1.0, b"a")
    queue.clear()
    assert queue.next(math.inf) is None
