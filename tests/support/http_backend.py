"""An OTLP/HTTP backend in this process that keeps paths, headers and bodies."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Arrival:
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    """Unpacked."""


class HttpBackend:
    """Answers 200 to `/v1/traces` under whatever prefix, and 404 to everything else, as a backend that knows traces only;
    503 to all while it is not `available`.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.turned_away: list[str] = []
        """Paths."""
        self.available = True
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # http.server's name
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                if backend.available:
                    backend.arrivals.append(Arrival(self.path, headers, body))
                    self.send_response(200 if self.path.endswith("/v1/traces") else 404)
                else:
                    backend.turned_away.append(self.path)
                    self.send_response(503)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def spans(self) -> list[Span]:
        return [
            span for arrival in list(self.arrivals) if arrival.path.endswith("/v1/traces")
            for group in ExportTraceServiceRequest.FromString(arrival.body).resource_spans
            for scope in group.scope_spans for span in scope.spans
        ]  # fmt: skip
