"""Small requests and sections for the sampling tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from processors.sampling.decide import Decider, Decision
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection

TRACE_ID = bytes(range(1, 17))
OTHER_TRACE_ID = bytes(range(101, 117))
SPAN_ID = bytes(range(1, 9))
PARENT_ID = bytes(range(11, 19))

Attribute = str | bool | int | float


def any_value(value: Attribute) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)


def attributes(values: Mapping[str, Attribute] | None) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in (values or {}).items()]


def span(
    trace_id: bytes = TRACE_ID,
    *,
    span_id: bytes = SPAN_ID,
    parent: bytes = PARENT_ID,
    status: int = 0,
    start: int = 1_000_000_000,
    end: int = 2_000_000_000,
    flags: int = 0,
    trace_state: str = "",
    attrs: Mapping[str, Attribute] | None = None,
    event_attrs: Mapping[str, Attribute] | None = None,
) -> Span:
    events = [Span.Event(name="gen_ai.evaluation.result", attributes=attributes(event_attrs))] if event_attrs else []
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent,
        name="chat gpt-4o",
        start_time_unix_nano=start,
        end_time_unix_nano=end,
        flags=flags,
        trace_state=trace_state,
        status=Status(code=status) if status else None,  # type: ignore[arg-type]  # any number can come in
        attributes=attributes(attrs),
        events=events,
    )


def request(*spans: Span, resource: Mapping[str, Attribute] | None = None) -> ExportTraceServiceRequest:
    group = ResourceSpans(resource=Resource(attributes=attributes(resource)), scope_spans=[ScopeSpans(spans=spans)])
    return ExportTraceServiceRequest(resource_spans=[group])


def log(trace_id: bytes = TRACE_ID, **attrs: Attribute) -> LogRecord:
    """An evaluation event; attribute keys with `__` for the dots."""
    return LogRecord(
        trace_id=trace_id,
        event_name="gen_ai.evaluation.result",
        attributes=attributes({k.replace("__", "."): v for k, v in attrs.items()}),
    )


def logs(*records: LogRecord) -> ExportLogsServiceRequest:
    return ExportLogsServiceRequest(resource_logs=[ResourceLogs(scope_logs=[ScopeLogs(log_records=records)])])


def section(*policies: Mapping[str, Any], **keys: Any) -> SamplingSection:
    return SamplingSection.model_validate({"policies": policies, **keys} if policies else keys)


def policy(kind: str, name: str = "it", **body: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **({kind: body} if body else {})}


def observe(of: SamplingSection, *spans: Span, resource: Mapping[str, Attribute] | None = None) -> TraceFacts:
    """The facts of TRACE_ID."""
    return Observer(of).traces(request(*spans, resource=resource)).facts[TRACE_ID]


def decide(of: SamplingSection, *spans: Span, resource: Mapping[str, Attribute] | None = None) -> Decision:
    return Decider(of).decide(TRACE_ID, observe(of, *spans, resource=resource))
