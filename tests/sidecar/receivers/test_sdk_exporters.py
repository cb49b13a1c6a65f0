"""The OpenTelemetry SDK's own exporters against the receivers: what users really have."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from grpc import Compression as GrpcCompression
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sidecar.intake import Overloaded
from tests.support.receiving import Served, served


def _spans() -> tuple[ReadableSpan, ...]:
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "shop"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("lib")
    with tracer.start_as_current_span("chat gpt", attributes={"gen_ai.request.model": "m", "tokens": [1, 2]}) as parent:
        parent.add_event("choice", {"finish_reason": "stop"})
        tracer.start_span("tool").end()
    provider.shutdown()
    return memory.get_finished_spans()


def _exporter(way: str, port: int, *, gzipped: bool) -> Any:
    if way == "grpc":
        compression = GrpcCompression.Gzip if gzipped else GrpcCompression.NoCompression
        return GrpcExporter(f"http://127.0.0.1:{port}", insecure=True, compression=compression, timeout=10)
    coding = Compression.Gzip if gzipped else Compression.NoCompression
    return HttpExporter(f"http://127.0.0.1:{port}/v1/traces", compression=coding, timeout=10)


async def _export(it: Served, way: str, *, gzipped: bool = False) -> SpanExportResult:
    exporter = _exporter(way, it.receiver.port, gzipped=gzipped)
    try:
        result: SpanExportResult = await asyncio.to_thread(exporter.export, _spans())
    finally:
        await asyncio.to_thread(exporter.shutdown)
    return result


ways = pytest.mark.parametrize("way", ["grpc", "http_protobuf"])


@ways
@pytest.mark.parametrize("gzipped", [False, True])
def test_spans_arrive(way: str, *, gzipped: bool) -> None:
    """With resource, attributes and events, compressed or not."""

    async def inside() -> None:
        async with served(way) as it:
            assert await _export(it, way, gzipped=gzipped) is SpanExportResult.SUCCESS
            (admitted,) = it.intake.accepted
            request: Any = admitted.request
            (group,) = request.resource_spans
            spans = {span.name: span for scope in group.scope_spans for span in scope.spans}
            assert group.resource.attributes[0].value.string_value == "shop"
            assert spans["tool"].parent_span_id == spans["chat gpt"].span_id
            assert spans["chat gpt"].events[0].name == "choice"

    asyncio.run(asyncio.wait_for(inside(), 30))


@ways
def test_an_exporter_comes_back_after_overload(way: str) -> None:
    """Told to wait a second, it tries again, and nothing is lost."""

    async def inside() -> None:
        async with served(way) as it:
            it.intake.failure = Overloaded("full", 1.0)
            exporting = asyncio.create_task(_export(it, way))
            await it.intake.refusal.wait()
            it.intake.failure = None
            assert await exporting is SpanExportResult.SUCCESS
            assert [one.items for one in it.intake.accepted] == [2]

    asyncio.run(asyncio.wait_for(inside(), 30))


@ways
def test_an_exporter_gives_up_on_a_missing_token(way: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is not retryable: one attempt, one refusal."""

    async def inside() -> None:
        async with served(way, token="t") as it:
            assert await _export(it, way) is SpanExportResult.FAILURE
            assert sum(it.intake.refused.values()) == 1

    asyncio.run(asyncio.wait_for(inside(), 30))
