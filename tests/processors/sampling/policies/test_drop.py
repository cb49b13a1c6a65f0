from __future__ import annotations

from typing import Any

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, decide, policy, section, span

ERROR = policy("status_code", "errors", status_codes=["ERROR"])
HEALTH = policy("string_attribute", "health", key="http.route", values=["/healthz"])
HALF = policy("probabilistic", "half", sampling_percentage=50)


def drop(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"name": "noise", "type": "drop", "drop": {"drop_sub_policy": list(policies)}}


@pytest.mark.parametrize("first", [True, False])
def test_it_wins_over_every_policy(first: bool) -> None:  # noqa: FBT001  # a table's column
    """Errors included, wherever in the list it stands; it is named as what dropped the trace."""
    policies = [drop(HEALTH), ERROR] if first else [ERROR, drop(HEALTH)]
    decision = decide(section(*policies), span(status=2, attrs={"http.route": "/healthz"}))
    assert (decision.kept, decision.policy) == (False, "noise")
    assert decide(section(*policies), span(status=2)).policy == "errors"


def test_all_of_its_policies_must_agree() -> None:
    """One that does not match, and the trace is left to the others."""
    of = section(drop(HEALTH, {"name": "n", "type": "not", "not": {"not_sub_policy": ERROR}}), ERROR)
    assert decide(of, span(status=2, attrs={"http.route": "/healthz"})).kept
    assert decide(of, span(attrs={"http.route": "/healthz"})).policy == "noise"


def test_it_never_keeps() -> None:
    """What is not dropped needs a policy that keeps it."""
    assert not decide(section(drop(HEALTH), ERROR), span()).kept


def test_what_it_cannot_tell_is_not_dropped() -> None:
    """The others decide, the failure is reported, and nothing is claimed about the probability."""
    decider = Decider(section(drop(HEALTH), HALF))
    decision = decider.decide(TRACE_ID, TraceFacts(span_count=1, failed=1, randomness=2**56 - 1))
    assert (decision.kept, decision.policy, decision.errors) == (True, "half", ("noise",))
    assert decision.threshold is None
    assert not decider.decide(TRACE_ID, TraceFacts(span_count=1, failed=1, randomness=0)).kept


def test_a_share_that_was_dropped_leaves_no_threshold() -> None:
    """The others were kept with a probability that no `th` says; what a rule exempts from the draw is not touched."""
    decider = Decider(section(drop(HEALTH, HALF), policy("always_sample", "all")))
    chance = decider.decide(TRACE_ID, TraceFacts(span_count=1, matched=1, randomness=0))
    exempt = decider.decide(TRACE_ID, TraceFacts(span_count=1, randomness=0))
    assert (chance.kept, chance.threshold) == (True, None)
    assert (exempt.kept, exempt.threshold) == (True, 0)
