"""Logs and metrics ride along, and every exporter gets everything."""

from __future__ import annotations

import json
import random
from pathlib import Path

import grpc
import httpx2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from processors.prompts import COMPLETION_HASH, MESSAGE_HASH, PROMPT_HASH
from tests.support.backend import Backend, wait_until
from tests.support.chats import EMAIL, KEY, PLANTED, chat_trace, request_of
from tests.support.sending import TRACE_EXPORT
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total

LOGS_EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def chat_without_its_text() -> list[Span]:
    root, call = chat_trace(random.Random(1), planted=False)
    left = [attribute for attribute in call.attributes if not attribute.key.endswith("put.messages")]
    del call.attributes[:]
    call.attributes.extend(left)
    return [root, call]


def logs(call: Span) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    scope.log_records.add().body.string_value = f"User wrote: {' '.join(PLANTED)}"
    for event in ("gen_ai.user.message", "gen_ai.choice"):
        structured = scope.log_records.add(event_name=event, trace_id=call.trace_id, span_id=call.span_id)
        structured.body.kvlist_value.values.add(key="content").value.string_value = f"{event}: {' '.join(PLANTED)}"
    return request


def hashes_of_messages(backend: Backend) -> list[str]:
    return [
        attribute.value.string_value
        for raw in backend.raw["logs"]
        for group in ExportLogsServiceRequest.FromString(raw).resource_logs
        for scope in group.scope_logs
        for record in scope.log_records
        for attribute in record.attributes
        if attribute.key == MESSAGE_HASH
    ]


def metrics() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gen_ai.client.token.usage")
    point = metric.sum.data_points.add(as_int=3)
    exemplar = point.exemplars.add(as_int=1)
    exemplar.filtered_attributes.add(key="user").value.string_value = f"{EMAIL} {KEY}"
    return request


def test_logs_and_metrics_arrive_scrubbed_at_every_exporter(tmp_path: Path) -> None:
    """Over gRPC and as OTLP JSON; to a backend and to a file; nothing planted in either, and the books balance.

    A call whose messages are log records has their hashes on its span.
    """
    lines = tmp_path / "out.jsonl"
    exporter = f"  file/copy: {{path: {lines}}}"
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=KEEP_ALL, exporter=exporter) as sidecar:
        chat = chat_without_its_text()
        with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
            for method, request in ((LOGS_EXPORT, logs(chat[1])), (TRACE_EXPORT, request_of(chat))):
                export = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
                export(request.SerializeToString(), timeout=10)
        answer = httpx2.post(
            f"http://127.0.0.1:{sidecar.http_port}/v1/metrics",
            content=encode_json(Signal.METRICS, metrics()),
            headers={"content-type": "application/json"},
            trust_env=False,
        )
        assert answer.status_code == 200
        wait_until(
            "everything is delivered twice",
            lambda: total(sidecar.metrics(), "genai_sidecar_exporter_sent_total") == 2 * (2 + 3 + 1),
        )
        samples = sidecar.metrics()
        for signal in Signal:
            assert imbalance(samples, signal.value) == 0
        assert total(samples, "genai_sidecar_exported_total") == 6
        assert all(backend.raw.values())
        attributes = {kv.key: kv.value.string_value for span in backend.spans() for kv in span.attributes}
        assert [attributes[PROMPT_HASH], attributes[COMPLETION_HASH]] == hashes_of_messages(backend)
        written = [json.loads(line) for line in lines.read_text().splitlines()]
        assert {next(iter(line)) for line in written} == {"resourceSpans", "resourceLogs", "resourceMetrics"}
        everything = backend.all_bytes() + lines.read_bytes()
        for planted in PLANTED:
            assert planted.encode() not in everything
        assert everything.count(b"<EMAIL_ADDRESS>") >= 6
