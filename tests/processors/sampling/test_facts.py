from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from processors.genai.scores import Score
from processors.sampling.decide import Decider
from processors.sampling.facts import NO_START, TraceFacts
from tests.processors.sampling.build import TRACE_ID, policy, section

scores = st.builds(
    Score,
    name=st.sampled_from(["quality", "toxicity", ""]),
    value=st.none() | st.floats(-10, 10) | st.just(float("nan")),
    label=st.sampled_from([None, "pass", "FAIL"]),
)
facts = st.builds(
    TraceFacts,
    span_count=st.integers(0, 5),
    status_mask=st.integers(0, 7),
    start_unix_nano=st.integers(1, 10**10) | st.just(NO_START),
    end_unix_nano=st.integers(0, 10**10),
    root_received=st.booleans(),
    matched=st.integers(0, 15),
    failed=st.sampled_from([0, 0, 0, 1, 2]),
    randomness=st.none() | st.integers(0, 2**56 - 1),
    head_sampled=st.booleans(),
    scores=st.none() | st.lists(scores, max_size=100),
)

DECIDER = Decider(
    section(
        policy("numeric_attribute", "number", key="n", min_value=0),
        policy("string_attribute", "not-this", key="s", values=["x"], invert_match=True),
        policy("score", "low", below=-5.0, labels=["fail"], names=["q*"]),
        policy("score", "high", above=9.0),
        policy("latency", "slow", threshold_ms=5000),
        policy("probabilistic", "some", sampling_percentage=30),
    )
)


def votes(of: TraceFacts) -> list[tuple[str, bool]]:
    return [(verdict.policy, verdict.kept) for verdict in DECIDER.verdicts(TRACE_ID, of)]


def merged(*parts: TraceFacts) -> TraceFacts:
    whole = TraceFacts()
    for part in parts:
        whole.merge(deepcopy(part))
    return whole


@given(facts, facts, facts)
def test_merge_order_and_grouping_do_not_matter(a: TraceFacts, b: TraceFacts, c: TraceFacts) -> None:
    """The decision on the merged facts is one and the same, whatever came first and with whatever else."""
    left = merged(merged(a, b), c)
    for other in (merged(a, merged(b, c)), merged(c, b, a), merged(b, merged(c, a))):
        assert replace(left, scores=None) == replace(other, scores=None)
        assert DECIDER.decide(TRACE_ID, left) == DECIDER.decide(TRACE_ID, other)
        assert votes(left) == votes(other)


@given(st.lists(scores, min_size=65, max_size=300))
def test_many_scores_are_condensed_without_changing_a_decision(many: list[Score]) -> None:
    """Only the extremes of each name and label are held, and every bound decides on them as on all."""
    condensed = TraceFacts(span_count=1)
    condensed.add_scores(many)
    whole = TraceFacts(span_count=1, scores=list(many))
    assert condensed.scores is not None
    assert len(condensed.scores) <= 27
    assert votes(condensed) == votes(whole)


def test_merge() -> None:
    """Counts add up, bits and flags are joined, times reach from first to last, the smaller randomness stays."""
    score = Score("a", 1.0, None)
    one = TraceFacts(2, 1, 50, 60, root_received=False, matched=1, failed=4, randomness=9, scores=[score])
    two = TraceFacts(3, 4, 20, 55, root_received=True, matched=2, failed=8, randomness=7, head_sampled=True)
    assert merged(one, two) == TraceFacts(
        5, 5, 20, 60, root_received=True, matched=3, failed=12, randomness=7, head_sampled=True, scores=[score]
    )


def test_merge_does_not_touch_the_other() -> None:
    """The merged-in facts share no list with the whole."""
    part = TraceFacts(scores=[Score("a", 1.0, None)])
    whole = merged(part)
    whole.merge(part)
    whole.merge(TraceFacts(scores=[Score("b", 1.0, None)]))
    assert part.scores == [Score("a", 1.0, None)]


def test_duration_is_zero_where_times_are_unknown() -> None:
    """No start, no end, or an end before the start: no duration, rather than a huge or a negative one."""
    assert TraceFacts().duration_nano == 0
    assert TraceFacts(end_unix_nano=5).duration_nano == 0
    assert TraceFacts(start_unix_nano=5).duration_nano == 0
    assert TraceFacts(start_unix_nano=5, end_unix_nano=7).duration_nano == 2
