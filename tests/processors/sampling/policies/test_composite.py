from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from tests.processors.sampling.build import TRACE_ID, policy, section

ERRORS = policy("status_code", "errors", status_codes=["ERROR"])
ALL = policy("always_sample", "all")


def composite(total: int, *subs: dict[str, Any], **body: Any) -> dict[str, Any]:
    return policy("composite", "shared", max_total_spans_per_second=total, composite_sub_policy=list(subs), **body)


def spans(count: int = 1, *, error: bool = False) -> TraceFacts:
    return TraceFacts(span_count=count, status_mask=STATUS_ERROR if error else STATUS_UNSET)


def kept(decider: Decider, facts: TraceFacts, now_s: float, times: int) -> int:
    return sum(decider.decide(TRACE_ID, facts, now_s).kept for _ in range(times))


def test_each_policy_has_its_part_of_every_second() -> None:
    """A part that is spent comes back with the next second."""
    allocation = [{"policy": "errors", "percent": 60}, {"policy": "all", "percent": 40}]
    decider = Decider(section(composite(10, ERRORS, ALL, rate_allocation=allocation)))
    for second in (0.0, 1.0, 1.999, 5.2):
        expected = (6, 4) if second != 1.999 else (0, 0)
        assert (kept(decider, spans(error=True), second, 20), kept(decider, spans(), second, 20)) == expected


def test_what_one_policy_would_keep_does_not_fall_through_to_the_next() -> None:
    """As the Collector: the first that would keep the trace pays or refuses."""
    decider = Decider(section(composite(10, ERRORS, ALL, rate_allocation=[{"policy": "errors", "percent": 10}])))
    assert kept(decider, spans(error=True), 0.0, 20) == 1
    assert kept(decider, spans(), 0.0, 20) == 5


def test_the_order_of_asking_can_be_given() -> None:
    """Then the list's own order does not matter."""
    decider = Decider(section(composite(10, ALL, ERRORS, policy_order=["errors", "all"])))
    assert kept(decider, spans(error=True), 0.0, 20) == 5
    assert kept(decider, spans(), 0.0, 20) == 5


def test_the_total_holds_whatever_the_parts_add_up_to() -> None:
    """The Collector's parts of 100 % each would keep twice the total."""
    parts = [{"policy": "errors", "percent": 100}, {"policy": "all", "percent": 100}]
    decider = Decider(section(composite(10, ERRORS, ALL, rate_allocation=parts)))
    assert kept(decider, spans(error=True), 0.0, 8) + kept(decider, spans(), 0.0, 20) == 10


def test_a_trace_larger_than_a_seconds_part_is_kept_once_a_second() -> None:
    """Rather than never."""
    decider = Decider(section(composite(10, ALL)))
    assert kept(decider, spans(100), 0.0, 3) == 1
    assert kept(decider, spans(), 0.0, 3) == 0
    assert kept(decider, spans(), 1.0, 3) == 3


def test_what_no_policy_keeps_costs_nothing() -> None:
    """And is no matter of chance."""
    decider = Decider(section(composite(10, ERRORS)))
    assert kept(decider, spans(5), 0.0, 50) == 0
    assert kept(decider, spans(5, error=True), 0.0, 50) == 2


def test_it_is_a_limit() -> None:
    """No rule, no threshold; and explaining it spends nothing."""
    decider = Decider(section(composite(10, ERRORS)))
    first = decider.verdicts(TRACE_ID, spans(10, error=True))[0]
    assert first.kept
    assert first.saw["would_keep"] == {"errors": True}
    decision = decider.decide(TRACE_ID, spans(10, error=True), 0.0)
    assert (decision.kept, decision.by_rule, decision.threshold) == (True, False, None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"policy_order": ["nope"]}, "policy_order names no policy here: nope; there are: errors, all"),
        ({"policy_order": ["all", "all"]}, "twice"),
        ({"rate_allocation": [{"policy": "x", "percent": 5}]}, "rate_allocation names no policy here: x"),
        ({"rate_allocation": [{"policy": "all", "percent": 101}]}, "less than or equal to 100"),
    ],
)
def test_mistakes(body: dict[str, Any], message: str) -> None:
    """Names that stand for nothing are errors, not parts that are never used."""
    with pytest.raises(ValidationError, match=message):
        section(composite(10, ERRORS, ALL, **body))


def test_two_of_one_name() -> None:
    """An allocation would not know which is meant."""
    with pytest.raises(ValidationError, match="used more than once: all"):
        section(composite(10, ALL, ALL))
