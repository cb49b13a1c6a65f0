"""The values conditions work on, and how they are made of OTLP's.

nil, booleans, 64-bit integers, doubles, strings and bytes are Python's own; a list is a tuple, a map a dict. The rest
is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


class OttlError(Exception):
    """A condition could not be evaluated on some span. The text tells types and positions, never values."""


@dataclass(frozen=True, slots=True)
class Duration:
    nano: int


@dataclass(frozen=True, slots=True)
class Time:
    unix_nano: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """A trace id (16 bytes) or a span id (8 bytes); equal to nothing but another one."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Elements:
    """The events or the links of a span, of which a condition can see only how many there are."""

    count: int


_Plain: TypeAlias = bool | int | float | str | bytes | None
Value: TypeAlias = _Plain | tuple["Value", ...] | Mapping[str, "Value"] | Duration | Time | Identifier | Elements

_NAMES: Final = {
    type(None): "nil",
    bool: "a bool",
    int: "an int",
    float: "a double",
    str: "a string",
    bytes: "bytes",
    tuple: "a list",
    dict: "a map",
    Duration: "a duration",
    Time: "a time",
    Identifier: "an id",
    Elements: "a list of events or links",
}

_INT64_RANGE: Final = 1 << 64
_INT64_MAX: Final = (1 << 63) - 1


def type_name(value: Value) -> str:
    return _NAMES.get(type(value), "something else")


def int64(number: int) -> int:
    """As Go's int64 does, it wraps around."""
    return (number + _INT64_MAX + 1) % _INT64_RANGE - _INT64_MAX - 1


def from_any(value: AnyValue) -> Value:  # one for each kind
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case "bool_value":
            return value.bool_value
        case "bytes_value":
            return value.bytes_value
        case "array_value":
            return tuple(from_any(item) for item in value.array_value.values)
        case "kvlist_value":
            return from_attributes(value.kvlist_value.values)
        case _:
            return None


def from_attributes(attributes: Iterable[KeyValue]) -> dict[str, Value]:
    """Of several with one key the first counts, as in the Collector."""
    result: dict[str, Value] = {}
    for attribute in attributes:
        if attribute.key not in result:
            result[attribute.key] = from_any(attribute.value)
    return result


def find(attributes: Iterable[KeyValue], key: str) -> AnyValue | None:
    for attribute in attributes:
        if attribute.key == key:
            return attribute.value
    return None
