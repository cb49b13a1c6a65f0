from __future__ import annotations

from typing import Any

import pytest

from processors.genai.call.cost import micro_usd_of, priced_usage_usd, usd_of
from tests.processors.genai.spans import any_value

COSTS: dict[str, tuple[Any, float | None]] = {
    "double": (0.5, 0.5),
    "text": ("0.5", 0.5),
    "quoted": ('"0.5"', 0.5),
    "nothing is a cost": (0, 0.0),
    "below": (-1.0, None),
    "flag": (True, None),
    "word": ("n/a", None),
    "with its currency": ("0.5USD", 0.5),
    "with its currency behind a blank": ("0.5 USD ", 0.5),
    "another currency": ("0.5EUR", None),
    "a currency alone": ("USD", None),
    "total": ('{"input": 1, "total": 3}', 3.0),
    "sum": ('{"input": 1, "output": 3}', 4.0),
    "structured": ({"total_cost": 2.0}, 2.0),
    "token counts are no cost": ('{"input_tokens": 100, "input": 1, "output": 3}', 4.0),
    "token counts alone": ('{"input_tokens": 100}', None),
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


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ('{"input_tokens": 100, "total_cost": 0.5, "input_cost": 0.1}', 0.5),
        ('{"input_tokens": 100, "input_cost": 0.1, "output_cost": 0.25}', 0.35),
        ('{"input_tokens": 100}', None),
        ('{"total_cost": -1}', None),
        ('{"total_cost": null}', None),
        ("0.5", None),
    ],
)
def test_costs_in_a_usage(usage: str, expected: float | None) -> None:
    """LangSmith's; its other numbers are tokens."""
    assert priced_usage_usd(any_value(usage)) == expected
