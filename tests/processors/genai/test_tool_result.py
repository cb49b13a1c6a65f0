from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from processors.genai.tool_result import result_error


def value(result: Any) -> AnyValue:
    return AnyValue(string_value=result if isinstance(result, str) else json.dumps(result))


@pytest.mark.parametrize(
    ("result", "error_type"),
    [
        ({"isError": True, "content": [{"type": "text", "text": "no"}]}, "tool_error"),
        ({"status": "error", "error_message": "no answer"}, "tool_error"),
        ({"error": "no such file"}, "tool_error"),
        ({"error": {"code": 404}}, "tool_error"),
        ({"error_type": "TimeoutError", "error_details": "no answer"}, "TimeoutError"),
        ({"type": "tool", "data": {"content": "no answer", "status": "error"}}, "tool_error"),
        ({"output": {"lc": 1, "kwargs": {"content": "no answer", "status": "error"}}}, "tool_error"),
        ("{'isError': True}", "tool_error"),
    ],
)
def test_failures(result: Any, error_type: str) -> None:
    """As MCP, ADK, LangChain and hand-written tools put them."""
    error = result_error(value(result))
    assert error is not None
    assert error.type == error_type


@pytest.mark.parametrize(
    "result",
    [
        "",
        "Error: no such file",
        {"error": None},
        {"error": ""},
        {"error": [], "isError": False, "status": "success"},
        {"result": 7, "error": "1.5 %"},
        {"status": "failed", "job": 7},
        [{"error": "of one of many"}],
        {"errors": 3},
        {"error_type": "it is like this: a whole sentence"},
        '{"error": "cut',
        {"a": {"b": {"isError": True}}},
    ],
)
def test_no_failures(result: Any) -> None:
    """Words prove nothing, nor does an empty field, nor the failure of what a tool reports on."""
    assert result_error(value(result)) is None


def test_structured_and_oversized_values() -> None:
    """A key-value list is read as JSON is; what is larger than any result is not read."""
    structured = AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="isError", value=AnyValue(bool_value=True))]))
    assert result_error(structured) is not None
    assert result_error(value({"isError": True, "content": "x" * 300_000})) is None
