from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused, Retry
from sidecar.exporters.config import OtlpExporterConfig
from sidecar.exporters.otlp_grpc import OtlpGrpcExporter
from tests.sidecar.exporters.backends import (
    Answer,
    batch_of,
    counting_proxy,
    grpc_backend,
    partial_success,
    retry_info,
)
from tests.support.certificates import Authority
from tests.support.ports import free_ports

RETRYABLE = {"CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"}


def exporter_to(port: int, *, tls: dict[str, Any] | None = None, **settings: Any) -> OtlpGrpcExporter:
    config = {"endpoint": f"127.0.0.1:{port}", "tls": tls or {"insecure": True}, **settings}
    return OtlpGrpcExporter("otlp/backend", OtlpExporterConfig.model_validate(config))


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
@pytest.mark.parametrize("after", [None, 7])
def test_every_code_has_its_outcome(code: grpc.StatusCode, after: int | None) -> None:
    """OTLP's table: six codes are retryable, RESOURCE_EXHAUSTED with RetryInfo only; RetryInfo is passed on."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            backend.always = Answer(code=code, details_bin=None if after is None else retry_info(after, 500_000_000))
            exporter = exporter_to(backend.port)
            await exporter.start()
            outcome = await exporter.send(batch_of())
            await exporter.close()
        reason = f"grpc_{code.name.lower()}"
        if code.name in RETRYABLE or (code.name == "RESOURCE_EXHAUSTED" and after is not None):
            assert outcome == Retry(reason, None if after is None else after + 0.5)
        else:
            assert outcome == Refused(reason)
        assert len(backend.received) == 1

    asyncio.run(scenario())


def test_headers_and_user_agent_arrive() -> None:
    """Names go out in lower case; the sidecar says who it is."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            exporter = exporter_to(backend.port, headers={"Authorization": "Bearer t0p", "x-scope": "a b"})
            await exporter.start()
            assert await exporter.send(batch_of()) == Delivered()
            await exporter.close()
        (received,) = backend.received
        assert received.headers["authorization"] == "Bearer t0p"
        assert received.headers["x-scope"] == "a b"
        assert received.headers["user-agent"].startswith("otel-genai-sidecar")

    asyncio.run(scenario())


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_gzip_is_on_the_wire(compression: str) -> None:
    """A megabyte of repetition takes a tenth of it at most with gzip, all of it without; it arrives whole either way."""

    async def scenario() -> None:
        batch = batch_of(items=20_000)
        async with grpc_backend() as backend, counting_proxy(backend.port) as proxy:
            exporter = exporter_to(proxy.port, compression=compression)
            await exporter.start()
            assert await exporter.send(batch) == Delivered()
            await exporter.close()
        assert backend.received[0].payload == batch.payload
        assert (proxy.bytes_in < len(batch.payload) / 10) is (compression == "gzip")

    asyncio.run(scenario())


def test_an_answer_above_4_mib_is_refused() -> None:
    """The response limit is on our side, and not retryable."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            backend.always = Answer(body=partial_success(1, "x" * 5_000_000))
            exporter = exporter_to(backend.port)
            await exporter.start()
            assert await exporter.send(batch_of()) == Refused("grpc_resource_exhausted")
            await exporter.close()

    asyncio.run(scenario())


def test_an_attempt_is_bounded_by_its_timeout() -> None:
    """A backend that never answers costs one timeout."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            backend.always = Answer(hang=True)
            exporter = exporter_to(backend.port, timeout="200ms")
            await exporter.start()
            assert await exporter.send(batch_of()) == Retry("grpc_deadline_exceeded")
            await exporter.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_no_backend_is_no_exception_and_its_return_is_noticed() -> None:
    """Connection refused may pass; once the backend is back, a later attempt on the same exporter delivers."""

    async def scenario() -> None:
        (port,) = free_ports(1)
        exporter = exporter_to(port)
        await exporter.start()
        assert await exporter.send(batch_of()) == Retry("grpc_unavailable")
        async with grpc_backend(port=port):
            while isinstance(outcome := await exporter.send(batch_of()), Retry):  # noqa: ASYNC110  # gRPC's own wait
                await asyncio.sleep(0.1)
            assert outcome == Delivered()
        await exporter.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_proxy_variables_open_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """http_proxy and grpc_proxy name an address the configuration does not."""

    async def scenario() -> None:
        async with grpc_backend() as backend, counting_proxy(None) as proxy:
            for name in ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            exporter = exporter_to(backend.port)
            await exporter.start()
            assert await exporter.send(batch_of()) == Delivered()
            await exporter.close()
            assert proxy.connections == 0

    asyncio.run(scenario())


def test_tls_with_a_certificate_of_the_named_authority(tmp_path: Path) -> None:
    """The backend is believed if its certificate leads to ca_file, and its endpoint may say https://."""
    authority = Authority(tmp_path)

    async def scenario() -> None:
        async with grpc_backend(authority.issue("server")) as backend:
            for endpoint in (f"127.0.0.1:{backend.port}", f"https://127.0.0.1:{backend.port}"):
                exporter = exporter_to(0, endpoint=endpoint, tls={"ca_file": str(authority.cert)})
                await exporter.start()
                assert await exporter.send(batch_of()) == Delivered()
                await exporter.close()

    asyncio.run(scenario())


def test_server_name_override(tmp_path: Path) -> None:
    """The certificate is held against the name that was given instead of the endpoint's."""
    authority = Authority(tmp_path)
    pair = authority.issue("server", host="backend.test")

    async def scenario() -> None:
        async with grpc_backend(pair) as backend:
            tls = {"ca_file": str(authority.cert), "server_name_override": "backend.test"}
            exporter = exporter_to(backend.port, tls=tls)
            await exporter.start()
            assert await exporter.send(batch_of()) == Delivered()
            await exporter.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("key", ["ca_file", "cert_file"])
def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path, key: str) -> None:
    """A missing file, and one that holds no certificate, are errors at the start, not handshakes that fail for ever."""
    junk, missing = tmp_path / "junk.pem", tmp_path / "missing.pem"
    junk.write_text("junk")
    for path in (junk, missing):
        tls = {key: str(path)} | ({"key_file": str(path)} if key == "cert_file" else {})
        exporter = exporter_to(4317, tls=tls)
        with pytest.raises(OSError):  # its text is OpenSSL's
            asyncio.run(exporter.start())


def test_a_cancelled_attempt_is_cancelled() -> None:
    """Cancellation is ours: it must not be taken for an answer of the backend."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            backend.always = Answer(hang=True)
            exporter = exporter_to(backend.port)
            await exporter.start()
            attempt = asyncio.create_task(exporter.send(batch_of()))
            await backend.asked.wait()
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt
            await exporter.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_closing_gives_up_what_is_in_flight() -> None:
    """An attempt under way ends with an outcome that keeps the batch."""

    async def scenario() -> None:
        async with grpc_backend() as backend:
            backend.always = Answer(hang=True)
            exporter = exporter_to(backend.port)
            await exporter.start()
            attempt = asyncio.create_task(exporter.send(batch_of()))
            await backend.asked.wait()
            await exporter.close()
            assert isinstance(await attempt, Retry)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_bytes_go_out_as_they_are() -> None:
    """Nothing is parsed or re-encoded: an unknown field arrives, too."""
    raw = batch_of().payload + b"\xfa\x07\x03new"

    async def scenario() -> None:
        async with grpc_backend() as backend:
            exporter = exporter_to(backend.port)
            await exporter.start()
            await exporter.send(Batch(1, Signal.TRACES, raw, 1))
            await exporter.close()
        assert backend.received[0].payload == raw

    asyncio.run(scenario())


def test_headers_are_not_shown() -> None:
    """A configuration that is printed does not print a header's value."""
    config = OtlpExporterConfig.model_validate({"endpoint": "h:1", "headers": {"authorization": "s3cret"}})
    assert "s3cret" not in f"{config!r} {config} {config.model_dump_json()}"
