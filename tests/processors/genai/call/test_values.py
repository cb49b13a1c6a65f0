from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.genai.call.values import as_count, count_of, flag_of, json_of, number_of, repr_of, text_of, texts_of
from tests.processors.genai.spans import any_value

READ: dict[str, tuple[Any, Any, Any]] = {
    "text": (text_of, "chat", "chat"),
    "text in quotes": (text_of, '"chat"', "chat"),
    "one quote": (text_of, '"chat', '"chat'),
    "a number in quotes of JSON": (text_of, '"3"', "3"),
    "a number for a text": (text_of, 3, "3"),
    "a whole double": (text_of, 3.0, "3"),
    "no text": (text_of, "", None),
    "empty quotes": (text_of, '""', None),
    "a list is no text": (text_of, ["a"], None),
    "count": (count_of, 12, 12),
    "count in text": (count_of, "12", 12),
    "count in quotes": (count_of, '"12"', 12),
    "count as a double": (count_of, 12.0, 12),
    "zero": (count_of, 0, 0),
    "below zero": (count_of, -1, None),
    "a part": (count_of, 1.5, None),
    "a flag is no count": (count_of, True, None),
    "number": (number_of, "0.5", 0.5),
    "number in quotes": (number_of, '"0.5"', 0.5),
    "a flag is no number": (number_of, True, None),
    "flag": (flag_of, False, False),
    "flag in text": (flag_of, "False", False),
    "flag in quotes": (flag_of, '"true"', True),
    "flag as a number": (flag_of, 1, True),
    "no flag": (flag_of, "perhaps", None),
    "object": (json_of, '{"a": 1}', {"a": 1}),
    "object, encoded twice": (json_of, '"{\\"a\\": 1}"', {"a": 1}),
    "structured": (json_of, {"a": [1]}, {"a": [1]}),
    "cut": (json_of, '{"a": 1', None),
    "a number is no object": (json_of, "1", None),
    "deep": (json_of, "[" * 100_000, None),
    "texts": (texts_of, ["stop", "length"], ["stop", "length"]),
    "texts in JSON": (texts_of, '["stop"]', ["stop"]),
    "texts in a repr": (texts_of, "['stop', None]", ["stop"]),
    "one text": (texts_of, "stop", ["stop"]),
    "not really a list": (texts_of, "[stop", []),
}


@pytest.mark.parametrize(("read", "value", "expected"), READ.values(), ids=READ.keys())
def test_values_are_read_however_they_are_written(read: Any, value: Any, expected: Any) -> None:
    """JSON in strings, numbers in strings, reprs; what cannot be read is None."""
    assert read(any_value(value)) == expected


def test_python_reprs() -> None:
    """As LiteLLM writes usage."""
    assert repr_of("{'a': 1, 'b': None, 'c': True}") == {"a": 1, "b": None, "c": True}
    assert repr_of("Usage(a=1)") is None
    assert repr_of("{'a': it's}") is None


def test_counts_among_python_values() -> None:
    """As JSON gives them."""
    assert [as_count(item) for item in (3, "3", 3.0, True, -1, 1e300, None, [3])] == [
        3,
        3,
        3,
        None,
        None,
        None,
        None,
        None,
    ]


@settings(max_examples=50)
@given(st.text() | st.lists(st.text()) | st.floats() | st.booleans())
def test_nothing_breaks_a_reader(value: Any) -> None:
    """Whatever was sent."""
    for read in (text_of, count_of, number_of, flag_of, json_of, texts_of):
        read(any_value(value))
