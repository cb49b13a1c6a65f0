"""Logs and metrics ride along, and every exporter gets everything."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import httpx2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from tests.support.backend import Backend, wait_until
from tests.support.chats import EMAIL, KEY, PLANTED
from tests.support.sending import send
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total

LOGS_EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def logs() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    scope.log_records.add().body.string_value = f"User wrote: {' '.join(PLANTED)}"
    structured = scope.log_records.add(event_name="gen_ai.user.message")
    structured.body.kvlist_value.values.add(key="content").value.string_value = " ".join(PLANTED)
    return request


def metrics() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gen_ai.client.token.usage")
    point = metric.sum.data_points.add(as_int=3)
    exemplar = point.exemplars.add(as_int=1)
    exemplar.filtered_attributes.add(key="user").value.string_value = f"{EMAIL} {KEY}"
    return request


def test_logs_and_metrics_arrive_scrubbed_at_every_exporter(tmp_path: Path) -> None:
    """Over gRPC and as OTLP JSON; to a backend and to a file; nothing planted in either, and the books balance."""
    lines = tmp_path / "out.jsonl"
    exporter = f"  file/copy: {{path: {lines}}}"
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=KEEP_ALL, exporter=exporter) as sidecar:
        send(sidecar, 1)
        with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
            export = channel.unary_unary(LOGS_EXPORT, request_serializer=None, response_deserializer=None)
            export(logs().SerializeToString(), timeout=10)
        answer = httpx2.post(
            f"http://127.0.0.1:{sidecar.http_port}/v1/metrics",
            content=encode_json(Signal.METRICS, metrics()),
            headers={"content-type": "application/json"},
            trust_env=False,
        )
        assert answer.status_code == 200
        wait_until(
            "everything is delivered twice",
            lambda: total(sidecar.metrics(), "genai_sidecar_exporter_sent_total") == 2 * (2 + 2 + 1),
        )
        samples = sidecar.metrics()
        for signal in Signal:
            assert imbalance(samples, signal.value) == 0
        assert total(samples, "genai_sidecar_exported_total") == 5
        assert all(backend.raw.values())
        written = [json.loads(line) for line in lines.read_text().splitlines()]
        assert {next(iter(line)) for line in written} == {"resourceSpans", "resourceLogs", "resourceMetrics"}
        everything = backend.all_bytes() + lines.read_bytes()
        for planted in PLANTED:
            assert planted.encode() not in everything
        assert everything.count(b"<EMAIL_ADDRESS>") >= 6
