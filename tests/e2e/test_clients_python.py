"""Apps with OpenTelemetry's SDK for Python, at its default batch sizes, timeouts and retries."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, StatusCode, format_span_id, set_span_in_context

from tests.support.arrivals import assert_intact, times_arrived, values
from tests.support.backend import Backend, wait_until
from tests.support.sidecar_process import KEEP_ALL, Sidecar

# Without the detection model: loading it takes longer than an SDK waits.
POLICY = KEEP_ALL + "pii: {enabled: false}\n"
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.request.temperature": 0.25,
    "app.whole": 2.0,
    "app.flag": True,
    "app.big": 2**62,
    "app.sizes": [1, 2, 3],
    "app.texts": ["a", "b"],
    "app.text": "grün 🌱",
    "app.empty": "",
}
ways = pytest.mark.parametrize("way", ["grpc", "http"])


class Recording(SpanExporter):
    """The SDK's exporter, and what it said of each span."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self.delivered: set[str] = set()
        self.given_up: set[str] = set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        noted = self.delivered if result is SpanExportResult.SUCCESS else self.given_up
        noted.update(format_span_id(span.context.span_id) for span in spans if span.context is not None)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


class PythonApp:
    def __init__(self, way: str, sidecar: Sidecar) -> None:
        inner: SpanExporter
        if way == "grpc":
            inner = GrpcExporter(f"http://127.0.0.1:{sidecar.grpc_port}")
        else:
            inner = HttpExporter(f"http://127.0.0.1:{sidecar.http_port}/v1/traces")
        self.told = Recording(inner)
        self._provider = TracerProvider(resource=Resource({"service.name": "python-shop"}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self.told))
        self._tracer = self._provider.get_tracer("python-client", "1.2.3")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._provider.shutdown()

    def record(self, traces: int) -> None:
        for number in range(traces):
            root = self._tracer.start_span("POST /chat", kind=SpanKind.SERVER, attributes={"number": number})
            call = self._tracer.start_span(
                "chat gpt-4o-mini",
                context=set_span_in_context(root),
                kind=SpanKind.CLIENT,
                attributes=CALL,
                links=[Link(root.get_span_context(), {"why": "test"})],
            )
            call.add_event("choice", {"index": 0})
            if number % 10 == 0:
                call.set_status(StatusCode.ERROR, "timeout")
            call.end()
            root.end()

    def flush(self) -> None:
        self._provider.force_flush()

    def send(self, traces: int) -> None:
        self.record(traces)
        self.flush()


@ways
def test_what_python_sends_arrives_once_and_intact(way: str, tmp_path: Path) -> None:
    """Spans in two batches of 512; attributes of every type, events, links, status."""
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=POLICY) as sidecar,
        PythonApp(way, sidecar) as app,
    ):
        app.send(500)
        assert len(app.told.delivered) == 1000
        wait_until("all spans arrive", lambda: len(backend.spans()) >= 1000)
        assert times_arrived(backend) == dict.fromkeys(app.told.delivered, 1)
        (request, *_) = backend.requests()
        assert values(request.resource_spans[0].resource.attributes)["service.name"] == "python-shop"
        scope = request.resource_spans[0].scope_spans[0].scope
        assert (scope.name, scope.version) == ("python-client", "1.2.3")
        spans = backend.spans()
        (root,) = [span for span in spans if values(span.attributes).get("number") == 3]
        (call,) = [span for span in spans if span.parent_span_id == root.span_id]
        assert_intact(root, {"number": 3})
        assert_intact(call, CALL)
        assert (root.kind, call.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
        assert (call.events[0].name, values(call.events[0].attributes)) == ("choice", {"index": 0})
        assert (call.links[0].span_id, values(call.links[0].attributes)) == (root.span_id, {"why": "test"})
        assert sum(span.status.code == Status.STATUS_CODE_ERROR for span in spans) == 50


@ways
def test_a_restart_loses_nothing_that_python_was_told_is_kept(
    way: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SIGTERM and SIGKILL while it sends. Both exporters try again for ten seconds, and say what they give up then."""
    caplog.set_level(logging.CRITICAL, "opentelemetry")
    storage = f"directory: {tmp_path / 'storage'}"
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=POLICY, storage=storage) as sidecar,
        PythonApp(way, sidecar) as app,
    ):
        app.send(300)
        recorded = 300
        for end in (sidecar.terminate, sidecar.kill):
            app.record(600)
            flushing = threading.Thread(target=app.flush)
            flushing.start()
            end()
            sidecar.start()
            flushing.join()
            before = len(app.told.delivered)
            app.send(50)
            recorded += 650
            wait_until("it goes on by itself", lambda before=before: len(app.told.delivered) > before)  # type: ignore[misc]  # bound early
        told = app.told
        wait_until("every span has its outcome", lambda: len(told.delivered | told.given_up) == 2 * recorded)
        assert not told.delivered & told.given_up
        wait_until("all that was acknowledged arrives", lambda: told.delivered <= times_arrived(backend).keys())
