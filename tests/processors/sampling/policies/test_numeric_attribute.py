from __future__ import annotations

from typing import Any

import pytest

from tests.processors.sampling.build import Attribute, decide, policy, section, span


@pytest.mark.parametrize(
    ("bounds", "value", "matched"),
    [
        ({"min_value": 50, "max_value": 100}, 50, True),
        ({"min_value": 50, "max_value": 100}, 100, True),
        ({"min_value": 50, "max_value": 100}, 49, False),
        ({"min_value": 50, "max_value": 100}, 101, False),
        ({"min_value": -5}, -5, True),
        ({"min_value": -5}, -6, False),
        # 0 is a bound.
        ({"min_value": 0}, -1, False),
        ({"min_value": 0}, 0, True),
        ({"max_value": 0}, 1, False),
        ({"max_value": 0}, -3, True),
        # Doubles are numbers.
        ({"max_value": 3}, 3.5, False),
        ({"max_value": 0.5}, 0.49, True),
        ({"min_value": 0.5}, 1, True),
        ({"min_value": 2**53 + 1}, 2**53, False),
        ({"max_value": 3}, float("nan"), False),
        # Nothing else is.
        ({"min_value": 0}, "7", False),
        ({"min_value": 50}, 60.5, True),
        ({"min_value": 50}, 49.5, False),
        ({"max_value": -50}, -50.5, True),
        ({"max_value": -50}, "x", False),
        ({"min_value": 1}, True, False),
        ({"min_value": 0}, True, False),
    ],
)
def test_range(bounds: dict[str, Any], value: Attribute, matched: bool) -> None:  # noqa: FBT001  # a table's column
    """Bounds are inclusive; integers and doubles are compared as the numbers they are."""
    of = section(policy("numeric_attribute", key="k", **bounds))
    inverted = section(policy("numeric_attribute", key="k", invert_match=True, **bounds))
    assert decide(of, span(attrs={"k": value}), span()).kept is matched
    assert decide(inverted, span(attrs={"k": value}), span()).kept is not matched


def test_resource_attributes_count() -> None:
    """As in the Collector."""
    of = section(policy("numeric_attribute", key="k", min_value=1))
    assert decide(of, span(), resource={"k": 1}).kept
    assert not decide(of, span(attrs={"l": 1}), resource={"k": 0}).kept
