from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, policy, section


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"min_spans": 3}, {3, 4, 100}),
        ({"min_spans": 3, "max_spans": 4}, {3, 4}),
        ({"max_spans": 3}, {1, 2, 3}),
        ({"min_spans": 3, "max_spans": 0}, {3, 4, 100}),
    ],
)
def test_bounds(bounds: dict[str, Any], kept: set[int]) -> None:
    """Both are inclusive, and 0 is no upper bound. A trace of which no span has come is not kept."""
    decider = Decider(section(policy("span_count", **bounds)))
    counts = (0, 1, 2, 3, 4, 100)
    assert {count for count in counts if decider.decide(TRACE_ID, TraceFacts(span_count=count)).kept} == kept


@pytest.mark.parametrize(
    "body", [{"min_spans": 0}, {"min_spans": 4, "max_spans": 3}, {"min_spans": -1}, {"min_spans": 1.5}]
)
def test_bounds_that_mean_nothing(body: dict[str, Any]) -> None:
    """An error, rather than a policy that keeps everything or nothing."""
    with pytest.raises(ValidationError):
        section(policy("span_count", **body))
