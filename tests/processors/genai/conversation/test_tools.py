from __future__ import annotations

from typing import Any

import pytest

from processors.genai.conversation.tools import canonical_tools


def test_the_order_does_not_count() -> None:
    """Nor does it count if a tool is there twice."""
    a, b = {"name": "a"}, {"name": "b", "description": "B"}
    assert canonical_tools([a, b]) == canonical_tools([b, a, a]) == '[["a","",{}],["b","B",{}]]'


def test_what_sdks_add_does_not_count() -> None:
    """But a property may be called `title` or `type`, and what a model may see counts."""
    plain = {"type": "object", "properties": {"title": {"type": "string"}, "type": {"type": "number"}}}
    added = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "F",
        "type": "OBJECT",
        "properties": {"title": {"type": "STRING", "title": "T"}, "type": {"type": "number"}},
        "additionalProperties": False,
        "required": [],
    }
    canonical = canonical_tools([{"name": "f", "parameters": plain}])
    assert canonical_tools([{"name": "f", "parameters": added}]) == canonical
    assert canonical_tools([{"name": "f", "parameters": {**plain, "required": ["type"]}}]) != canonical


@pytest.mark.parametrize("data", [None, "text", [], {}, {"type": "auto"}, {"temperature": 0}, ["a"], 3])
def test_what_defines_no_tool(data: Any) -> None:
    """Choices, parameters, names alone."""
    assert canonical_tools(data) == ""


def test_nesting_beyond_the_stack_is_nothing() -> None:
    """And no exception."""
    data: Any = {"name": "f"}
    for _ in range(5000):
        data = {"function": data}
    assert canonical_tools(data) == ""
