from __future__ import annotations

import pytest

from tests.processors.sampling.build import Attribute, decide, policy, section, span


@pytest.mark.parametrize(
    ("wanted", "value", "matched"),
    [
        (True, True, True),
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (True, "true", False),
        (True, 1, False),
        (False, 0, False),
        (False, "", False),
    ],
)
def test_value(wanted: bool, value: Attribute, matched: bool) -> None:  # noqa: FBT001  # a table's columns
    """Only a boolean of that value matches."""
    of = section(policy("boolean_attribute", key="k", value=wanted))
    assert decide(of, span(attrs={"k": value})).kept is matched
    inverted = section(policy("boolean_attribute", key="k", value=wanted, invert_match=True))
    assert decide(inverted, span(attrs={"k": value})).kept is not matched


def test_absent() -> None:
    """An absent attribute is neither true nor false; inverted, its absence keeps."""
    assert not decide(section(policy("boolean_attribute", key="k", value=False)), span()).kept
    assert decide(section(policy("boolean_attribute", key="k", value=False, invert_match=True)), span()).kept
