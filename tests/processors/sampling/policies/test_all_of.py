from __future__ import annotations

import pytest

from processors.sampling.facts import TraceFacts
from processors.sampling.policies.all_of import AllOf
from processors.sampling.policies.attribute_rule import AttributeRule, UnreadableError
from processors.sampling.policies.span_count import SpanCountRule
from tests.processors.sampling.build import TRACE_ID


def test_a_no_settles_what_another_cannot_tell() -> None:
    """An attribute that could not be read matters only while everything else says yes."""
    unreadable = ("a", AttributeRule("key", 1, inverted=False))
    many = ("b", SpanCountRule(2, 0))
    rule = AllOf((unreadable, many))
    assert not rule.vote(TRACE_ID, TraceFacts(span_count=1, failed=1)).kept
    with pytest.raises(UnreadableError):
        rule.vote(TRACE_ID, TraceFacts(span_count=2, failed=1))


def test_it_shows_each_view() -> None:
    """By name, with what it saw, or that it failed."""
    rule = AllOf((("a", AttributeRule("key", 1, inverted=False)), ("b", SpanCountRule(2, 0))))
    assert rule.saw(TRACE_ID, TraceFacts(span_count=3, failed=1)) == {
        "a": {"error": "UnreadableError"},
        "b": {"kept": True, "span_count": 3},
    }
