"""What the processors see of a recording: the one place where the corpus touches their reading of a span."""

from __future__ import annotations

from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.call_pairs import SeenSpan, duplicate_calls
from processors.genai.model_call import ModelCall, read_model_call


class SeenCall(NamedTuple):
    span: Span
    scope: str
    call: ModelCall
    twins: tuple[Span, ...]
    """Other spans of the same request: they do not count, but one of them may hold the text."""


def single_calls(request: ExportTraceServiceRequest) -> list[SeenCall]:
    """The spans that stand for one request to a model each, by their start; of several for one request, one."""
    spans = [
        SeenSpan(span, scope.scope.name, read_model_call(span, scope.scope.name, group.resource))
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
    duplicates = duplicate_calls(spans)
    single = [each for each in spans if each.call is not None and each.call.is_single]
    twins = [each.span for each in single if _key(each.span) in duplicates]
    calls = [
        SeenCall(span, scope, call, tuple(twin for twin in twins if _overlap(span, twin)))
        for span, scope, call in single
        if call is not None and _key(span) not in duplicates
    ]
    return sorted(calls, key=lambda each: each.span.start_time_unix_nano)


def _key(span: Span) -> tuple[bytes, bytes]:
    return span.trace_id, span.span_id


def _overlap(one: Span, other: Span) -> bool:
    return (
        one.trace_id == other.trace_id
        and one.start_time_unix_nano < other.end_time_unix_nano
        and other.start_time_unix_nano < one.end_time_unix_nano
    )
