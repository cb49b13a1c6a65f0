"""The whole road: a real app with OpenTelemetry's SDK and the OpenAI instrumentation, the sidecar, a real Collector."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from processors.otlp.signal import Signal, count_items
from sidecar.demo.app_settings import COPY_ENDPOINT, SETTINGS
from sidecar.demo.chats import CHATS
from sidecar.demo.fake_model import FakeModel
from sidecar.demo.sidecar_process import clean_environment
from tests.support.backend import Backend, attributes, wait_until
from tests.support.collector import Collector, exported, exported_spans, needs_collector
from tests.support.sidecar_process import FAST_POLICY, KEEP_ALL, Sidecar, imbalance, total

pytestmark = pytest.mark.timeout(120)

COLLECTOR = """
extensions: {health_check: {endpoint: "${env:HEALTH_ENDPOINT}"}}
receivers: {otlp: {protocols: {grpc: {endpoint: "${env:OTLP_GRPC_ENDPOINT}"}}}}
exporters: {file: {path: "${env:FILE}", flush_interval: 100ms}}
service:
  extensions: [health_check]
  pipelines:
    traces: {receivers: [otlp], exporters: [file]}
    logs: {receivers: [otlp], exporters: [file]}
"""


@needs_collector
@pytest.mark.parametrize("policy", [KEEP_ALL, FAST_POLICY], ids=["keep all", "sample"])
def test_app_to_collector(tmp_path: Path, policy: str) -> None:
    """What the app recorded and the policy keeps is in the Collector's file: span by span, in the same tree, priced,
    failed calls as failed, and without anything personal.
    """
    lines = tmp_path / "traces.jsonl"
    with (
        Backend() as copy,
        FakeModel(CHATS) as model,
        Collector(tmp_path / "collector", COLLECTOR, {"FILE": str(lines)}) as collector,
        Sidecar(tmp_path, collector.grpc_port, policy=policy) as sidecar,
    ):
        environment = {
            **SETTINGS,
            "OPENAI_BASE_URL": model.base_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sidecar.grpc_port}",
            COPY_ENDPOINT: f"http://127.0.0.1:{copy.port}",
        }
        app = [sys.executable, "-m", "sidecar.demo.app"]
        subprocess.run(app, env=clean_environment(environment), check=True, timeout=50, capture_output=True)  # noqa: S603  # our own command
        sent = {(span.trace_id, span.span_id): span for span in copy.spans()}
        assert len(sent) == len(copy.spans())

        def done() -> bool:
            samples = sidecar.metrics()
            assert imbalance(samples, "traces") == 0
            return total(samples, "genai_sidecar_waiting") == 0

        wait_until("all is decided and delivered", done)
        exported_count = total(sidecar.metrics(), "genai_sidecar_exported_total", signal="traces")
        wait_until("the file is written", lambda: len(exported_spans(lines)) == exported_count)
        logs_sent = sum(map(count_items, copy.log_requests()))
        logs_written = sum(map(count_items, exported(lines, Signal.LOGS)))
        collector.terminate()
    arrived = {(span.trace_id, span.span_id): span for span in exported_spans(lines)}
    assert len(arrived) == exported_count
    kept = {trace_id for trace_id, _ in arrived}
    if policy is KEEP_ALL:
        assert arrived.keys() == sent.keys()
    else:
        assert 4 <= len(kept) < len(CHATS)
    assert {key for key in sent if key[0] in kept} == arrived.keys()
    assert logs_written == logs_sent > 0
    for key, span in arrived.items():
        original = sent[key]
        assert span.parent_span_id == original.parent_span_id
        assert (span.kind, span.start_time_unix_nano, span.end_time_unix_nano, span.status.code) == (
            original.kind,
            original.start_time_unix_nano,
            original.end_time_unix_nano,
            original.status.code,
        )
        got = attributes(span)
        if got.get("gen_ai.usage.input_tokens"):
            assert got["gen_ai.usage.cost"] > 0
            json.loads(got["gen_ai.input.messages"])
    everything = lines.read_bytes()
    assert copy.all_bytes().count(CHATS[0].planted[0].encode()) > 0
    for planted in {value for chat in CHATS for value in chat.planted}:
        assert planted.encode() not in everything
