r"""Reading values that instrumentations wrote in ways of their own: JSON in strings, numbers as text, text as numbers.

MLflow encodes every attribute as JSON, strings too (`"\"chat\""`); others write lists as JSON or as a Python repr,
and booleans as `"false"`. None stands for whatever cannot be read: one bad value costs that value.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.anyvalue import count, number, plain

_MAX_JSON_CHARS: Final = 256 * 1024
_AS_JSON: Final = {"None": "null", "True": "true", "False": "false"}
_PYTHON: Final = re.compile(r"\b(?:None|True|False)\b")
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})


def text_of(value: AnyValue) -> str | None:
    """A string that is not empty, without quotes around it; a whole number as its digits."""
    text = value.string_value
    if text:
        return _unquoted(text) if text[0] == '"' else text
    kind = value.WhichOneof("value")
    if kind == "int_value":
        return str(value.int_value)
    if kind == "double_value" and value.double_value.is_integer():
        return str(int(value.double_value))
    return None


def count_of(value: AnyValue) -> int | None:
    """A whole number, 0 or above, however it is written."""
    if value.int_value > 0:
        return value.int_value
    found = count(value)
    if found is None and value.string_value[:1] == '"':
        found = count(AnyValue(string_value=_unquoted(value.string_value) or ""))
    return found


def number_of(value: AnyValue) -> float | None:
    """A finite number that is no boolean."""
    if value.WhichOneof("value") == "bool_value":
        return None
    if value.string_value[:1] == '"':
        return number(AnyValue(string_value=_unquoted(value.string_value) or ""))
    return number(value)


def flag_of(value: AnyValue) -> bool | None:
    kind = value.WhichOneof("value")
    if kind == "bool_value":
        return value.bool_value
    if kind == "int_value":
        return value.int_value != 0
    word = (text_of(value) or "").strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def json_of(value: AnyValue) -> Any:
    """The object or list in it: JSON in a string, or a structured value."""
    kind = value.WhichOneof("value")
    if kind in {"kvlist_value", "array_value"}:
        return plain(value)
    found: Any = value.string_value
    for _ in range(2):  # MLflow's own values are JSON already, and are encoded once more
        found = _loaded(found)
        if not isinstance(found, str):
            break
    return found if isinstance(found, dict | list) else None


def texts_of(value: AnyValue) -> list[str]:
    """The strings of a list, or the one string: an array, JSON, a Python repr (`['stop']`)."""
    if value.WhichOneof("value") == "array_value":
        return [text for text in map(text_of, value.array_value.values) if text]
    text = text_of(value)
    if text is None:
        return []
    if text[:1] != "[":
        return [text]
    items = _loaded(text)
    if items is None:
        items = repr_of(text)
    return [item for item in items if isinstance(item, str) and item] if isinstance(items, list) else []


def repr_of(text: str) -> Any:
    """The object in a Python repr, as far as it can be read as JSON: no text with quotes in it."""
    if text[:1] not in {"{", "["}:
        return None
    found = _loaded(_PYTHON.sub(lambda match: _AS_JSON[match[0]], text.replace("'", '"')))
    return found if isinstance(found, dict | list) else None


def as_count(item: Any) -> int | None:
    """A count among Python values, as JSON gives them."""
    if isinstance(item, str):
        return count_of(AnyValue(string_value=item))
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    return count(AnyValue(double_value=float(item))) if abs(item) < 2**63 else None


def _unquoted(text: str) -> str | None:
    found = _loaded(text)
    if isinstance(found, str):
        return found or None
    return text if found is None else None


def _loaded(text: str) -> Any:
    if len(text) > _MAX_JSON_CHARS:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
