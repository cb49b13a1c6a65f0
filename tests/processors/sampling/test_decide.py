from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.scores import Score
from processors.processor import Stamp
from processors.sampling.decide import NO_POLICY_MATCHED, Decider, Decision
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.policies.latency import LatencyRule
from processors.sampling.section import SamplingSection
from tests.processors.sampling.build import TRACE_ID, observe, policy, request, section, span

DROPPED_ID = bytes.fromhex("00000000000000000000000000000001")
"""Its hash is 0xe195…: dropped by everything below 88 %."""
KEPT_ID = bytes.fromhex("ffffffffffffffffffffffffffffffff")
"""Its hash is 0x17be…: kept at 10 %."""

ROUTINE = TraceFacts(span_count=1, status_mask=STATUS_UNSET)
FAILED = TraceFacts(span_count=1, status_mask=STATUS_ERROR)
LOW = TraceFacts(span_count=1, status_mask=STATUS_UNSET, scores=[Score("quality", 0.25, None)])
TEN_PERCENT = 0xE6666666666666
RV_OF_KEPT_ID = (2**64 - 1 - 0x17BEC3739634FE2D) >> 8


@pytest.mark.parametrize(
    ("trace_id", "facts", "kept", "policy_name", "by_rule", "threshold", "category"),
    [
        (DROPPED_ID, ROUTINE, False, "routine", False, None, "default"),
        (KEPT_ID, ROUTINE, True, "routine", False, TEN_PERCENT, "default"),
        (DROPPED_ID, FAILED, True, "errors", True, 0, "error"),
        (KEPT_ID, FAILED, True, "errors", True, 0, "error"),
        (DROPPED_ID, LOW, True, "low-score", True, 0, "low_score"),
        (KEPT_ID, LOW, True, "low-score", True, 0, "low_score"),
    ],
)
def test_built_in_policy(  # noqa: PLR0917  # a table's columns
    trace_id: bytes,
    facts: TraceFacts,
    kept: bool,  # noqa: FBT001  # see above
    policy_name: str,
    by_rule: bool,  # noqa: FBT001  # see above
    threshold: int | None,
    category: str,
) -> None:
    """Errors and low scores are kept whatever the draw; the least strict keeper makes the threshold."""
    decision = Decider(SamplingSection()).decide(trace_id, facts)
    assert (decision.kept, decision.policy, decision.by_rule) == (kept, policy_name, by_rule)
    assert (decision.threshold, decision.category) == (threshold, category)


def test_randomness_to_write() -> None:
    """The hash where nothing came; what came where something did; nothing where the trace id's bits served."""
    decider = Decider(SamplingSection())
    assert decider.decide(KEPT_ID, ROUTINE).randomness == RV_OF_KEPT_ID
    assert decider.decide(KEPT_ID, TraceFacts(span_count=1, randomness=2**56 - 1)).randomness == 2**56 - 1
    head_sampled = decider.decide(KEPT_ID, TraceFacts(span_count=1, head_sampled=True))
    assert (head_sampled.kept, head_sampled.randomness) == (True, None)


def test_incoming_randomness_decides() -> None:
    """A trace with an rv is held against the threshold with it, not with the hash."""
    decider = Decider(SamplingSection())
    assert not decider.decide(KEPT_ID, TraceFacts(span_count=1, randomness=TEN_PERCENT - 1)).kept
    assert decider.decide(DROPPED_ID, TraceFacts(span_count=1, randomness=TEN_PERCENT)).kept


def test_head_sampled_traces_are_decided_by_their_id() -> None:
    """`th` without `rv`: an independent draw would sample the sampled again, and `th` would not say so."""
    decider = Decider(SamplingSection())
    facts = TraceFacts(span_count=1, head_sampled=True)
    assert decider.decide(bytes(9) + TEN_PERCENT.to_bytes(7, "big"), facts).kept
    assert not decider.decide(bytes(9) + (TEN_PERCENT - 1).to_bytes(7, "big"), facts).kept


def test_first_keeper_names_the_policy_but_the_lowest_threshold_counts() -> None:
    """The order of the list decides on the name only."""
    made = section(
        policy("probabilistic", "some", sampling_percentage=25),
        policy("probabilistic", "more", sampling_percentage=50),
        policy("status_code", "errors", status_codes=["ERROR"]),
    )
    decision = Decider(made).decide(KEPT_ID, ROUTINE)
    assert (decision.policy, decision.threshold, decision.by_rule) == ("some", 1 << 55, False)
    decision = Decider(made).decide(KEPT_ID, FAILED)
    assert (decision.policy, decision.threshold, decision.by_rule) == ("some", 0, True)


def test_nobody_keeps() -> None:
    """Without a policy that samples at random, a dropped trace was matched by none."""
    made = section(policy("status_code", "errors", status_codes=["ERROR"]))
    assert Decider(made).decide(KEPT_ID, ROUTINE) == Decision(
        kept=False, policy="no_policy_matched", by_rule=False, threshold=None, randomness=None, category="default"
    )


def test_different_salts_have_no_common_threshold() -> None:
    """Two draws: the probability of either is not that of the likelier one, so none is claimed."""
    made = section(
        policy("probabilistic", "a", sampling_percentage=99, hash_salt="x"),
        policy("probabilistic", "b", sampling_percentage=99, hash_salt="y"),
        policy("status_code", "errors", status_codes=["ERROR"]),
    )
    decision = Decider(made).decide(TRACE_ID, ROUTINE)
    assert (decision.kept, decision.threshold, decision.randomness) == (True, None, None)
    assert Decider(made).decide(TRACE_ID, FAILED).threshold == 0
    assert Decider(made).decide(TRACE_ID, TraceFacts(span_count=1, randomness=2**56 - 1)).threshold is not None


class BrokenError(Exception):
    pass


def broken(*_: Any) -> Any:
    raise BrokenError


def test_a_policy_that_fails_keeps_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail open, with the policy named; the probability is then unknown."""
    made = section(policy("latency", "slow", threshold_ms=1), policy("probabilistic", "some", sampling_percentage=10))
    monkeypatch.setattr(LatencyRule, "vote", broken)
    decision = Decider(made).decide(DROPPED_ID, ROUTINE)
    assert (decision.kept, decision.policy, decision.errors) == (True, "slow", ("slow",))
    assert (decision.threshold, decision.by_rule) == (None, True)
    assert Decider(made).decide(KEPT_ID, ROUTINE).threshold is None
    (verdict, _) = Decider(made).verdicts(DROPPED_ID, ROUTINE)
    assert (verdict.kept, verdict.saw) == (True, {"error": "BrokenError"})


def test_a_failing_policy_does_not_spoil_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another rule keeps for certain is kept for certain."""
    made = section(policy("latency", "slow", threshold_ms=1), policy("status_code", "errors", status_codes=["ERROR"]))
    monkeypatch.setattr(LatencyRule, "vote", broken)
    assert Decider(made).decide(DROPPED_ID, FAILED).threshold == 0


def test_verdicts() -> None:
    """What each policy saw and said, in the order of the list."""
    verdicts = Decider(SamplingSection()).verdicts(DROPPED_ID, LOW)
    assert [(verdict.policy, verdict.kept) for verdict in verdicts] == [
        ("errors", False),
        ("low-score", True),
        ("routine", False),
    ]
    assert [verdict.saw for verdict in verdicts] == [
        {"status_codes": ["UNSET"]},
        {"scores": [{"name": "quality", "value": 0.25, "matched": True}], "attributes_matched": False},
        {"randomness": "1e6aca112e4455", "threshold": "e6666666666666"},
    ]


def test_verdicts_show_no_attribute_value() -> None:
    """An attribute may be content: that it matched is told, not what it was."""
    made = section(policy("string_attribute", "vip", key="user", values=["jane@example.com"]))
    (verdict,) = Decider(made).verdicts(TRACE_ID, observe(made, span(attrs={"user": "jane@example.com"})))
    assert verdict.kept
    assert "jane" not in repr(verdict)


def test_stamp() -> None:
    """The stamp carries the decision."""
    decision = Decider(SamplingSection()).decide(DROPPED_ID, LOW)
    assert decision.stamp() == Stamp("low-score", 0, decision.randomness, "low_score", late=False)
    assert decision.stamp(late=True).late


MIX = section(
    policy("status_code", "errors", status_codes=["ERROR"]),
    policy("score", "low", below=0.5, attributes=["q.*"]),
    policy("latency", "slow", threshold_ms=1500),
    policy("numeric_attribute", "tokens", key="tokens", min_value=1000),
    policy("string_attribute", "not-health", key="route", values=["/health"], invert_match=True),
    policy("probabilistic", "routine", sampling_percentage=50),
)
spans = st.builds(
    span,
    parent=st.sampled_from([b"", b"\x09" * 8]),
    status=st.integers(0, 2),
    start=st.integers(1, 2 * 10**9),
    end=st.integers(1, 4 * 10**9),
    trace_state=st.sampled_from(["", "", "ot=th:8", "ot=rv:ffffffffffffff;th:0", "ot=rv:00000000000000"]),
    attrs=st.fixed_dictionaries(
        {},
        optional={
            "tokens": st.integers(0, 1200),
            "route": st.sampled_from(["/health", "/chat"]),
            "gen_ai.evaluation.score.value": st.floats(0, 1),
            "q.x": st.floats(0, 1),
        },
    ),
)


@given(st.lists(spans, min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(1, 5))
def test_same_spans_same_decision(sent: list[Span], shuffle: random.Random, requests: int) -> None:
    """However the spans of a trace are ordered and split over requests, the decision is the same."""
    observer, decider = Observer(MIX), Decider(MIX)
    whole = observer.traces(request(*sent)).facts[TRACE_ID]
    shuffled = list(sent)
    shuffle.shuffle(shuffled)
    parts: list[list[Span]] = [[] for _ in range(requests)]
    for each in shuffled:
        shuffle.choice(parts).append(each)
    split = TraceFacts()
    for part in filter(None, parts):
        split.merge(observer.traces(request(*part)).facts[TRACE_ID])
    assert decider.decide(TRACE_ID, split) == decider.decide(TRACE_ID, whole)


def test_votes_are_counted_by_policy() -> None:
    """Each policy that would keep the trace, not only the first: what a metric shows of policies that never matter."""
    decider = Decider(
        section(
            policy("status_code", "errors", status_codes=["ERROR"]),
            policy("always_sample", "all"),
            policy("span_count", "large", min_spans=10),
        )
    )
    decider.decide(TRACE_ID, TraceFacts(span_count=1, status_mask=STATUS_ERROR))
    decider.decide(TRACE_ID, TraceFacts(span_count=1, status_mask=STATUS_UNSET))
    assert decider.take_votes() == {"errors": 1, "all": 2}
    assert not decider.take_votes()


@pytest.mark.parametrize(("status", "would"), [(STATUS_ERROR, "kept"), (STATUS_UNSET, "dropped")])
def test_a_dry_run_keeps_every_trace_and_says_what_would_have_become_of_it(status: int, would: str) -> None:
    """With the policy that would have decided."""
    decider = Decider(section(policy("status_code", "errors", status_codes=["ERROR"]), mode="dry_run"))
    decision = decider.decide(TRACE_ID, TraceFacts(span_count=1, status_mask=status))
    assert (decision.kept, decision.would) == (True, would)
    assert decision.stamp().would == would
    assert decision.policy == ("errors" if would == "kept" else NO_POLICY_MATCHED)
