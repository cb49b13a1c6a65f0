"""Every file of `collector-config` runs as it is shipped: real Collectors, real sidecars, and only addresses and paths
put in, through the environment variables that the files name.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.sampling.tracestate import read
from sidecar.config_file import load_config
from tests.e2e.test_signals import logs, metrics
from tests.support.backend import Backend, wait_until
from tests.support.certificates import Authority
from tests.support.chats import EMAIL, PHONE, PLANTED, chat_trace, request_of, set_attribute
from tests.support.collector import CONFIGS, Collector, exported_spans, needs_collector
from tests.support.export import export
from tests.support.http_backend import HttpBackend
from tests.support.shipped import ShippedSidecar
from tests.support.sidecar_process import FAST_POLICY, KEEP_ALL, total

pytestmark = pytest.mark.timeout(120)

COLLECTORS = (
    "agent-to-gateway/agent.yaml",
    "agent-to-gateway/gateway.yaml",
    "load-balancing/gateway.yaml",
    "migration/after/collector.yaml",
    "migration/before/collector.yaml",
    "sidecar-to-collector/collector.yaml",
)
SIDECARS = (
    "agent-to-gateway/sidecar.yaml",
    "backends/datadog.yaml",
    "backends/jaeger.yaml",
    "backends/langfuse.yaml",
    "backends/mlflow.yaml",
    "backends/phoenix.yaml",
    "load-balancing/sidecar.yaml",
    "migration/after/sidecar.yaml",
    "sidecar-to-collector/sidecar.yaml",
)
OTHERS = ("builder.yaml", "migration/after/policy.yaml")
REQUIRED = {
    "BACKEND_ENDPOINT": "https://backend.example:4317",
    "LANGFUSE_AUTH": "cGs6c2s=",
    "MLFLOW_EXPERIMENT_ID": "7",
    "DD_API_KEY": "key",
}
"""Variables without which a file says nothing; all others have defaults."""
KEEP_ALL_AS_IT_IS = KEEP_ALL + "pii: {enabled: false}\n"
"""For where the question is another, since loading the language model is most of a start."""


def chats(count: int, *, seed: int | str = 3) -> list[list[Span]]:
    """The first of twenty is an error, the second scored low; everything is planted with personal data."""
    rng = random.Random(seed)
    return [chat_trace(rng, error=number % 20 == 0, score=0.1 if number % 20 == 1 else None) for number in range(count)]


def assert_whole(sent: list[list[Span]], arrived: Iterable[Span]) -> None:
    """Every trace came once, with the spans and the parents it was sent with."""

    def tree(spans: Iterable[Span]) -> dict[bytes, Counter[tuple[bytes, bytes]]]:
        trees: dict[bytes, Counter[tuple[bytes, bytes]]] = defaultdict(Counter)
        for span in spans:
            trees[span.trace_id][span.span_id, span.parent_span_id] += 1
        return trees

    assert tree(arrived) == tree(span for trace in sent for span in trace)


def assert_clean(everything: bytes) -> None:
    for planted in PLANTED:
        assert planted.encode() not in everything


def done(sidecar: ShippedSidecar) -> bool:
    samples = sidecar.metrics()
    return total(samples, "genai_sidecar_received_total") > 0 and total(samples, "genai_sidecar_waiting") == 0


def test_every_file_is_listed_here() -> None:
    """A file that is added to the folder has to be run by a test."""
    files = {str(path.relative_to(CONFIGS)) for path in CONFIGS.rglob("*.yaml")}
    assert files == {*COLLECTORS, *SIDECARS, *OTHERS}
    page = (CONFIGS / "README.md").read_text()
    assert [name for name in files if name not in page] == []


@pytest.mark.parametrize("name", SIDECARS)
def test_sidecar_file_is_valid_with_its_defaults(name: str, tmp_path: Path) -> None:
    """With nothing but the variables it asks for, and certificates where it wants some."""
    pair = Authority(tmp_path).issue("server")
    tls = {"TLS_CERT_FILE": str(pair.cert), "TLS_KEY_FILE": str(pair.key), "TLS_CLIENT_CA_FILE": str(pair.cert)}
    load_config(CONFIGS / name, {**REQUIRED, **tls})


@needs_collector
@pytest.mark.parametrize("name", COLLECTORS)
def test_collector_file_is_valid_with_its_defaults(name: str, tmp_path: Path) -> None:
    """The Collector's own `validate` takes it."""
    Collector(tmp_path, CONFIGS / name, REQUIRED).validate()


@needs_collector
def test_sidecar_to_collector(tmp_path: Path) -> None:
    """Kept traces, logs and metrics reach the backend and the archive through the Collector, whole and clean, and
    span_metrics counts what was there before sampling.
    """
    sent = chats(200)
    with Backend() as backend:
        archive = tmp_path / "archive.jsonl"
        environment = {
            "BACKEND_ENDPOINT": f"127.0.0.1:{backend.port}",
            "BACKEND_INSECURE": "true",
            "BACKEND_TOKEN": "t0ken",
            "ARCHIVE_FILE": str(archive),
            "METRICS_FLUSH_INTERVAL": "200ms",
        }
        folder = CONFIGS / "sidecar-to-collector"
        with Collector(tmp_path / "collector", folder / "collector.yaml", environment) as collector:
            to_collector = {"COLLECTOR_ENDPOINT": f"127.0.0.1:{collector.grpc_port}"}
            with ShippedSidecar(
                tmp_path / "sidecar", folder / "sidecar.yaml", to_collector, policy=FAST_POLICY
            ) as sidecar:
                export(sidecar.grpc_port, [request_of(trace) for trace in sent])
                export(sidecar.grpc_port, [logs(Span()), metrics()])
                wait_until("all is decided and delivered", lambda: done(sidecar))
                kept = backend.spans()
                stands_for = round(sum(adjusted_count(span) for span in kept))
                wait_until("span_metrics has counted", lambda: calls(backend) == stands_for)
                wait_until("the archive is written", lambda: len(exported_spans(archive)) == len(kept))
            collector.terminate()
        must_keep = {trace[0].trace_id for number, trace in enumerate(sent) if number % 20 < 2}
        arrived = {span.trace_id for span in kept}
        assert must_keep < arrived
        assert_whole([trace for trace in sent if trace[0].trace_id in arrived], kept)
        assert_whole([trace for trace in sent if trace[0].trace_id in arrived], exported_spans(archive))
        # 18 or so of 180 routine traces, each standing for ten.
        assert 2 * 100 < stands_for < 2 * 300
        assert len(backend.log_requests()[0].resource_logs[0].scope_logs[0].log_records) == 3
        assert_clean(backend.all_bytes() + archive.read_bytes())
        assert all(dict(each)["authorization"] == "Bearer t0ken" for each in backend.metadata)


def adjusted_count(span: Span) -> float:
    """How many spans this one stands for; see tracestate-probability-sampling."""
    threshold = read(span.trace_state).threshold
    assert threshold is not None
    return float(2**56 / (2**56 - threshold))


def calls(backend: Backend) -> int:
    """The newest total of the Collector's genai.calls."""
    newest: dict[str, int] = {}
    for raw in list(backend.raw["metrics"]):
        for group in ExportMetricsServiceRequest.FromString(raw).resource_metrics:
            for metric in (metric for scope in group.scope_metrics for metric in scope.metrics):
                for point in metric.sum.data_points if metric.name == "genai.calls" else ():
                    newest[str(sorted((kv.key, kv.value.string_value) for kv in point.attributes))] = point.as_int
    return sum(newest.values())


@needs_collector
def test_agent_to_gateway(tmp_path: Path) -> None:
    """App, agent Collector, sidecar, gateway Collector, backend: everything arrives, clean, under the cluster's name;
    what the gateway had taken when it was killed as well.
    """
    sent = chats(60)
    folder = CONFIGS / "agent-to-gateway"
    with HttpBackend() as backend:
        to_backend = {"BACKEND_ENDPOINT": backend.url, "BACKEND_TOKEN": "t0ken", "CLUSTER_NAME": "blue"}
        with Collector(tmp_path / "gateway", folder / "gateway.yaml", to_backend) as gateway:
            to_gateway = {"GATEWAY_ENDPOINT": f"127.0.0.1:{gateway.grpc_port}"}
            with ShippedSidecar(tmp_path / "sidecar", folder / "sidecar.yaml", to_gateway) as sidecar:
                to_sidecar = {"SIDECAR_ENDPOINT": f"127.0.0.1:{sidecar.grpc_port}"}
                with Collector(tmp_path / "agent", folder / "agent.yaml", to_sidecar) as agent:
                    backend.available = False
                    export(agent.grpc_port, [logs(Span()), metrics(), *(request_of(trace) for trace in sent)])
                    wait_until("the gateway holds traces", lambda: "/v1/traces" in backend.turned_away)
                    gateway.kill()
                    backend.available = True
                    gateway.start()
                    wait_until("all has arrived", lambda: done(sidecar) and len(backend.spans()) >= 120)
        assert_whole(sent, backend.spans())
        assert_clean(b"".join(arrival.body for arrival in backend.arrivals))
        traces = [arrival for arrival in backend.arrivals if arrival.path == "/v1/traces"]
        assert all(arrival.headers["authorization"] == "Bearer t0ken" for arrival in traces)
        assert all(b"k8s.cluster.name" in arrival.body and b"blue" in arrival.body for arrival in traces)


@needs_collector
@pytest.mark.parametrize("found_by", ["dns", "list"])
def test_load_balancing(tmp_path: Path, found_by: str) -> None:
    """Spans come one by one in any order; each trace is whole on one of the sidecars, and each has its share.

    Found through the resolver of the file, with the one address that a test can have in DNS; and with a list of two in
    its place.
    """
    sent = chats(120)
    folder = CONFIGS / "load-balancing"
    of_gateway, of_sidecars = certificates(tmp_path)
    with ExitStack() as running:
        backends, sidecars = [], []
        for number in range(1 if found_by == "dns" else 2):
            backend = running.enter_context(Backend())
            to_backend = {"BACKEND_ENDPOINT": f"127.0.0.1:{backend.port}", "BACKEND_INSECURE": "true", **of_sidecars}
            sidecar = ShippedSidecar(tmp_path / f"sidecar-{number}", folder / "sidecar.yaml", to_backend)
            sidecars.append(running.enter_context(sidecar))
            backends.append(backend)
        first = {"SIDECAR_HOSTNAME": "localhost", "SIDECAR_PORT": str(sidecars[0].grpc_port), **of_gateway}
        members = [f"127.0.0.1:{sidecar.grpc_port}" for sidecar in sidecars]
        more = () if found_by == "dns" else tuple(listed(name, members) for name in LOAD_BALANCERS)
        gateway = running.enter_context(Collector(tmp_path / "gateway", folder / "gateway.yaml", first, more=more))
        singles = [span for trace in sent for span in trace]
        random.Random(5).shuffle(singles)
        export(gateway.grpc_port, [request_of([span]) for span in singles])
        export(gateway.grpc_port, [metrics()])
        wait_until(
            "all has arrived",
            lambda: (
                sum(len(backend.spans()) for backend in backends) == 240
                and sum(len(backend.raw["metrics"]) for backend in backends) == 1
            ),
        )
    for backend in backends:
        here = {span.trace_id for span in backend.spans()}
        assert len(here) > 30
        assert_whole([trace for trace in sent if trace[0].trace_id in here], backend.spans())
        assert_clean(backend.all_bytes())


LOAD_BALANCERS = ("load_balancing", "load_balancing/metrics")


def listed(exporter: str, members: list[str]) -> str:
    """More configuration: the load balancer's own resolver goes, a list of addresses takes its place."""
    resolver = json.dumps({"dns": None, "static": {"hostnames": members}})
    return f"yaml:exporters::{exporter}::resolver: {resolver}"


def certificates(directory: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What the gateway and what the sidecars are told: one authority, a server certificate, a client certificate."""
    authority = Authority(directory)
    server, client = authority.issue("server", host="genai-sidecar-gateway"), authority.issue("client", host="gateway")
    return (
        {
            "SIDECAR_CA_FILE": str(authority.cert),
            "CLIENT_CERT_FILE": str(client.cert),
            "CLIENT_KEY_FILE": str(client.key),
        },
        {
            "TLS_CERT_FILE": str(server.cert),
            "TLS_KEY_FILE": str(server.key),
            "TLS_CLIENT_CA_FILE": str(authority.cert),
        },
    )


BACKENDS = (
    ("langfuse", "LANGFUSE_BASE_URL", "/api/public/otel/v1/traces",
     {"authorization": "Basic cGs6c2s=", "x-langfuse-ingestion-version": "4"}),
    ("phoenix", "PHOENIX_COLLECTOR_ENDPOINT", "/v1/traces", {"authorization": "Bearer none"}),
    ("mlflow", "MLFLOW_TRACKING_URI", "/v1/traces", {"x-mlflow-experiment-id": "7"}),
    ("datadog", "DATADOG_OTLP_ENDPOINT", "/v1/traces", {"dd-api-key": "key", "dd-otlp-source": "llmobs"}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "variable", "path", "headers"), BACKENDS, ids=lambda value: str(value)[:12])
def test_backend_over_http(tmp_path: Path, name: str, variable: str, path: str, headers: dict[str, str]) -> None:
    """Traces arrive whole, at the path and with the headers that the vendor documents. Logs, which such a backend does
    not take, are not sent, and accounted for.
    """
    sent = chats(3)
    with HttpBackend() as backend:
        environment = {**REQUIRED, variable: backend.url}
        file = CONFIGS / "backends" / f"{name}.yaml"
        with ShippedSidecar(tmp_path, file, environment, policy=KEEP_ALL_AS_IT_IS) as sidecar:
            export(sidecar.grpc_port, [logs(Span()), *(request_of(trace) for trace in sent)])
            wait_until("all has arrived", lambda: done(sidecar) and len(backend.spans()) == 6)
            assert total(sidecar.metrics(), "genai_sidecar_rejected_total", reason="no_exporter", signal="logs") > 0
    assert_whole(sent, backend.spans())
    for arrival in backend.arrivals:
        assert arrival.path == path
        assert headers.items() <= arrival.headers.items()


def test_backend_over_grpc(tmp_path: Path) -> None:
    """Jaeger and Tempo: traces arrive whole, and nothing else."""
    sent = chats(3)
    with Backend() as backend:
        environment = {"JAEGER_ENDPOINT": f"127.0.0.1:{backend.port}"}
        file = CONFIGS / "backends" / "jaeger.yaml"
        with ShippedSidecar(tmp_path, file, environment, policy=KEEP_ALL_AS_IT_IS) as sidecar:
            export(sidecar.grpc_port, [logs(Span()), metrics(), *(request_of(trace) for trace in sent)])
            wait_until("all has arrived", lambda: done(sidecar) and len(backend.spans()) == 6)
    assert_whole(sent, backend.spans())
    assert not backend.raw["logs"]
    assert not backend.raw["metrics"]


@needs_collector
def test_migration(tmp_path: Path) -> None:
    """The old Collector and what takes its place keep the same traces, but for those that only a score keeps; and the
    old one lets through what the new one does not.
    """
    sent = chats(300)
    for number, trace in enumerate(sent):
        # Three hundred, so that each rule of the old file has traces of its own.
        set_attribute(trace[0], "app.plan", "enterprise" if number % 20 == 2 else "basic")
        set_attribute(trace[0], "user.password", "Tr0ub4dor&3")
        trace[0].end_time_unix_nano += 30_000_000_000 if number % 20 == 3 else 0
    folder = CONFIGS / "migration"
    waiting = {"DECISION_WAIT": "2s"}
    with Backend() as old_backend, Backend() as new_backend:
        to_old, to_new = (
            {"BACKEND_ENDPOINT": f"127.0.0.1:{backend.port}", "BACKEND_INSECURE": "true", **waiting}
            for backend in (old_backend, new_backend)
        )
        with (
            Collector(tmp_path / "old", folder / "before" / "collector.yaml", to_old) as old,
            Collector(tmp_path / "new", folder / "after" / "collector.yaml", to_new) as new,
            ShippedSidecar(
                tmp_path / "sidecar",
                folder / "after" / "sidecar.yaml",
                {"COLLECTOR_ENDPOINT": f"127.0.0.1:{new.grpc_port}", **waiting},
                policy=folder / "after" / "policy.yaml",
            ) as sidecar,
        ):
            requests = [request_of(trace) for trace in sent]
            export(sidecar.grpc_port, requests)
            export(old.grpc_port, requests)
            wait_until("the sidecar is done", lambda: done(sidecar))
            old.terminate()
            new.terminate()
        kept_before, kept_after = (
            {span.trace_id for span in backend.spans()} for backend in (old_backend, new_backend)
        )
        low_scores = {trace[0].trace_id for number, trace in enumerate(sent) if number % 20 == 1}
        assert kept_before <= kept_after
        assert kept_after - kept_before <= low_scores <= kept_after
        assert len(kept_before) > 4 * 15 - 15
        for backend, kept in ((old_backend, kept_before), (new_backend, kept_after)):
            assert_whole([trace for trace in sent if trace[0].trace_id in kept], backend.spans())
        assert_clean(new_backend.all_bytes())
        assert b"Tr0ub4dor" not in new_backend.all_bytes()
        # Patterns see attribute values alone; and nobody wrote one for telephone numbers.
        leaked = old_backend.all_bytes()
        assert PHONE.encode() in leaked
        assert EMAIL.encode() in b"".join(span.status.message.encode() for span in old_backend.spans())
        assert b"Tr0ub4dor" not in leaked


def test_migration_copies_the_policies() -> None:
    """What the new policy file calls copied is the old file's list, word by word."""
    before = (CONFIGS / "migration" / "before" / "collector.yaml").read_text()
    after = (CONFIGS / "migration" / "after" / "policy.yaml").read_text()
    old, new = (
        [line.strip() for line in text.splitlines() if line.strip().startswith("- {name:")] for text in (before, after)
    )
    assert old
    assert new[: len(old)] == old
