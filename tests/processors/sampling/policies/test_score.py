from __future__ import annotations

from typing import Any

import pytest

from processors.genai.scores import Score
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, decide, policy, section, span


@pytest.mark.parametrize(
    ("body", "score", "matched"),
    [
        ({"below": 0.5}, Score("q", 0.49, None), True),
        ({"below": 0.5}, Score("q", 0.5, None), False),
        ({"below": 0.5}, Score("q", None, "bad"), False),
        ({"below": 0.5}, Score("q", float("nan"), None), False),
        ({"below": 0}, Score("q", -0.1, None), True),
        ({"above": 0.7}, Score("toxicity", 0.71, None), True),
        ({"above": 0.7}, Score("toxicity", 0.7, None), False),
        ({"below": 2, "above": 4}, Score("q", 3.0, None), False),
        ({"below": 2, "above": 4}, Score("q", 5.0, None), True),
        ({"below": 2, "above": 4}, Score("q", 1.0, None), True),
        ({"labels": ["Fail"]}, Score("q", None, "FAIL"), True),
        ({"labels": ["fail"]}, Score("q", 0.0, "failed"), False),
        ({"below": 0.5, "labels": ["fail"]}, Score("q", 0.9, "fail"), True),
        ({"below": 0.5, "names": ["q*", "x"]}, Score("quality", 0.1, None), True),
        ({"below": 0.5, "names": ["q*"]}, Score("toxicity", 0.1, None), False),
        ({"below": 0.5, "names": ["q*"]}, Score("", 0.1, None), False),
    ],
)
def test_a_matching_score_keeps(body: dict[str, Any], score: Score, matched: bool) -> None:  # noqa: FBT001  # a table's column
    """Bounds are exclusive; value or label is enough; `names` narrows both."""
    decision = Decider(section(policy("score", **body))).decide(TRACE_ID, TraceFacts(scores=[score]))
    assert decision.kept is matched
    assert decision.category == ("low_score" if matched else "default")


def test_one_of_many() -> None:
    """The good scores of a trace do not outweigh the bad one."""
    facts = TraceFacts(scores=[Score("q", value, None) for value in (0.9, 0.8, 0.1, 1.0)])
    assert Decider(section(policy("score", below=0.5))).decide(TRACE_ID, facts).kept


@pytest.mark.parametrize(("value", "matched"), [(0.25, True), (0, True), (0.5, False), (2, False), ("0.1", False)])
def test_attributes_that_count_as_scores(value: Any, matched: bool) -> None:  # noqa: FBT001  # a table's column
    """Any numeric attribute can be a score, by glob, whatever `names` says; integers, too."""
    of = section(policy("score", below=0.5, attributes=["app.quality.*"], names=["nothing"]))
    assert decide(of, span(attrs={"app.quality.x": value, "app.other": 0.1})).kept is matched


def test_attributes_belong_to_their_policy() -> None:
    """Another policy's extra attributes, on another scale, are no scores to this one."""
    of = section(
        policy("score", "general", below=0.5),
        policy("score", "stars", below=-100, attributes=["app.debt"]),
    )
    assert not decide(of, span(attrs={"app.debt": -50})).kept
    assert decide(of, span(attrs={"app.debt": -101})).policy == "stars"


def test_error_outranks_low_score() -> None:
    """A trace that is both is an error."""
    of = section(policy("score", below=0.5, attributes=["q"]))
    assert decide(of, span(status=2, attrs={"q": 0.1})).category == "error"
