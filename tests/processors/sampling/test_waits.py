from __future__ import annotations

import pytest

from processors.sampling.facts import TraceFacts
from processors.sampling.waits import Waits

PLAIN = Waits(30.0, 2.0, 600.0)
IDLE = Waits(30.0, 2.0, 600.0, idle_s=10.0, maximum_s=120.0)


@pytest.mark.parametrize(
    ("waits", "facts", "deadline"),
    [
        (PLAIN, TraceFacts(), 130.0),
        (PLAIN, TraceFacts(root_received=True), 102.0),
        (PLAIN, TraceFacts(local_root=True), 102.0),
        (IDLE, TraceFacts(local_root=True), 130.0),
        (IDLE, TraceFacts(root_received=True), 102.0),
        (Waits(1.0, 2.0, 1.0), TraceFacts(root_received=True), 101.0),
        (Waits(5.0, 5.0, 1.0, idle_s=60.0, maximum_s=20.0), TraceFacts(), 120.0),
        (Waits(30.0, 2.0, 1.0, trace_spans=3), TraceFacts(span_count=4), 100.0),
        (Waits(30.0, 2.0, 1.0, trace_spans=3), TraceFacts(span_count=3), 130.0),
        (Waits(30.0, 2.0, 1.0, trace_bytes=10), TraceFacts(span_bytes=11), 100.0),
    ],
)
def test_first_deadline(waits: Waits, facts: TraceFacts, deadline: float) -> None:
    """From the first span; sooner where the root is there, and at once where the trace is too large."""
    assert waits.first_deadline(facts, 100.0) == deadline


def test_an_agent_that_keeps_sending_is_waited_for() -> None:
    """Each span moves the decision, but not below decision_wait and not beyond the maximum."""
    deadline = IDLE.first_deadline(TraceFacts(), 0.0)
    assert deadline == 30.0
    for now, expected in ((5.0, 30.0), (25.0, 35.0), (34.0, 44.0), (115.0, 120.0), (119.0, 120.0)):
        deadline = IDLE.next_deadline(TraceFacts(), 0.0, deadline, now)
        assert deadline == expected


def test_a_root_ends_the_waiting_and_nothing_lengthens_it_again() -> None:
    """Also where idleness is waited for."""
    rooted = TraceFacts(root_received=True)
    deadline = IDLE.next_deadline(rooted, 0.0, 44.0, 34.0)
    assert deadline == 36.0
    assert IDLE.next_deadline(rooted, 0.0, deadline, 35.9) == deadline


def test_a_record_of_before_a_restart_brings_the_deadline_forward_only() -> None:
    """It was read late, but came early; where idleness tells, it does not cut short what newer spans earned."""
    assert PLAIN.restored_deadline(TraceFacts(), -2.0, 35.0, -2.0) == 28.0
    assert PLAIN.restored_deadline(TraceFacts(), -2.0, 20.0, -2.0) == 20.0
    assert IDLE.restored_deadline(TraceFacts(), -2.0, 45.0, -2.0) == 45.0
    assert IDLE.restored_deadline(TraceFacts(), -100.0, 45.0, -2.0) == 20.0
