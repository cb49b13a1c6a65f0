from __future__ import annotations

from typing import Any

import pytest

from processors.genai.call.errors import error_kind, make_error, signal
from tests.processors.genai.spans import any_value

KINDS = {
    "openai.APITimeoutError": "timeout",
    "408": "timeout",
    "DEADLINE_EXCEEDED": "timeout",
    "RateLimitError": "rate_limit",
    "ThrottlingException": "rate_limit",
    "RESOURCE_EXHAUSTED": "rate_limit",
    "429": "rate_limit",
    "AuthenticationError": "authentication",
    "PermissionDeniedError": "authentication",
    "401": "authentication",
    "context_length_exceeded": "context_length",
    "content_filter": "content_filter",
    "CancelledError": "cancelled",
    "tool_error": "tool",
    "APIConnectionError": "network",
    "BadRequestError": "bad_request",
    "422": "bad_request",
    "InternalServerError": "server",
    "503": "server",
    "overloaded_error": "server",
    "KeyError": "other",
}


@pytest.mark.parametrize(("error_type", "kind"), KINDS.items())
def test_kinds(error_type: str, kind: str) -> None:
    """Class names and status codes of many providers."""
    assert error_kind(error_type) == kind


def test_types_are_short() -> None:
    """A message is no type, and what is too long is cut."""
    assert make_error("x" * 500).type == "x" * 128


SIGNALS: dict[str, tuple[str, str | None, Any, str | None]] = {
    "a type": ("error.type", None, "Timeout", "Timeout"),
    "a code": ("error.type", None, 503, "503"),
    "all is well": ("rpc.response.status_code", None, 0, None),
    "an empty type": ("error.type", None, "", None),
    "the word": ("gen_ai.tool.status", "=error", "ERROR", "tool_error"),
    "another word": ("gen_ai.tool.status", "=error", "success", None),
    "a flag in text": ("success", "=false", "false", "error"),
    "a flag": ("lk.function_tool.is_error", "=true", True, "tool_error"),
    "the other flag": ("lk.function_tool.is_error", "=true", False, None),
    "a level": ("logfire.level_num", ">=17", 17, "error"),
    "a lower level": ("logfire.level_num", ">=17", 9, None),
    "no level": ("logfire.level_num", ">=17", "high", None),
}


@pytest.mark.parametrize(("key", "when", "value", "expected"), SIGNALS.values(), ids=SIGNALS.keys())
def test_signals(key: str, when: str | None, value: Any, expected: str | None) -> None:
    """A condition decides, or the value names the error itself."""
    assert signal(key, when)(any_value(value)) == expected
