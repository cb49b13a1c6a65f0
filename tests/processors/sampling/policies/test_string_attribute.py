from __future__ import annotations

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, Attribute, decide, policy, section, span


@pytest.mark.parametrize(
    ("values", "regex", "value", "matched"),
    [
        (["a", "b"], False, "b", True),
        (["a", "b"], False, "B", False),
        (["a"], False, "ab", False),
        (["a.c"], False, "abc", False),
        (["7"], False, 7, False),
        (["a.c"], True, "xabcx", True),
        (["^abc$"], True, "xabcx", False),
        (["zzz", "(?i)ABC"], True, "xabcx", True),
        ([".*"], True, "", True),
        ([".*"], True, True, False),
        (["a"], True, True, False),
        (["^$"], True, 0, False),
        (["z$"], True, "y" * 5000 + "z", True),
    ],
)
def test_values(values: list[str], regex: bool, value: Attribute, matched: bool) -> None:  # noqa: FBT001  # a table's columns
    """Exact values, or patterns found anywhere in the value; only strings match."""
    of = section(policy("string_attribute", key="k", values=values, enabled_regex_matching=regex))
    assert decide(of, span(attrs={"k": value}), span()).kept is matched
    inverted = section(
        policy("string_attribute", key="k", values=values, enabled_regex_matching=regex, invert_match=True)
    )
    assert decide(inverted, span(attrs={"k": value}), span()).kept is not matched


def test_small_cache_gives_the_same_answers() -> None:
    """The cache of results is a cache: values pushed out of it are matched again."""
    of = section(
        policy("string_attribute", key="k", values=["[02468]$"], enabled_regex_matching=True, cache_max_size=2)
    )
    for number in [*range(20), *range(20)]:
        assert decide(of, span(attrs={"k": str(number)})).kept is (number % 2 == 0)


def test_inverted_wait_for_spans() -> None:
    """A score that comes before its spans says nothing about their attributes."""
    decider = Decider(section(policy("string_attribute", key="k", values=["v"], invert_match=True)))
    assert not decider.decide(TRACE_ID, TraceFacts()).kept
    assert decider.decide(TRACE_ID, TraceFacts(span_count=1)).kept
