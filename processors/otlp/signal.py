"""The three OTLP signals, and where each keeps its items.

All three requests have one shape (OTLP 1.11, opentelemetry/proto/collector/*/v1): groups by resource, in them
groups by scope, in them items: spans, log records or metrics.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, TypeAlias

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Request: TypeAlias = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest
RepeatedItems: TypeAlias = Any


class Signal(Enum):
    """The value is the name users see: in URL paths, in metric labels."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"

    @property
    def request_class(self) -> type[ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest]:
        return _REQUESTS[self]


def items_of(request: Request) -> Iterator[RepeatedItems]:
    """The lists of items of a request, one list per scope."""
    match request:
        case ExportTraceServiceRequest():
            for spans in request.resource_spans:
                yield from (scope.spans for scope in spans.scope_spans)
        case ExportLogsServiceRequest():
            for logs in request.resource_logs:
                yield from (scope.log_records for scope in logs.scope_logs)
        case ExportMetricsServiceRequest():
            for metrics in request.resource_metrics:
                yield from (scope.metrics for scope in metrics.scope_metrics)


def count_items(request: Request) -> int:
    """Spans, log records or metrics."""
    return sum(map(len, items_of(request)))


_REQUESTS: dict[Signal, type[ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest]] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
