"""Apps with OpenTelemetry's SDK for Node.js, at its default batch sizes, timeouts and retries.

`make clients` installs it; without it, or without Node.js, these tests are skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.support.arrivals import assert_intact, times_arrived, values
from tests.support.backend import Backend, wait_until
from tests.support.sidecar_process import KEEP_ALL, Sidecar

PROGRAM = Path(__file__).parents[1] / "clients" / "node" / "send.mjs"
NODE = shutil.which("node")
ROOT = {"number": 3}
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.request.temperature": 0.25,
    "app.flags": [True, False],
    "app.sizes": [1, 2, 3],
    "app.text": "grün 🌱",
    "app.empty": "",
}

# Without the detection model: loading it takes longer than an SDK waits.
POLICY = KEEP_ALL + "pii: {enabled: false}\n"

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not on the PATH"),
    pytest.mark.skipif(
        not (PROGRAM.parent / "node_modules").is_dir(), reason="the SDK for Node.js is not installed: make clients"
    ),
]


@dataclass(frozen=True)
class Outcome:
    delivered: frozenset[str]
    """Span ids of the batches the SDK was told are kept."""
    given_up: frozenset[str]
    log_records: int


class NodeApp:
    """Runs until the block is left; what it is asked for can be waited for later."""

    def __init__(self, way: str, sidecar: Sidecar) -> None:
        port = sidecar.grpc_port if way == "grpc" else sidecar.http_port
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [str(NODE), str(PROGRAM), way, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait(10)
        self._process.stdout.close()

    def begin(self, traces: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{traces}\n")
        self._process.stdin.flush()

    def outcome(self) -> Outcome:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return Outcome(frozenset(told["delivered"]), frozenset(told["given_up"]), told["log_records"])

    def send(self, traces: int) -> Outcome:
        self.begin(traces)
        return self.outcome()


@pytest.mark.parametrize("way", ["grpc", "proto", "json"])
def test_what_node_sends_arrives_once_and_intact(way: str, tmp_path: Path) -> None:
    """Spans in two batches of 512, log records and metrics; attributes of every type, events, links, status."""
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=POLICY) as sidecar,
        NodeApp(way, sidecar) as app,
    ):
        told = app.send(500)
        assert len(told.delivered) == 1000
        assert told.log_records == 500
        wait_until("all spans arrive", lambda: len(backend.spans()) >= 1000)
        assert times_arrived(backend) == dict.fromkeys(told.delivered, 1)
        wait_until("logs arrive", lambda: _log_records(backend) == 500)
        wait_until("metrics arrive", lambda: bool(backend.raw["metrics"]))
        metrics = ExportMetricsServiceRequest.FromString(backend.raw["metrics"][0])
        (metric,) = metrics.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.sum.data_points[0].as_double or metric.sum.data_points[0].as_int) == ("calls", 500)
        (request, *_) = backend.requests()
        assert values(request.resource_spans[0].resource.attributes)["service.name"] == "node-shop"
        scope = request.resource_spans[0].scope_spans[0].scope
        assert (scope.name, scope.version) == ("node-client", "1.2.3")
        spans = backend.spans()
        (root,) = [span for span in spans if values(span.attributes).get("number") == ROOT["number"]]
        (call,) = [span for span in spans if span.parent_span_id == root.span_id]
        assert_intact(root, ROOT)
        assert_intact(call, CALL)
        assert (root.kind, call.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
        assert (call.events[0].name, values(call.events[0].attributes)) == ("choice", {"index": 0})
        assert (call.links[0].span_id, values(call.links[0].attributes)) == (root.span_id, {"why": "test"})
        assert sum(span.status.code == Status.STATUS_CODE_ERROR for span in spans) == 50


@pytest.mark.parametrize("way", ["grpc", "json"])  # protobuf takes the same way as JSON
def test_a_restart_loses_nothing_that_node_was_told_is_kept(way: str, tmp_path: Path) -> None:
    """SIGTERM and SIGKILL while it sends. What the SDK gives up, it says: over gRPC whatever got no answer, over HTTP what
    got none for ten seconds.
    """
    storage = f"directory: {tmp_path / 'storage'}"
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=POLICY, storage=storage) as sidecar,
        NodeApp(way, sidecar) as app,
    ):
        told = [app.send(300)]
        for end in (sidecar.terminate, sidecar.kill):
            app.begin(900)
            end()
            sidecar.start()
            told.append(app.outcome())
            wait_until("it goes on by itself", lambda: bool(_noted(app.send(50), told).delivered))
        delivered = {span_id for one in told for span_id in one.delivered}
        given_up = {span_id for one in told for span_id in one.given_up}
        assert not delivered & given_up
        wait_until("all that was acknowledged arrives", lambda: delivered <= times_arrived(backend).keys())
        assert times_arrived(backend).keys() <= delivered | given_up


def _noted(outcome: Outcome, told: list[Outcome]) -> Outcome:
    told.append(outcome)
    return outcome


def _log_records(backend: Backend) -> int:
    return sum(
        len(scope.log_records)
        for request in backend.log_requests()
        for group in request.resource_logs
        for scope in group.scope_logs
    )
