"""OTLP requests for tests: good ones of every signal, and the wire bytes of bad ones."""

from __future__ import annotations

from typing import Any

from processors.otlp.signal import Request, Signal

TRACE_ID = bytes(range(16))
SPAN_ID = bytes(range(8))


def good_request(signal: Signal, items: int = 1) -> Request:
    """A resource, a scope, and so many items with ids, times and an attribute."""
    request: Any = signal.request_class()
    if signal is Signal.TRACES:
        group = request.resource_spans.add()
        scope = group.scope_spans.add()
        for number in range(items):
            span = scope.spans.add(trace_id=TRACE_ID, span_id=SPAN_ID, name=f"span-{number}", start_time_unix_nano=7)
            span.attributes.add(key="k").value.string_value = "v"
            span.links.add(trace_id=TRACE_ID, span_id=SPAN_ID)
    elif signal is Signal.LOGS:
        group = request.resource_logs.add()
        scope = group.scope_logs.add()
        for number in range(items):
            record = scope.log_records.add(trace_id=TRACE_ID, span_id=SPAN_ID, event_name=f"event-{number}")
            record.body.string_value = "text"
    else:
        group = request.resource_metrics.add()
        scope = group.scope_metrics.add()
        for number in range(items):
            point = scope.metrics.add(name=f"metric-{number}").sum.data_points.add(as_int=5)
            point.exemplars.add(trace_id=TRACE_ID, span_id=SPAN_ID, as_double=0.5)
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    group.schema_url = "https://opentelemetry.io/schemas/1.36.0"
    scope.scope.name = "lib"
    return request  # type: ignore[no-any-return]  # built through Any, to fit three classes


def good(signal: Signal, items: int = 1) -> bytes:
    return good_request(signal, items).SerializeToString()


def field(number: int, payload: bytes) -> bytes:
    """One length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


def request_of(*items: bytes) -> bytes:
    """A request of any signal with these encoded items under one resource and scope."""
    return field(1, field(2, b"".join(field(2, item) for item in items)))


def nested_value(levels: int) -> bytes:
    """An encoded AnyValue: a number inside so many arrays."""
    value = b"\x18\x01"
    for _ in range(levels):
        value = field(5, field(1, value))
    return value


def attribute(value: bytes, key: bytes = b"k") -> bytes:
    """An encoded KeyValue around an encoded AnyValue."""
    return field(1, key) + field(2, value)


def span(name: bytes = b"chat", *attributes: bytes) -> bytes:
    return field(1, TRACE_ID) + field(2, SPAN_ID) + field(5, name) + b"".join(field(9, one) for one in attributes)
