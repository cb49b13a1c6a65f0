"""Where strings stand in OTLP requests: every one of them, visited once, with what kind of text to expect there.

Left out are ids, times, counts, trace state (W3C limits its form) and schema URLs. Unknown fields are not visited; the
processors discard them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.event_names import log_event_name, span_event_name

FREE_TEXT_KEYS: Final = frozenset({"exception.message", "exception.stacktrace"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose data a place belongs to: what is counted on, and what is held back if it cannot be scrubbed."""

    span: Span | None = None
    item: Any = None
    """A log record."""
    traces: Callable[[], Iterable[bytes]] = tuple


@dataclass(frozen=True, slots=True)
class Attributes:
    """A repeated KeyValue field."""

    owner: Owner
    values: Any
    event: str | None = None
    """The name of the span or log event it stands in."""
    scope: str = ""
    """The name of the instrumentation scope; none for resources and scopes themselves."""


@dataclass(frozen=True, slots=True)
class Field:
    """A string field of a message. `free_text`: people's or programs' sentences are to be expected."""

    owner: Owner
    message: Any
    name: str
    free_text: bool = False
    fallback: str = ""
    """What stands there if the text cannot be scrubbed."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a log record."""

    owner: Owner
    value: AnyValue


Place = Attributes | Field | Body


def _group(owner: Owner, group: Any) -> Iterator[Place]:
    yield Attributes(owner, group.resource.attributes)


def _scope(owner: Owner, scope: Any) -> Iterator[Place]:
    yield Field(owner, scope, "name")
    yield Field(owner, scope, "version")
    yield Attributes(owner, scope.attributes)


def trace_places(request: ExportTraceServiceRequest) -> Iterator[Place]:
    for group in request.resource_spans:
        shared = Owner(traces=partial(_trace_ids, group.scope_spans))
        yield from _group(shared, group)
        for scope in group.scope_spans:
            name = scope.scope.name  # before anybody rewrites it
            yield from _scope(Owner(traces=partial(_trace_ids, [scope])), scope.scope)
            for span in scope.spans:
                yield from _span(span, name)


def _trace_ids(scopes: Iterable[Any]) -> set[bytes]:
    return {span.trace_id for scope in scopes for span in scope.spans}


def _span(span: Span, scope: str) -> Iterator[Place]:
    owner = Owner(span=span, traces=lambda: (span.trace_id,))
    yield Field(owner, span, "name", fallback="<removed>")
    yield Attributes(owner, span.attributes, None, scope)
    for event in span.events:
        name = span_event_name(event)
        yield Field(owner, event, "name", fallback="<removed>")
        yield Attributes(owner, event.attributes, name, scope)
    for link in span.links:
        yield Attributes(owner, link.attributes, None, scope)
    if span.HasField("status"):
        yield Field(owner, span.status, "message", free_text=True)


def log_places(request: ExportLogsServiceRequest) -> Iterator[Place]:
    for group in request.resource_logs:
        yield from _group(Owner(), group)
        for scope in group.scope_logs:
            name = scope.scope.name
            yield from _scope(Owner(), scope.scope)
            for record in scope.log_records:
                owner = Owner(item=record)
                event = log_event_name(record)
                yield Field(owner, record, "severity_text")
                yield Field(owner, record, "event_name", fallback="<removed>")
                yield Attributes(owner, record.attributes, event, name)
                if record.HasField("body"):
                    yield Body(owner, record.body)


def metric_places(request: ExportMetricsServiceRequest) -> Iterator[Place]:
    owner = Owner()
    for group in request.resource_metrics:
        yield from _group(owner, group)
        for scope in group.scope_metrics:
            name = scope.scope.name
            yield from _scope(owner, scope.scope)
            for metric in scope.metrics:
                yield Field(owner, metric, "name", fallback="<removed>")
                yield Field(owner, metric, "description")
                yield Field(owner, metric, "unit")
                yield Attributes(owner, metric.metadata)
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points if kind else ():
                    yield Attributes(owner, point.attributes, None, name)
                    for exemplar in getattr(point, "exemplars", ()):
                        yield Attributes(owner, exemplar.filtered_attributes, None, name)


def any_values(value: AnyValue, key: str | None) -> Iterator[tuple[AnyValue, str | None, KeyValue | None]]:
    """The value and all values in it, each with its nearest key and, for a member of a kvlist, that member.

    Iterative: a value may be nested as deep as protobuf parses.
    """
    stack: list[tuple[AnyValue, str | None, KeyValue | None]] = [(value, key, None)]
    while stack:
        current, near, member = stack.pop()
        yield current, near, member
        kind = current.WhichOneof("value")
        if kind == "array_value":
            stack += ((child, near, None) for child in current.array_value.values)
        elif kind == "kvlist_value":
            stack += ((child.value, child.key, child) for child in current.kvlist_value.values)
