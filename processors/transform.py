"""Runs the processors over kept telemetry and encodes what may leave.

Fails closed: a processor that raises is not trusted with what it left behind, and the whole batch goes through the
`dropper` instead, which removes all free text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.attribution import Attribution
from processors.otlp import shallow
from processors.otlp.signal import Request, Signal, count_items
from processors.processor import Processor, Report, Stamps

MAX_BATCH_BYTES: Final = 1024 * 1024
"""Below what any receiver takes by default (4 MiB for most gRPC servers), with room for one large span."""


@dataclass(slots=True)
class Transformed:
    batches: list[tuple[bytes, int]]
    """Encoded export requests and the items in each."""
    report: Report = field(default_factory=Report)
    rejected: Counter[str] = field(default_factory=Counter)
    """Items that came in and do not go out, by reason."""


def transform(
    signal: Signal,
    payloads: Sequence[bytes],
    stamps: Stamps,
    processors: Sequence[Processor],
    dropper: Processor,
    *,
    max_batch_bytes: int = MAX_BATCH_BYTES,
) -> Transformed:
    """One batch of kept telemetry, in order through `processors`.

    `payloads` are encoded requests of `signal`; spans in them whose trace has no stamp do not belong there.
    Raises google.protobuf.message.DecodeError if a payload is not a request.
    """
    request = _parse(signal, payloads)
    came_in = count_items(request)
    report = Report()
    try:
        for processor in processors:
            _apply(processor, request, stamps, report)
    except Exception as error:  # noqa: BLE001  # whatever it was, nothing half-processed may leave
        request = _parse(signal, payloads)
        report = Report()
        report.scrub_failures[type(error).__name__] += came_in
        for processor in processors:
            if isinstance(processor, Attribution):  # ids of users are no free text: the dropper would let them pass
                _apply(processor, request, stamps, report)
        _apply(dropper, request, stamps, report)
    rejected: Counter[str] = Counter(report.rejected_items)
    if report.rejected_traces and isinstance(request, ExportTraceServiceRequest):
        rejected["scrub_failed"] += _remove_traces(request, report.rejected_traces)
    encoded = request.SerializeToString()
    batches = [(payload, items) for payload, items in shallow.split(encoded, max_batch_bytes) if items]
    unaccounted = came_in - sum(rejected.values()) - sum(items for _, items in batches)
    if unaccounted:
        rejected["unaccounted"] += unaccounted
    return Transformed(batches, report, rejected)


def _parse(signal: Signal, payloads: Sequence[bytes]) -> Request:
    request = signal.request_class()
    for payload in payloads:
        request.MergeFromString(payload)
    return request


def _apply(processor: Processor, request: Request, stamps: Stamps, report: Report) -> None:
    match request:
        case ExportTraceServiceRequest():
            processor.traces(request, stamps, report)
        case ExportLogsServiceRequest():
            processor.logs(request, stamps, report)
        case ExportMetricsServiceRequest():
            processor.metrics(request, report)


def _remove_traces(request: ExportTraceServiceRequest, trace_ids: set[bytes]) -> int:
    removed = 0
    for group in request.resource_spans:
        for scope in group.scope_spans:
            left = [span for span in scope.spans if span.trace_id not in trace_ids]
            removed += len(scope.spans) - len(left)
            if len(left) != len(scope.spans):
                del scope.spans[:]
                scope.spans.extend(left)
    return removed
