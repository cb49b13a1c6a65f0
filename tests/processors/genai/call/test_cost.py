from __future__ import annotations

from typing import Any

import pytest

from processors.genai.call.cost import micro_usd_of, usd_of
from tests.processors.genai.spans import any_value

COSTS: dict[str, tuple[Any, float | None]] = {
    "double": (0.5, 0.5),
    "text": ("0.5", 0.5),
    "quoted": ('"0.5"', 0.5),
    "nothing is a cost": (0, 0.0),
    "below": (-1.0, None),
    "flag": (True, None),
    "word": ("n/a", None),
    "total": ('{"input": 1, "total": 3}', 3.0),
    "sum": ('{"input": 1, "output": 3}', 4.0),
    "structured": ({"total_cost": 2.0}, 2.0),
    "empty": ("{}", None),
    "broken": ('{"total"', None),
    "list": ([1], None),
}


@pytest.mark.parametrize(("value", "expected"), COSTS.values(), ids=COSTS.keys())
def test_costs(value: Any, expected: float | None) -> None:
    """In USD; of an object its total, or its sum."""
    assert usd_of(any_value(value)) == expected


def test_millionths() -> None:
    """Claude Code counts in them."""
    assert micro_usd_of(any_value(1_500_000)) == 1.5
    assert micro_usd_of(any_value("x")) is None
