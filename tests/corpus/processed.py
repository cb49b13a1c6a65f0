"""A recording before and after the whole chain of processors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.signal import Request, Signal, items_of
from processors.processor import Processor, Report, Stamp
from tests.corpus.recording import Recording


@dataclass(frozen=True)
class Processed:
    before: dict[Signal, Request]
    after: dict[Signal, Request]
    """The same items in the same places."""
    report: Report

    @property
    def traces_before(self) -> ExportTraceServiceRequest:
        request = self.before[Signal.TRACES]
        assert isinstance(request, ExportTraceServiceRequest)
        return request

    @property
    def traces_after(self) -> ExportTraceServiceRequest:
        request = self.after[Signal.TRACES]
        assert isinstance(request, ExportTraceServiceRequest)
        return request


def process(recording: Recording, chain: Sequence[Processor]) -> Processed:
    """Each signal in one batch, every trace kept. Log records come first: spans wait for the decision on their trace."""
    before: dict[Signal, Any] = {signal: signal.request_class() for signal in Signal}
    after: dict[Signal, Request] = {}
    for signal, request in recording.requests:
        before[signal].MergeFrom(request)
    report = Report()
    for signal in (Signal.LOGS, Signal.TRACES, Signal.METRICS):
        request = before[signal]
        copy: Any = signal.request_class()
        copy.CopyFrom(request)
        after[signal] = copy
        stamps = {
            span.trace_id: Stamp("corpus") for spans in items_of(copy) for span in spans if signal is Signal.TRACES
        }
        for processor in chain:
            match signal:
                case Signal.TRACES:
                    processor.traces(copy, stamps, report)
                case Signal.LOGS:
                    processor.logs(copy, {}, report)
                case Signal.METRICS:
                    processor.metrics(copy, report)
    return Processed(before, after, report)
