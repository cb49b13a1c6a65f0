"""One local server that speaks for all model providers, and one that takes the telemetry."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.corpus.endpoints import anthropic_api, bedrock_api, gemini_api, openai_api
from tests.corpus.endpoints.served import Answer

_PROVIDERS: Final[tuple[Callable[[str, dict[str, Any]], Answer | None], ...]] = (
    openai_api.answer,
    anthropic_api.answer,
    gemini_api.answer,
    bedrock_api.answer,
)


class Providers:
    """`served` holds what was answered, in order."""

    def __init__(self) -> None:
        self.served: list[dict[str, Any]] = []
        self.unknown_paths: list[str] = []
        self._lock = threading.Lock()

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        for provider in _PROVIDERS:
            answer = provider(path, body)
            if answer is not None:
                with self._lock:
                    if answer.record is not None:
                        self.served.append(answer.record)
                return answer
        with self._lock:
            self.unknown_paths.append(path)
        return Answer(404, {"error": {"message": "no such path"}}, None)

    @contextmanager
    def run(self) -> Iterator[int]:
        """Yields the port."""
        outer = self

        class Handler(_Handler):
            def do_POST(self) -> None:
                body = self.body()
                answer = outer.answer(self.path.partition("?")[0], json.loads(body) if body else {})
                if isinstance(answer.body, dict):
                    self.reply(answer.status, "application/json", json.dumps(answer.body).encode())
                elif isinstance(answer.body, str):
                    self.reply(answer.status, "text/event-stream", answer.body.encode())
                else:
                    self.reply(answer.status, "application/vnd.amazon.eventstream", answer.body)

        yield from _run(Handler)


class Recorder:
    """Takes OTLP over HTTP on any path that ends in `/v1/<signal>`: `(signal, content type, body)` in order."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, bytes]] = []
        self._lock = threading.Lock()

    @contextmanager
    def run(self) -> Iterator[int]:
        """Yields the port."""
        outer = self

        class Handler(_Handler):
            def do_POST(self) -> None:
                body = self.body()
                signal = self.path.rstrip("/").rpartition("/v1/")[2]
                if signal in ("traces", "logs", "metrics"):
                    with outer._lock:
                        outer.received.append((signal, self.headers.get("Content-Type", ""), body))
                    if "json" in self.headers.get("Content-Type", ""):
                        self.reply(200, "application/json", b"{}")
                    else:
                        self.reply(200, "application/x-protobuf", b"")
                else:
                    self.reply(200, "application/json", b'{"token": "corpus", "project_id": "corpus"}')

        yield from _run(Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def do_GET(self) -> None:
        self.reply(404, "application/json", b"{}")

    def reply(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "corpus"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Libraries record the headers of answers."""
        return "Thu, 15 Jan 2026 10:00:00 GMT"

    def log_message(self, *_: Any) -> None:
        """Silent."""


def _run(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
