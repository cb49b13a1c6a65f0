"""What an attribute's value holds: text, or structure that was written as text.

JSON, JSON within JSON (MLflow encodes every value, strings too), a Python repr (LiteLLM), arrays of JSON strings
(Vercel's tools), structured OTLP values. JSON that was cut off is told apart: what is left of it is not the whole.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.anyvalue import plain

_MAX_REPR_CHARS: Final = 64 * 1024
"""Python's parser takes some hundred bytes a character."""
_MAX_LAYERS: Final = 3
_STRUCTURE: Final = re.compile(r"\s*[\[{]\s*[\"'{\[]")
_CUT_MARK: Final = re.compile(r"(?:\.\.\.|…)\s*[\[(<]\s*truncated[^\])>]{0,80}[\])>]\s*\Z", re.IGNORECASE)
_MARK_CHARS: Final = 120
_TAIL_CHARS: Final = 8
"""A cut through `false` is noticed at the `f`."""


class Cut:
    """In place of a value of which only the beginning is there."""


CUT: Final = Cut()


def decoded(value: AnyValue) -> Any:
    """`CUT`, or str, bool, int, float, None, list or dict."""
    data = plain(value)
    if isinstance(data, str):
        return decoded_text(data)
    if isinstance(data, list):
        return [decoded_text(item, quoted=False) if isinstance(item, str) else item for item in data]
    return data


def decoded_text(text: str, *, quoted: bool = True) -> Any:
    """The structure in `text`, or `text` itself if it is just that; `CUT` if it was cut off.

    quoted: a JSON string is that string.
    """
    if is_cut(text):
        return CUT
    layers = 0
    while layers < _MAX_LAYERS:
        start = text.lstrip()[:1]
        if start not in ("{", "[", '"') or (start == '"' and not quoted):
            return text
        data = _loaded(text)
        if not isinstance(data, str):
            return data
        if data is text:
            return text
        text = data
        layers += 1
    return text


def is_cut(text: str) -> bool:
    """The text ends in a mark that says so, as `...[TRUNCATED: original length 20000]` does."""
    return text[-1:] in ("]", ")", ">", "\n") and _CUT_MARK.search(text, max(0, len(text) - _MARK_CHARS)) is not None


def structure(text: str, *, python: bool = False) -> Any:
    """The JSON object or array in `text`; None if it holds none, or more than that. python: or the repr of one."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _repr(text) if python and _STRUCTURE.match(text) else None


def _loaded(text: str) -> Any:
    """`text` itself, the same object, where it is no JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        return text
    except json.JSONDecodeError as error:
        if not _STRUCTURE.match(text):
            return text
        if (found := _repr(text)) is not None:
            return found
        at_the_end = error.pos >= len(text.rstrip()) - _TAIL_CHARS
        return CUT if at_the_end or error.msg.startswith("Unterminated string") else text
    except ValueError:  # an integer of thousands of digits
        return text


def _repr(text: str) -> Any:
    if len(text) > _MAX_REPR_CHARS:
        return None
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
