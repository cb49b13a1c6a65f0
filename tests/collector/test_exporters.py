"""The Collector's OTLP exporters as clients of the sidecar: compression, and a sidecar that dies in between."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.signal import Signal
from tests.collector.test_pipelines import KEEP_ALL_AS_IT_IS, assert_clean, assert_whole, chats
from tests.e2e.test_signals import logs, metrics
from tests.support.backend import Backend, wait_until
from tests.support.chats import chat_trace, request_of
from tests.support.collector import Collector, needs_collector
from tests.support.export import export
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total

pytestmark = pytest.mark.timeout(120)

COLLECTOR = """
extensions: {health_check: {endpoint: "${env:HEALTH_ENDPOINT}"}}
receivers: {otlp: {protocols: {grpc: {endpoint: "${env:OTLP_GRPC_ENDPOINT}"}}}}
exporters:
  otlp_grpc:
    endpoint: ${env:SIDECAR_GRPC}
    tls: {insecure: true}
    compression: ${env:COMPRESSION}
    retry_on_failure: &retry {initial_interval: 100ms, max_interval: 500ms, max_elapsed_time: 0s}
  otlp_http:
    endpoint: ${env:SIDECAR_HTTP}
    compression: ${env:COMPRESSION}
    encoding: ${env:ENCODING}
    retry_on_failure: *retry
service:
  extensions: [health_check]
  pipelines:
    traces: {receivers: [otlp], exporters: ["${env:EXPORTER}"]}
    logs: {receivers: [otlp], exporters: ["${env:EXPORTER}"]}
    metrics: {receivers: [otlp], exporters: ["${env:EXPORTER}"]}
"""


def collector_to(
    sidecar: Sidecar, directory: Path, exporter: str, compression: str, encoding: str = "proto"
) -> Collector:
    environment = {
        "SIDECAR_GRPC": f"127.0.0.1:{sidecar.grpc_port}",
        "SIDECAR_HTTP": f"http://127.0.0.1:{sidecar.http_port}",
        "EXPORTER": exporter,
        "COMPRESSION": compression,
        "ENCODING": encoding,
    }
    return Collector(directory / "collector", COLLECTOR, environment)


@dataclass(frozen=True)
class Road:
    """A sidecar that keeps everything, and the backend behind it; one for all compressions, as its start takes longest."""

    sidecar: Sidecar
    backend: Backend

    def arrived(self, traces: list[list[Span]]) -> list[Span]:
        wanted = {trace[0].trace_id for trace in traces}
        return [span for span in self.backend.spans() if span.trace_id in wanted]

    def count(self, name: str) -> float:
        return total(self.sidecar.metrics(), f"genai_sidecar_{name}_total")


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    with Backend() as backend:
        directory = tmp_path_factory.mktemp("sidecar")
        with Sidecar(directory, backend.port, policy=KEEP_ALL) as sidecar:
            yield Road(sidecar, backend)


@needs_collector
@pytest.mark.parametrize(
    ("exporter", "compression", "encoding"),
    [
        ("otlp_grpc", "none", "proto"),
        ("otlp_grpc", "gzip", "proto"),
        ("otlp_http", "none", "proto"),
        ("otlp_http", "gzip", "proto"),
        ("otlp_http", "gzip", "json"),
    ],
)
def test_what_is_understood(road: Road, tmp_path: Path, exporter: str, compression: str, encoding: str) -> None:
    """All three signals arrive, counted and clean."""
    sent = chats(10, seed=f"{exporter} {compression} {encoding}")
    before = {signal: len(requests) for signal, requests in road.backend.raw.items()}
    with collector_to(road.sidecar, tmp_path, exporter, compression, encoding) as collector:
        export(collector.grpc_port, [*(request_of(trace) for trace in sent), logs(Span()), metrics()])
        wait_until(
            "all has arrived",
            lambda: (
                len(road.arrived(sent)) == 20
                and all(len(requests) > before[signal] for signal, requests in road.backend.raw.items())
            ),
        )
    for signal in Signal:
        assert imbalance(road.sidecar.metrics(), signal.value) == 0
    assert_whole(sent, road.arrived(sent))
    assert_clean(road.backend.all_bytes())


@needs_collector
@pytest.mark.parametrize(
    ("exporter", "compression", "said"),
    [
        ("otlp_http", "zstd", "415, Message=the content encoding must be gzip or identity"),
        ("otlp_http", "snappy", "415, Message=the content encoding must be gzip or identity"),
        ("otlp_grpc", "zstd", "grpc-encoding"),
        ("otlp_grpc", "snappy", "grpc-encoding"),
    ],
)
def test_what_is_refused(road: Road, tmp_path: Path, exporter: str, compression: str, said: str) -> None:
    """A compression that is not understood is refused for good, in words that say why: nothing is tried again, nothing
    is kept, and the sidecar goes on. Over gRPC it is gRPC itself that refuses, so the sidecar cannot count it.
    """
    refused, received = road.count("requests_refused"), road.count("received")
    with collector_to(road.sidecar, tmp_path, exporter, compression) as collector:
        export(collector.grpc_port, [request_of(trace) for trace in chats(1)])
        wait_until("the Collector has given up", lambda: "Dropping data" in collector.log())
        log = collector.log()
    assert said in log
    assert "Will retry" not in log
    assert road.count("received") == received
    assert road.count("requests_refused") == refused + (exporter == "otlp_http")
    after = chats(1, seed=f"{exporter} {compression}")
    export(road.sidecar.grpc_port, [request_of(trace) for trace in after])
    wait_until("the next one arrives", lambda: len(road.arrived(after)) == 2)


@needs_collector
@pytest.mark.parametrize("exporter", ["otlp_grpc", "otlp_http"])
def test_sidecar_killed_and_restarted(tmp_path: Path, exporter: str) -> None:
    """With retry_on_failure, a sidecar that is killed twice under load costs nothing: every span that the Collector took
    arrives, and no trace is torn.
    """
    rng = random.Random(11)
    sent = []
    storage = tmp_path / "storage"
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=KEEP_ALL_AS_IT_IS, storage=f"directory: {storage}") as sidecar,
        collector_to(sidecar, tmp_path, exporter, "gzip") as collector,
    ):
        for round_number in range(3):
            for _ in range(60):
                trace = chat_trace(rng)
                sent.append(trace)
                export(collector.grpc_port, [request_of([trace[1]]), request_of([trace[0]])])
                time.sleep(0.002)
            if round_number < 2:
                sidecar.kill()
                trace = chat_trace(rng)
                sent.append(trace)
                export(collector.grpc_port, [request_of(trace)])
                sidecar.start()
        expected = {span.span_id for trace in sent for span in trace}
        wait_until("all has arrived", lambda: {span.span_id for span in backend.spans()} >= expected)
        assert "Dropping data" not in collector.log()
        assert "Will retry" in collector.log()
    # At least once: what was answered and not yet noted down when the sidecar died comes again.
    once = {span.span_id: span for span in backend.spans()}
    assert_whole(sent, once.values())
