from __future__ import annotations

from typing import Any

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from tests.processors.sampling.build import TRACE_ID, policy, section

LIMIT = policy("rate_limiting", "limit", spans_per_second=10)
ERRORS = policy("status_code", "errors", status_codes=["ERROR"])
HALF = policy("probabilistic", "half", sampling_percentage=50)


def spans(count: int = 1, *, error: bool = False, randomness: int | None = None) -> TraceFacts:
    status = STATUS_ERROR if error else STATUS_UNSET
    return TraceFacts(span_count=count, status_mask=status, randomness=randomness)


def test_spans_a_second_are_kept_with_a_burst_of_twice_as_many() -> None:
    """As the Collector's since 0.153."""
    decider = Decider(section(LIMIT))
    assert [decider.decide(TRACE_ID, spans(4), 0.0).kept for _ in range(6)] == [True] * 5 + [False]
    assert [decider.decide(TRACE_ID, spans(4), 1.0).kept for _ in range(3)] == [True, True, False]


def test_the_burst_can_be_set() -> None:
    """Then that many can be kept at once."""
    decider = Decider(section(policy("rate_limiting", spans_per_second=1, burst_capacity=5)))
    assert [decider.decide(TRACE_ID, spans(), 0.0).kept for _ in range(6)] == [True] * 5 + [False]


def test_a_large_trace_is_kept_too() -> None:
    """The Collector never keeps a trace of more spans than the burst."""
    decider = Decider(section(LIMIT))
    assert decider.decide(TRACE_ID, spans(1000), 0.0).kept
    assert not decider.decide(TRACE_ID, spans(), 50.0).kept
    assert decider.decide(TRACE_ID, spans(), 99.0).kept


def test_what_was_kept_for_room_is_no_rule_and_has_no_threshold() -> None:
    """Nobody knows with what probability it was kept; a late span does not reverse a decision by it."""
    decider = Decider(section(LIMIT))
    kept = decider.decide(TRACE_ID, spans(), 0.0)
    assert (kept.kept, kept.by_rule, kept.threshold) == (True, False, None)
    again = decider.decide(TRACE_ID, spans(), None)
    assert not again.by_rule


@pytest.mark.parametrize(
    ("others", "facts", "threshold"),
    [
        ([ERRORS], spans(error=True), 0),
        ([ERRORS], spans(), None),
        ([HALF], spans(randomness=2**56 - 1), None),
        ([policy("always_sample", "all")], spans(), 0),
    ],
)
def test_thresholds_beside_others(others: list[dict[str, Any]], facts: TraceFacts, threshold: int | None) -> None:
    """A rule's 0 stands; a share's does not, for the limit might have kept what the share did not."""
    assert Decider(section(*others, LIMIT)).decide(TRACE_ID, facts, 0.0).threshold == threshold


def test_in_and_only_what_the_policies_before_it_keep_is_paid_for() -> None:
    """They are asked in order, as in the Collector."""
    limited_errors = {"name": "some-errors", "type": "and", "and": {"and_sub_policy": [ERRORS, LIMIT]}}
    decider = Decider(section(limited_errors))
    for _ in range(100):
        assert not decider.decide(TRACE_ID, spans(4), 0.0).kept
    kept = [decider.decide(TRACE_ID, spans(4, error=True), 0.0).kept for _ in range(6)]
    assert kept == [True] * 5 + [False]


def test_looking_again_and_explaining_draw_on_no_budget() -> None:
    """A late span of a dropped trace, or somebody who asks why."""
    decider = Decider(section(LIMIT))
    for _ in range(50):
        decider.decide(TRACE_ID, spans(4), None)
        decider.verdicts(TRACE_ID, spans(4))
    assert [decider.decide(TRACE_ID, spans(4), 0.0).kept for _ in range(6)] == [True] * 5 + [False]
    (verdict,) = decider.verdicts(TRACE_ID, spans(4))
    assert verdict.saw == {"spans": 4, "budget": 0.0}


def test_on_first_match_what_is_kept_already_is_not_paid_for() -> None:
    """`sample_on_first_match` leaves the budget to traces that need it, and keeps the same otherwise."""
    every = Decider(section(ERRORS, LIMIT))
    first = Decider(section(ERRORS, LIMIT, sample_on_first_match=True))
    for decider, left in ((every, False), (first, True)):
        assert all(decider.decide(TRACE_ID, spans(20, error=True), 0.0).kept for _ in range(3))
        assert decider.decide(TRACE_ID, spans(20), 0.0).kept is left


def test_a_dropped_trace_is_counted_on_the_limit() -> None:
    """Its budget was what said no."""
    assert (
        Decider(section(ERRORS, policy("rate_limiting", "limit", spans_per_second=0)))
        .decide(TRACE_ID, spans(), 0.0)
        .policy
        == "limit"
    )
