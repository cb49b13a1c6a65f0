"""Reading OTLP values: numbers that come as strings, text, and structured values as Python's own."""

from __future__ import annotations

import base64
import math
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

_MAX_COUNT: Final = 2**63 - 1


def number(value: AnyValue) -> float | None:
    """A finite number, however it is written (bool: 1.0 or 0.0); None for anything else."""
    match value.WhichOneof("value"):
        case "double_value":
            result = value.double_value
        case "int_value":
            result = float(value.int_value)
        case "bool_value":
            result = 1.0 if value.bool_value else 0.0
        case "string_value":
            try:
                result = float(value.string_value)
            except ValueError:
                return None
        case _:
            return None
    return result if math.isfinite(result) else None


def count(value: AnyValue) -> int | None:
    """A whole number, 0 or above; None for anything else. `12`, `12.0` and `"12"` are all 12."""
    kind = value.WhichOneof("value")
    if kind == "int_value":
        return value.int_value if value.int_value >= 0 else None
    if kind == "bool_value":
        return None
    result = number(value)
    if result is None or not result.is_integer() or not 0 <= result <= _MAX_COUNT:
        return None
    return int(result)


def text(value: AnyValue) -> str | None:
    """The string, if it is one and not empty."""
    return value.string_value or None


def texts(value: AnyValue) -> tuple[str, ...]:
    """The strings of an array of strings, or the one string."""
    if value.WhichOneof("value") == "array_value":
        return tuple(item.string_value for item in value.array_value.values if item.string_value)
    return (value.string_value,) if value.string_value else ()


def plain(value: AnyValue) -> Any:
    """The value as str, bool, int, float, list, dict or None; bytes as base64 text, as in JSON."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case "array_value":
            return [plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return {item.key: plain(item.value) for item in value.kvlist_value.values}
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode("ascii")
        case _:
            return None
