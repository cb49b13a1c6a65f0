from __future__ import annotations

from typing import Any

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, decide, policy, section, span


def negated(kind: str, **body: Any) -> dict[str, Any]:
    return {"name": "it", "type": "not", "not": {"not_sub_policy": policy(kind, "inner", **body)}}


def test_it_keeps_what_the_other_does_not() -> None:
    """The whole trace counts: one span that matches is enough not to keep it."""
    of = section(negated("string_attribute", key="tier", values=["free"]))
    assert decide(of, span(attrs={"tier": "vip"})).kept
    assert not decide(of, span(attrs={"tier": "vip"}), span(attrs={"tier": "free"})).kept


def test_without_spans_nothing_is_known() -> None:
    """A score may come before the spans do."""
    decider = Decider(section(negated("status_code", status_codes=["ERROR"])))
    assert not decider.decide(TRACE_ID, TraceFacts()).kept
    assert decider.decide(TRACE_ID, TraceFacts(span_count=1)).kept


def test_the_rest_of_a_share_has_no_threshold() -> None:
    """It lies below the threshold, where a `th` cannot point."""
    decider = Decider(section(negated("probabilistic", sampling_percentage=50)))
    low, high = (TraceFacts(span_count=1, randomness=number) for number in (0, 2**56 - 1))
    assert (decider.decide(TRACE_ID, low).kept, decider.decide(TRACE_ID, low).threshold) == (True, None)
    assert not decider.decide(TRACE_ID, high).kept
