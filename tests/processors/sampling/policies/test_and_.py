from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, decide, policy, section, span

ERROR = policy("status_code", "errors", status_codes=["ERROR"])
VIP = policy("string_attribute", "vip", key="tier", values=["vip"])
NOT_INTERNAL = {
    "name": "n",
    "type": "not",
    "not": {"not_sub_policy": policy("boolean_attribute", "i", key="internal", value=True)},
}


def all_of(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"name": "all", "type": "and", "and": {"and_sub_policy": list(policies)}}


@pytest.mark.parametrize(
    ("status", "attrs", "kept"),
    [
        (2, {"tier": "vip"}, True),
        (0, {"tier": "vip"}, False),
        (2, {}, False),
        (2, {"tier": "vip", "internal": True}, False),
        (2, {"tier": "vip", "internal": False}, True),
    ],
)
def test_every_sub_policy_must_keep(status: int, attrs: dict[str, Any], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """On whatever span of the trace each finds what it looks for."""
    of = section(all_of(ERROR, VIP, NOT_INTERNAL))
    assert decide(of, span(status=status), span(attrs=attrs)).kept is kept


def test_rules_alone_leave_nothing_to_chance() -> None:
    """Such traces stand for themselves, and a late span can make one keep its trace."""
    decision = decide(section(all_of(ERROR, VIP)), span(status=2, attrs={"tier": "vip"}))
    assert (decision.by_rule, decision.threshold) == (True, 0)


def test_a_share_of_what_a_rule_keeps_has_the_threshold_of_the_share() -> None:
    """Its traces count for those that were sampled out beside them."""
    half = policy("probabilistic", "half", sampling_percentage=50)
    decider = Decider(section(all_of(VIP, half)))
    facts = TraceFacts(span_count=1, matched=1, randomness=2**55)
    decision = decider.decide(TRACE_ID, facts)
    assert (decision.kept, decision.by_rule, decision.threshold) == (True, False, 2**55)
    facts.randomness = 2**55 - 1
    assert not decider.decide(TRACE_ID, facts).kept
    assert decider.decide(TRACE_ID, facts).policy == "all"


def test_of_two_shares_the_smaller_one_decides() -> None:
    """Both hold the same number against their thresholds."""
    shares = [policy("probabilistic", str(share), sampling_percentage=share) for share in (50, 25)]
    decision = Decider(section(all_of(*shares))).decide(TRACE_ID, TraceFacts(span_count=1, randomness=2**56 - 1))
    assert decision.threshold == 3 * 2**54


@pytest.mark.parametrize(
    "body",
    [
        {"and_sub_policy": []},
        {"and_sub_policy": [all_of(ERROR)]},
        {"and_sub_policy": [{"name": "d", "type": "drop", "drop": {"drop_sub_policy": [ERROR]}}]},
        {},
    ],
)
def test_what_may_not_stand_inside(body: dict[str, Any]) -> None:
    """As in the Collector: no `and`, no `drop`, and at least one."""
    with pytest.raises(ValidationError) as error:
        section({"name": "x", "type": "and", "and": body})
    assert "and" in error.value.errors()[0]["loc"]
