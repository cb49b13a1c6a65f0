"""Every attribute of a batch, with where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from processors.otlp.signal import Request, Signal


class Placed(NamedTuple):
    where: str
    """Path to the attributes it is one of: the same before and after the processors."""
    scope: str
    event: str | None
    """Name of the span event or log record."""
    key: str
    value: AnyValue


def attributes(signal: Signal, request: Request) -> Iterator[Placed]:
    """Those of resources, scopes, spans, events, links and log records; bodies under the key `<body>`."""
    if signal is Signal.METRICS:
        return
    name = "spans" if signal is Signal.TRACES else "logs"
    groups: Any = getattr(request, f"resource_{name}")
    for number, group in enumerate(groups):
        yield from _placed(f"resource {number}", "", None, group.resource.attributes)
        for scope in getattr(group, f"scope_{name}"):
            of = scope.scope.name
            yield from _placed(f"scope {number}", of, None, scope.scope.attributes)
            if signal is Signal.TRACES:
                for span in scope.spans:
                    at = f"span {span.span_id.hex()}"
                    yield from _placed(at, of, None, span.attributes)
                    for index, event in enumerate(span.events):
                        yield from _placed(f"{at} event {index}", of, event.name, event.attributes)
                    for index, link in enumerate(span.links):
                        yield from _placed(f"{at} link {index}", of, None, link.attributes)
            else:
                for record in scope.log_records:
                    at = f"log {number} {record.span_id.hex()} {record.event_name}"
                    found = (kv.value.string_value for kv in record.attributes if kv.key == "event.name")
                    event_name = record.event_name or next(found, None)
                    yield from _placed(at, of, event_name, record.attributes)
                    if record.HasField("body"):
                        yield Placed(at, of, event_name, "<body>", record.body)


def _placed(where: str, scope: str, event: str | None, values: Iterable[KeyValue]) -> Iterator[Placed]:
    for each in values:
        yield Placed(where, scope, event, each.key, each.value)


def texts(value: AnyValue) -> Iterator[str]:
    """Every string in it."""
    match value.WhichOneof("value"):
        case "string_value":
            yield value.string_value
        case "bytes_value":
            yield value.bytes_value.decode("utf-8", "replace")
        case "array_value":
            for each in value.array_value.values:
                yield from texts(each)
        case "kvlist_value":
            for member in value.kvlist_value.values:
                yield member.key
                yield from texts(member.value)


def shape(text: str) -> Any:
    """What of a JSON object or array is not content: its kinds, sizes and keys. None for what is neither."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _shape(parsed) if isinstance(parsed, dict | list) else None


def _shape(parsed: Any) -> Any:
    if isinstance(parsed, dict):
        return {key: _shape(value) for key, value in parsed.items()}
    if isinstance(parsed, list):
        return [_shape(value) for value in parsed]
    if isinstance(parsed, str):
        return shape(parsed) or "text"
    return parsed
