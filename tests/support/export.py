"""Sending OTLP/gRPC to any address: a Collector's, a sidecar's."""

from __future__ import annotations

from collections.abc import Iterable

import grpc

from processors.otlp.signal import Request

_SERVICES = {
    "ExportTraceServiceRequest": "trace.v1.TraceService",
    "ExportLogsServiceRequest": "logs.v1.LogsService",
    "ExportMetricsServiceRequest": "metrics.v1.MetricsService",
}


def export(port: int, requests: Iterable[Request]) -> None:
    """One after the other, each acknowledged; raises grpc.RpcError for the first that is not."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        for request in requests:
            method = f"/opentelemetry.proto.collector.{_SERVICES[type(request).__name__]}/Export"
            call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
            call(request.SerializeToString(), timeout=20)
