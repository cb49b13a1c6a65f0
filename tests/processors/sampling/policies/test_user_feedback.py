from __future__ import annotations

from typing import Any

import pytest

from processors.genai.scores import Score
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, section


@pytest.mark.parametrize(
    ("body", "score", "kept"),
    [
        ({}, Score("user_feedback", 0.0, None), True),
        ({}, Score("User-Feedback", -1.0, None), True),
        ({}, Score("user_feedback", 1.0, None), False),
        ({}, Score("thumbs", None, "thumbs_down"), True),
        ({}, Score("thumbs", None, "👍"), False),
        ({}, Score("hallucination", 0.0, None), False),
        ({"rating": "positive"}, Score("thumbs", 1.0, None), True),
        ({"rating": "positive"}, Score("thumbs", 0.0, "Thumbs_Up"), True),
        ({"rating": "positive"}, Score("thumbs", 0.0, None), False),
        ({"rating": "any"}, Score("thumbs", None, "odd"), True),
        ({"negative_below": 3.0}, Score("star_rating", 2.0, None), True),
        ({"negative_below": 3.0}, Score("star_rating", 3.0, None), False),
        ({"names": ["liked"]}, Score("liked", 0.0, None), True),
        ({"names": ["liked"]}, Score("user_feedback", 0.0, None), False),
    ],
)
def test_ratings(body: dict[str, Any], score: Score, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """By value or by label; what evaluators say under other names is none of a user's."""
    of = section({"name": "asked", "type": "user_feedback", "user_feedback": body})
    decision = Decider(of).decide(TRACE_ID, TraceFacts(span_count=1, scores=[score]))
    assert decision.kept is kept
    assert decision.by_rule is kept
