"""What a backend's answer means (OTLP 1.11, "OTLP/gRPC Response" and "OTLP/HTTP Response").

Reasons are of a bounded set, fit for a metric's label. A backend's own words are kept in `Delivered.message` and
nowhere else: they may quote what was sent.
"""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Outcome, Refused, Retry

MAX_RESPONSE_BYTES: Final = 4 * 1024 * 1024
_MAX_MESSAGE_CHARACTERS: Final = 1_000

_RETRYABLE_CODES: Final = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
_RETRYABLE_STATUSES: Final = frozenset({429, 502, 503, 504})

_RESPONSES: Final[dict[Signal, tuple[type[Any], str, str]]] = {
    Signal.TRACES: (ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
    Signal.LOGS: (ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
}


def delivered(batch: Batch, body: bytes) -> Delivered:
    """For a success with an encoded Export…ServiceResponse. One that cannot be read is a success all the same.

    Metrics are counted in metrics and rejected in data points, so a count above the batch's own means all of it.
    """
    response_class, field, _ = _RESPONSES[batch.signal]
    try:
        partial = response_class.FromString(body).partial_success
    except DecodeError:
        return Delivered()
    return _partial(batch, getattr(partial, field), partial.error_message)


def delivered_json(batch: Batch, body: bytes) -> Delivered:
    """The same for backends that answer protobuf in JSON, which OTLP does not allow and some do."""
    try:
        partial = json.loads(body)["partialSuccess"]
        rejected, message = int(partial.get(_RESPONSES[batch.signal][2], 0)), str(partial.get("errorMessage", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Delivered()
    return _partial(batch, rejected, message)


def _partial(batch: Batch, rejected: int, message: str) -> Delivered:
    return Delivered(min(max(rejected, 0), batch.items), message[:_MAX_MESSAGE_CHARACTERS])


def grpc_failure(code: grpc.StatusCode, details_bin: bytes | None) -> Retry | Refused:
    """`details_bin` is the `grpc-status-details-bin` of the trailing metadata."""
    reason = f"grpc_{code.name.lower()}"
    after_s = _retry_info_s(details_bin)
    if code in _RETRYABLE_CODES or (code is grpc.StatusCode.RESOURCE_EXHAUSTED and after_s is not None):
        return Retry(reason, after_s)
    return Refused(reason)


def _retry_info_s(details_bin: bytes | None) -> float | None:
    if not details_bin:
        return None
    try:
        details = Status.FromString(details_bin).details
        for detail in details:
            info = RetryInfo()
            if detail.Unpack(info):
                return max(0.0, float(info.retry_delay.seconds) + float(info.retry_delay.nanos) / 1e9)
    except DecodeError:
        pass
    return None


def http_failure(status: int, retry_after: str | None, unix_nano: int) -> Outcome:
    """For every status but 2xx. A redirect is a refusal: the configuration names no other address."""
    reason = f"http_{status}"
    if status in _RETRYABLE_STATUSES:
        return Retry(reason, retry_after_s(retry_after, unix_nano))
    return Refused(reason)


def retry_after_s(value: str | None, unix_nano: int) -> float | None:
    """Seconds from now for both forms of Retry-After (RFC 9110, 10.2.3); None for anything else."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
        return max(0.0, at.timestamp() - unix_nano / 1e9)
    except (ValueError, OverflowError, OSError):
        return None
