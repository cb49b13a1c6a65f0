"""TLS as a whole: the real process, clients with the SDK, backends that are not what they should be."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.support.backend import Backend, wait_until
from tests.support.certificates import Authority, MountedSecret, Pair
from tests.support.ports import free_ports
from tests.support.sending import TRACE_EXPORT, send
from tests.support.sidecar_process import KEEP_ALL, Sidecar, total

POLICY = KEEP_ALL + "pii: {enabled: false}\n"


def rewire(sidecar: Sidecar, old: str, new: str) -> None:
    text = sidecar.config_file.read_text()
    assert text.count(old) == 1
    sidecar.config_file.write_text(text.replace(old, new))


def with_tls(sidecar: Sidecar, mounted: MountedSecret) -> Sidecar:
    files = {"cert_file": "tls.crt", "key_file": "tls.key", "client_ca_file": "ca.crt"}
    tls = ", ".join(f"{key}: {mounted.path(name)}" for key, name in files.items())
    for port in (sidecar.grpc_port, sidecar.http_port):
        rewire(sidecar, f"127.0.0.1:{port}}}", f"127.0.0.1:{port}, tls: {{{tls}}}}}")
    return sidecar


def one_span() -> tuple[ReadableSpan, ...]:
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    provider.get_tracer("t").start_span("chat").end()
    provider.shutdown()
    return memory.get_finished_spans()


def exported(way: str, sidecar: Sidecar, ca: Path, own: Pair | None) -> bool:
    """Whether the SDK's exporter for that way delivers a span."""
    exporter: Any
    if way == "grpc":
        pair = (None, None) if own is None else (own.key.read_bytes(), own.cert.read_bytes())
        credentials = grpc.ssl_channel_credentials(ca.read_bytes(), *pair)
        exporter = GrpcExporter(f"https://127.0.0.1:{sidecar.grpc_port}", credentials=credentials, timeout=1)
    else:
        exporter = HttpExporter(
            f"https://127.0.0.1:{sidecar.http_port}/v1/traces",
            certificate_file=str(ca),
            client_certificate_file=None if own is None else str(own.cert),
            client_key_file=None if own is None else str(own.key),
            timeout=1,
        )
    try:
        return bool(exporter.export(one_span()) is SpanExportResult.SUCCESS)
    finally:
        exporter.shutdown()


def test_certificates_of_a_running_sidecar_rotate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Mounted as Kubernetes does it. The old ones stay while the new ones are wrong; both receivers take the right ones
    by themselves; metrics and log tell of each, and of the certificate that is about to expire.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)  # they would overrule the SDK's own setting
    caplog.set_level(logging.CRITICAL, "opentelemetry")
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    now = dt.datetime.now(dt.UTC)
    first = old.issue("first", born=now - dt.timedelta(days=60), until=now + dt.timedelta(days=3))
    mounted = MountedSecret(tmp_path / "tls", first.contents() | {"ca.crt": old.cert.read_bytes()})
    of_old, of_new = old.issue("old-client"), new.issue("new-client")
    with Backend() as backend, with_tls(Sidecar(tmp_path, backend.port, policy=POLICY), mounted) as sidecar:

        def reloads(result: str) -> float:
            return total(sidecar.metrics(), "genai_sidecar_credential_reloads_total", kind="TLS", result=result)

        def expires_in_s() -> float:
            return total(sidecar.metrics(), "genai_sidecar_certificate_expires_in_seconds", used_by="receivers/http")

        assert 2 * 86400 < expires_in_s() < 3 * 86400
        assert "receivers/grpc: the certificate expires in 3 days." in sidecar.log()
        for way in ("grpc", "http"):
            assert exported(way, sidecar, old.cert, of_old)
            assert not exported(way, sidecar, old.cert, None)
        second = new.issue("second")
        mounted.update(second.contents() | {"ca.crt": new.cert.read_bytes(), "tls.key": first.key.read_bytes()})
        wait_until("the mismatch is told", lambda: reloads("mismatch") == 2)
        assert total(sidecar.metrics(), "genai_sidecar_credentials_up_to_date") == 0
        for way in ("grpc", "http"):
            assert exported(way, sidecar, old.cert, of_old)
        mounted.update(second.contents() | {"ca.crt": new.cert.read_bytes()})
        wait_until("the new ones are in force", lambda: reloads("applied") == 2)
        for way in ("grpc", "http"):
            assert exported(way, sidecar, new.cert, of_new)
            assert not exported(way, sidecar, new.cert, of_old)
        assert expires_in_s() > 365 * 86400
        assert "PRIVATE" not in sidecar.log()
        wait_until("what was acknowledged arrives", lambda: len(backend.spans()) == 6)


@contextmanager
def wrong_backend(port: int, pair: Pair | None, client_ca: Path | None = None) -> Iterator[None]:
    """Would take everything, if it were spoken to."""
    server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
    taken: list[bytes] = []

    def export(raw: bytes, _: grpc.ServicerContext) -> bytes:
        taken.append(raw)
        return b""

    method = grpc.unary_unary_rpc_method_handler(export)
    service = TRACE_EXPORT.strip("/").partition("/")[0]
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": method}),))
    if pair is None:
        server.add_insecure_port(f"127.0.0.1:{port}")
    else:
        ca = None if client_ca is None else client_ca.read_bytes()
        credentials = grpc.ssl_server_credentials(
            [(pair.key.read_bytes(), pair.cert.read_bytes())], ca, require_client_auth=ca is not None
        )
        server.add_secure_port(f"127.0.0.1:{port}", credentials)
    server.start()
    try:
        yield
    finally:
        server.stop(0).wait(5)
    assert not taken, "something was sent to a backend that must not be believed"


@pytest.mark.timeout(120)
def test_data_waits_until_the_backend_is_right(tmp_path: Path) -> None:
    """One cause after the other, each told in metric and log by its name; nothing is sent, or sent in plain text, and
    nothing dropped; once the backend is as it should be, all arrives.
    """
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    good = ours.issue("good")
    causes: list[tuple[str, Pair | None, Path | None]] = [
        ("tls_certificate_expired", ours.issue("expired", until_year=2021), None),
        ("tls_wrong_host", ours.issue("host", host="elsewhere.test"), None),
        ("tls_unknown_authority", other.issue("foreign"), None),
        ("tls_not_spoken", None, None),
        ("tls_client_certificate", good, ours.cert),
    ]
    (port,) = free_ports(1)
    sidecar = Sidecar(tmp_path, port, policy=POLICY)
    rewire(sidecar, "tls: {insecure: true}", f"tls: {{ca_file: {ours.cert}}}")

    def retries(reason: str) -> float:
        return total(sidecar.metrics(), "genai_sidecar_exporter_retries_total", reason=reason)

    with sidecar:
        send(sidecar, 5)
        for reason, pair, client_ca in causes:
            with wrong_backend(port, pair, client_ca):
                wait_until(reason, lambda reason=reason: retries(reason) > 0)  # type: ignore[misc]  # bound early
            assert f"({reason}: " in sidecar.log()
        assert total(sidecar.metrics(), "genai_sidecar_exporter_refused_total") == 0
        with Backend(port, pair=good) as backend:
            wait_until("all arrives", lambda: len(backend.spans()) == 10)
        assert "the backend answers again" in sidecar.log()


@pytest.mark.timeout(120)
def test_plain_text_to_a_backend_that_wants_tls_is_told(tmp_path: Path) -> None:
    """The other way round: the data waits, and the reason names the key that is wrong."""
    ours = Authority(tmp_path)
    with Backend(pair=ours.issue("server")) as backend, Sidecar(tmp_path, backend.port, policy=POLICY) as sidecar:
        send(sidecar, 1)
        wait_until(
            "it is told",
            lambda: total(sidecar.metrics(), "genai_sidecar_exporter_retries_total", reason="tls_required") > 0,
        )
        assert "(tls_required: it wants TLS" in sidecar.log()
        assert total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox") == 2
        assert backend.spans() == []
