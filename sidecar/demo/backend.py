"""An OTLP/gRPC backend that keeps what arrives in memory: the demo's vendor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.signal import Signal

_SERVICES: Final = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
_OPTIONS: Final = [("grpc.max_receive_message_length", 64 << 20), ("grpc.so_reuseport", 0)]
_STOP_GRACE_S: Final = 1.0


class Backend:
    """Listens on a free port of 127.0.0.1 while the context lasts. Safe to read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received: dict[Signal, list[bytes]] = {signal: [] for signal in Signal}
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
        for signal, service in _SERVICES.items():
            handler = grpc.unary_unary_rpc_method_handler(self._keeper(signal))
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(_STOP_GRACE_S).wait()

    def _keeper(self, signal: Signal) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def keep(raw: bytes, _context: grpc.ServicerContext) -> bytes:
            with self._lock:
                self._received[signal].append(raw)
            return b""  # an empty message encoded: full success

        return keep

    def received(self, signal: Signal) -> list[bytes]:
        """Every request so far as it came, in the order of arrival."""
        with self._lock:
            return list(self._received[signal])

    def traces(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(raw) for raw in self.received(Signal.TRACES)]

    def received_bytes(self) -> bytes:
        """All that ever arrived, end to end: what a search for a leaked value looks through."""
        return b"\n".join(raw for signal in Signal for raw in self.received(signal))
