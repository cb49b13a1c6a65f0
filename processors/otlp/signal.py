"""The three OTLP signals, and where each keeps its items.

All three requests have one shape (OTLP 1.11, opentelemetry/proto/collector/*/v1): groups by resource, in them
groups by scope, in them items: spans, log records or metrics.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Request: TypeAlias = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest


class Signal(Enum):
    """The value is the name users see: in URL paths, in metric labels."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"

    @property
    def request_class(self) -> type[ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest]:
        return _REQUESTS[self]


_REQUESTS: dict[
    Signal, type[ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest]
] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
