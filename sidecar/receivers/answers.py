"""What a client is told, in the terms of both protocols: one table, so that gRPC and HTTP cannot drift apart.

Source: opentelemetry-proto specification 1.11, "OTLP/gRPC Response" and "OTLP/HTTP Response".
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from processors.otlp.signal import Signal
from sidecar.intake import Admitted, BadData, Overloaded, Receipt, TooLarge

ExportResponse = ExportTraceServiceResponse | ExportLogsServiceResponse | ExportMetricsServiceResponse

_MAX_MESSAGE_CHARS: Final = 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request of which nothing was kept."""

    reason: str
    """One of a bounded set: a metric label."""
    message: str
    """For the client. Never content."""
    code: grpc.StatusCode
    http_status: int
    retry_after_s: float | None = None

    def status(self) -> Status:
        """The google.rpc.Status for the HTTP body and for gRPC's `grpc-status-details-bin`."""
        status = Status(code=self.code.value[0], message=self.message)
        if self.code is grpc.StatusCode.INVALID_ARGUMENT:
            violation = BadRequest.FieldViolation(field="body", description=self.message)
            status.details.add().Pack(BadRequest(field_violations=[violation]))
        if self.retry_after_s is not None:
            delay = Duration()
            delay.FromNanoseconds(int(self.retry_after_s * 1e9))
            status.details.add().Pack(RetryInfo(retry_delay=delay))
        return status


UNAUTHENTICATED: Final = Refusal(
    "unauthenticated", "missing or wrong bearer token", grpc.StatusCode.UNAUTHENTICATED, 401
)
NOT_FOUND: Final = Refusal("not_found", "there is nothing at this path", grpc.StatusCode.UNIMPLEMENTED, 404)
METHOD_NOT_ALLOWED: Final = Refusal("method_not_allowed", "only POST is allowed", grpc.StatusCode.UNIMPLEMENTED, 405)
NOT_HTTP: Final = Refusal("not_http", "the request is not valid HTTP", grpc.StatusCode.INVALID_ARGUMENT, 400)
HEADERS_TOO_LARGE: Final = Refusal(
    "headers_too_large", "the headers are too large", grpc.StatusCode.RESOURCE_EXHAUSTED, 431
)
TOO_SLOW: Final = Refusal("too_slow", "the body did not arrive in time", grpc.StatusCode.DEADLINE_EXCEEDED, 408)


def unsupported_media_type(message: str) -> Refusal:
    return Refusal("unsupported_media_type", message, grpc.StatusCode.INVALID_ARGUMENT, 415)


def refusal_of(error: Exception) -> Refusal:
    """The answer to what the guard or the intake raised.

    A failure nobody foresaw is retryable: nothing was kept, and the next attempt may pass.
    """
    match error:
        case BadData():
            return Refusal("bad_data", str(error), grpc.StatusCode.INVALID_ARGUMENT, 400)
        case TooLarge():
            return Refusal("too_large", str(error), grpc.StatusCode.RESOURCE_EXHAUSTED, 413)
        case Overloaded():
            return Refusal("overloaded", str(error), grpc.StatusCode.UNAVAILABLE, 503, error.retry_after_s)
        case _:
            return Refusal("internal_error", "the request was not kept", grpc.StatusCode.UNAVAILABLE, 503, 1.0)


def is_foreseen(error: Exception) -> bool:
    return isinstance(error, (BadData, TooLarge, Overloaded))


def describe(error: BaseException) -> str:
    """Class and place of an error, for the log. Its text is left out: it may quote what was being processed."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def response_to(admitted: Admitted, receipt: Receipt) -> ExportResponse | None:
    """None for full success, whose response is the empty message: `partial_success` must be unset."""
    rejected = admitted.rejected_items + receipt.rejected_items
    notes = [receipt.message] if receipt.message else []
    if admitted.rejected_items:
        notes.insert(0, f"{admitted.rejected_items} rejected: {admitted.rejected_reason}")
    if not rejected and not notes:
        return None
    message = "; ".join(notes)[:_MAX_MESSAGE_CHARS]
    match admitted.signal:
        case Signal.TRACES:
            spans = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
            return ExportTraceServiceResponse(partial_success=spans)
        case Signal.LOGS:
            records = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=message)
            return ExportLogsServiceResponse(partial_success=records)
        case Signal.METRICS:
            points = ExportMetricsPartialSuccess(rejected_data_points=rejected, error_message=message)
            return ExportMetricsServiceResponse(partial_success=points)
