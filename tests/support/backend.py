"""A real OTLP/gRPC backend in this process that keeps every byte it was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.certificates import Pair

SERVICES = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
    "opentelemetry.proto.collector.metrics.v1.MetricsService": "metrics",
}


class Backend:
    """`available = False` makes it answer UNAVAILABLE until it is set back; `delay_s` is from receipt to answer; with
    `pair` it speaks TLS.
    """

    def __init__(self, port: int = 0, *, pair: Pair | None = None) -> None:
        self.raw: dict[str, list[bytes]] = {"traces": [], "logs": [], "metrics": []}
        self.arrived_s: dict[str, list[float]] = {"traces": [], "logs": [], "metrics": []}
        """When each of `raw` was received, by the monotonic clock."""
        self.available = True
        self.delay_s = 0.0
        self.metadata: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._server = grpc.server(
            ThreadPoolExecutor(4),
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 64 * 1024 * 1024)],
        )
        for service, signal in SERVICES.items():
            handler = grpc.unary_unary_rpc_method_handler(self._handler(signal))
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
        if pair is None:
            self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        else:
            credentials = grpc.ssl_server_credentials([(pair.key.read_bytes(), pair.cert.read_bytes())])
            self.port = self._server.add_secure_port(f"127.0.0.1:{port}", credentials)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(0).wait(5)

    def _handler(self, signal: str) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def export(raw: bytes, context: grpc.ServicerContext) -> bytes:
            if not self.available:
                context.abort(grpc.StatusCode.UNAVAILABLE, "away")
            with self._lock:
                self.raw[signal].append(raw)
                self.arrived_s[signal].append(time.monotonic())
                self.metadata.append(dict(context.invocation_metadata()))
            if self.delay_s:
                time.sleep(self.delay_s)
            return b""

        return export

    def requests(self) -> list[ExportTraceServiceRequest]:
        with self._lock:
            return [ExportTraceServiceRequest.FromString(raw) for raw in self.raw["traces"]]

    def spans(self) -> list[Span]:
        return [
            span for request in self.requests() for group in request.resource_spans
            for scope in group.scope_spans for span in scope.spans
        ]  # fmt: skip

    def log_requests(self) -> list[ExportLogsServiceRequest]:
        with self._lock:
            return [ExportLogsServiceRequest.FromString(raw) for raw in self.raw["logs"]]

    def all_bytes(self) -> bytes:
        with self._lock:
            return b"\n".join(raw for signal in self.raw.values() for raw in signal)


def wait_until(what: str, is_true: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Asks until it is true; fails by name once the time is over."""
    deadline = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(0.05)


def attributes(span: Span) -> dict[str, Any]:
    return {kv.key: getattr(kv.value, kv.value.WhichOneof("value") or "string_value") for kv in span.attributes}
