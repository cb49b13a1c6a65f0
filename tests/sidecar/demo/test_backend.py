from __future__ import annotations

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from processors.otlp.signal import Signal
from sidecar.demo.backend import Backend


def traces(channel: grpc.Channel) -> TraceServiceStub:
    return TraceServiceStub(channel)  # type: ignore[no-untyped-call]  # generated code


def one_span(name: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name=name)
    return request


def test_it_keeps_requests_in_order() -> None:
    """What two exports sent is there, and each was told of full success."""
    with Backend() as backend, grpc.insecure_channel(backend.address) as channel:
        for name in ("first", "second"):
            assert not traces(channel).Export(one_span(name), timeout=10).HasField("partial_success")
        names = [request.resource_spans[0].scope_spans[0].spans[0].name for request in backend.traces()]
        assert names == ["first", "second"]
        assert backend.received(Signal.LOGS) == []


def test_a_search_sees_every_signal() -> None:
    """A value that came in a log record is found just like one in a span."""
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add().body.string_value = "in a log"
    with Backend() as backend, grpc.insecure_channel(backend.address) as channel:
        traces(channel).Export(one_span("in a span"), timeout=10)
        LogsServiceStub(channel).Export(logs, timeout=10)  # type: ignore[no-untyped-call]  # generated code
        assert b"in a log" in backend.received_bytes()
        assert b"in a span" in backend.received_bytes()
