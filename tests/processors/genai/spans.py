"""Spans for tests, from plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


def any_value(value: Any) -> AnyValue:
    result = AnyValue()
    match value:
        case bool():
            result.bool_value = value
        case int():
            result.int_value = value
        case float():
            result.double_value = value
        case str():
            result.string_value = value
        case bytes():
            result.bytes_value = value
        case Mapping():
            result.kvlist_value.SetInParent()
            for key, item in value.items():
                result.kvlist_value.values.add(key=key).value.CopyFrom(any_value(item))
        case list() | tuple():
            result.array_value.values.extend(any_value(item) for item in value)
            result.array_value.SetInParent()
    return result


def put(attributes: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        attributes.add(key=key).value.CopyFrom(any_value(value))


def span_of(
    values: Mapping[str, Any], *events: tuple[str, Mapping[str, Any]], kind: int = Span.SPAN_KIND_CLIENT
) -> Span:
    span = Span(trace_id=bytes(range(16)), span_id=bytes(range(8)), name="call", kind=kind)  # type: ignore[arg-type]  # an enum is an int
    put(span.attributes, values)
    for name, attributes in events:
        put(span.events.add(name=name).attributes, attributes)
    return span


def attributes_of(span: Span) -> dict[str, Any]:
    from processors.genai.anyvalue import plain  # noqa: PLC0415  # keeps the helpers above free of the code under test

    keys = [item.key for item in span.attributes]
    assert len(keys) == len(set(keys)), "an attribute is there twice"
    return {item.key: plain(item.value) for item in span.attributes}
