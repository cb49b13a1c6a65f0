from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from processors.genai.scores import Score
from processors.sampling.decide import Decider
from processors.sampling.facts import MAX_LINKS, NO_START, TraceFacts
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
    links=st.none() | st.lists(st.integers(0, 9), max_size=5, unique=True),
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
        assert replace(left, scores=None, links=None) == replace(other, scores=None, links=None)
        assert set(left.links or ()) == set(other.links or ())
        assert DECIDER.decide(TRACE_ID, left) == DECIDER.decide(TRACE_ID, other)
        assert votes(left) == votes(other)


@given(facts, facts)
def test_merging_links_twice_changes_nothing(a: TraceFacts, b: TraceFacts) -> None:
    """Each link is there once, and everything that was there stays."""
    once, twice = merged(a, b), merged(a, b, b, a)
    assert once.links == twice.links
    assert set(once.links or ()) == {*(a.links or ()), *(b.links or ())}
    assert len(once.links or ()) == len(set(once.links or ()))


@given(st.lists(st.lists(st.integers(0, 2 * MAX_LINKS), min_size=50, max_size=200), min_size=2, max_size=6))
def test_links_are_bounded(parts: list[list[int]]) -> None:
    """Of too many the first stay: what was once among them is never taken out."""
    whole = TraceFacts()
    for part in parts:
        before = list(whole.links or ())
        whole.merge(TraceFacts(links=list(dict.fromkeys(part))))
        assert whole.links is not None
        assert whole.links[: len(before)] == before
        assert len(whole.links) == min(MAX_LINKS, len({*before, *part}))


@given(st.lists(scores, min_size=65, max_size=300))
def test_many_scores_are_condensed_without_changing_a_decision(many: list[Score]) -> None:
    """Only the extremes of each name and label are held, and every bound decides on them as on all."""
    condensed = TraceFacts(span_count=1)
    condensed.add_scores(many)
    whole = TraceFacts(span_count=1, scores=list(many))
    assert condensed.scores is not None
    assert len(condensed.scores) <= 27
    assert votes(condensed) == votes(whole)


def test_many_names_are_not_condensed_at_every_score() -> None:
    """Names may come without end: what a score costs does not grow with how many came before."""
    facts, looked_at = TraceFacts(), 0
    for number in range(5_000):
        before = facts.scores
        facts.add_scores([Score(f"name-{number}", 0.5, None)])
        if before is not None and facts.scores is not before:
            looked_at += len(before)
    assert len(facts.scores or ()) == 5_000
    assert looked_at < 2 * 5_000


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
    part = TraceFacts(scores=[Score("a", 1.0, None)], links=[1])
    whole = merged(part)
    whole.merge(part)
    whole.merge(TraceFacts(scores=[Score("b", 1.0, None)], links=[2]))
    assert part == TraceFacts(scores=[Score("a", 1.0, None)], links=[1])


def test_duration_is_zero_where_times_are_unknown() -> None:
    """No start, no end, or an end before the start: no duration, rather than a huge or a negative one."""
    assert TraceFacts().duration_nano == 0
    assert TraceFacts(end_unix_nano=5).duration_nano == 0
    assert TraceFacts(start_unix_nano=5).duration_nano == 0
    assert TraceFacts(start_unix_nano=5, end_unix_nano=7).duration_nano == 2
