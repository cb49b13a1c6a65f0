"""Whether what a tool gave back says that it failed: frameworks hand a failure to the model and close the span as if all
were well.
"""

from __future__ import annotations

import re
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.call.errors import CallError, make_error
from processors.genai.conversation.decode import decoded

_MAX_CHARS: Final = 256 * 1024
_HINT: Final = re.compile(r"error", re.IGNORECASE)
_TYPE: Final = re.compile(r"[A-Za-z][\w.]{0,127}")
_AROUND: Final = ("output", "kwargs", "data", "result", "response", "content")
"""What results are wrapped in: LangChain's messages, MCP's results, Gemini's function responses."""
_UNNAMED: Final = "tool_error"


def result_error(value: AnyValue) -> CallError | None:
    """The error that a tool's result tells of, by its fields, never by its wording."""
    if value.WhichOneof("value") == "string_value" and (
        len(value.string_value) > _MAX_CHARS or not _HINT.search(value.string_value)
    ):
        return None
    return _in(decoded(value), 0)


def _in(result: Any, depth: int) -> CallError | None:
    if not isinstance(result, dict):
        return None
    named = result.get("error_type") or result.get("errorType")
    if isinstance(named, str) and _TYPE.fullmatch(named):
        return make_error(named)
    if result.get("isError") is True or result.get("is_error") is True or result.get("status") == "error":
        return make_error(_UNNAMED)
    # `{"error": "no such file"}` alone or with what explains it; beside a result it is a field like any other.
    if result.get("error") and not any(key in result for key in ("result", "data", "output", "results")):
        return make_error(_UNNAMED)
    if depth < 3:
        for key in _AROUND:
            found = _in(result.get(key), depth + 1)
            if found is not None:
                return found
    return None
