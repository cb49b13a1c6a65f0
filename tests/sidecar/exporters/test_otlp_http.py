from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Delivered, Outcome, Refused, Retry
from sidecar.exporters.config import OtlpHttpExporterConfig
from sidecar.exporters.otlp_http import OtlpHttpExporter
from tests.sidecar.exporters.backends import Answer, Backend, batch_of, counting_proxy, http_backend, partial_success
from tests.support.certificates import Authority
from tests.support.clock import FakeClock
from tests.support.ports import free_ports

EPOCH_S = 1_800_000_000


def exporter_to(port: int, *, scheme: str = "http", **settings: Any) -> OtlpHttpExporter:
    config = {"endpoint": f"{scheme}://127.0.0.1:{port}", **settings}
    return OtlpHttpExporter("otlphttp/backend", OtlpHttpExporterConfig.model_validate(config), FakeClock())


async def one_attempt(exporter: OtlpHttpExporter) -> Outcome:
    await exporter.start()
    try:
        return await exporter.send(batch_of(items=3))
    finally:
        await exporter.close()


def answered(answer: Answer, **settings: Any) -> tuple[Outcome, Backend]:
    """What becomes of one attempt, and the backend that answered it."""

    async def scenario() -> tuple[Outcome, Backend]:
        async with http_backend() as backend:
            backend.always = answer
            return await one_attempt(exporter_to(backend.port, **settings)), backend

    return asyncio.run(asyncio.wait_for(scenario(), 20))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 501, 502, 503, 504, 301, 307, 418])
def test_every_status_has_its_outcome(status: int) -> None:
    """OTLP's table: 429, 502, 503 and 504 are retryable and nothing else; one attempt is one request."""
    outcome, backend = answered(Answer(status=status))
    expected = Retry if status in {429, 502, 503, 504} else Refused
    assert outcome == expected(f"http_{status}")
    assert len(backend.received) == 1


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_2xx_is_a_success(status: int) -> None:
    """OTLP wants 200; backends that say the same otherwise must not be sent the data again."""
    assert answered(Answer(status=status))[0] == Delivered()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("value", "after_s"),
    [
        ("17", 17.0),
        (format_datetime(datetime.fromtimestamp(EPOCH_S + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(EPOCH_S - 90, UTC), usegmt=True), 0.0),
        ("soon", None),
    ],
)
def test_retry_after_in_both_forms(status: int, value: str, after_s: float | None) -> None:
    """Seconds as they are, a date against the clock, nonsense as if it were not there."""
    assert answered(Answer(status=status, headers={"retry-after": value}))[0] == Retry(f"http_{status}", after_s)


def test_a_redirect_is_not_followed() -> None:
    """The configuration names one address; another is not asked, and the data is not sent there."""

    async def scenario() -> None:
        async with http_backend() as elsewhere, http_backend() as backend:
            backend.always = Answer(status=308, headers={"location": f"http://127.0.0.1:{elsewhere.port}/v1/traces"})
            assert await one_attempt(exporter_to(backend.port)) == Refused("http_308")
            assert not elsewhere.received

    asyncio.run(scenario())


def test_partial_success() -> None:
    """The rejected are read from the 200 and kept within what was sent."""
    assert answered(Answer(body=partial_success(2, "odd")))[0] == Delivered(2, "odd")
    assert answered(Answer(body=partial_success(99)))[0] == Delivered(3, "no")
    assert answered(Answer(body=b"\xff\xff"))[0] == Delivered()


def test_partial_success_of_backends_that_answer_in_json() -> None:
    """Some answer protobuf in JSON; what they rejected counts all the same."""
    body = json.dumps({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "odd"}}).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    assert answered(Answer(body=body, headers=headers))[0] == Delivered(2, "odd")
    assert answered(Answer(body=b"{}", headers=headers))[0] == Delivered()
    assert answered(Answer(body=b"OK", headers=headers))[0] == Delivered()


def test_a_compressed_answer_is_read() -> None:
    """Though none was asked for."""
    answer = Answer(body=gzip.compress(partial_success(1)), headers={"content-encoding": "gzip"})
    assert answered(answer)[0] == Delivered(1, "no")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_above_4_mib_is_refused(encoding: str) -> None:
    """Before and after decompression: 10 MB of blanks take 10 KB on the wire."""
    body = partial_success(1, " " * 10_000_000)
    compressed = encoding == "gzip"
    answer = Answer(body=gzip.compress(body) if compressed else body, headers={"content-encoding": encoding})
    outcome, _ = answered(answer)
    assert outcome == Refused("response_too_large")


@pytest.mark.parametrize("answer", [Answer(hang=True), Answer(trickle=True)], ids=["silent", "trickling"])
def test_an_attempt_is_bounded_by_its_timeout(answer: Answer) -> None:
    """No answer, and one that comes a byte at a time without end, both cost one timeout."""
    assert answered(answer, timeout="300ms")[0] == Retry("timeout")


def test_no_backend_is_no_exception() -> None:
    """Connection refused, and a connection that is dropped without an answer, may pass."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async def scenario() -> None:
        assert await one_attempt(exporter_to(free_ports(1)[0])) == Retry("connection")
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            assert await one_attempt(exporter_to(server.sockets[0].getsockname()[1])) == Retry("connection")

    asyncio.run(scenario())


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"])
def test_what_is_not_http_is_no_exception(garbage: bytes) -> None:
    """Another protocol, and an answer that stops half-way: both may pass."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):  # the look for TLS sends no request
            await reader.readuntil(b"\r\n\r\n")
            writer.write(garbage)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def scenario() -> None:
        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        async with server:
            assert await one_attempt(exporter_to(server.sockets[0].getsockname()[1])) == Retry("connection")

    asyncio.run(scenario())


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_what_arrives(compression: str) -> None:
    """Binary protobuf with its content type, the configured headers, compressed or not; and each signal at its path."""

    async def scenario() -> None:
        async with http_backend() as backend:
            headers = {"Authorization": "Bearer t0p", "x-scope": "a b"}
            exporter = exporter_to(backend.port, compression=compression, headers=headers)
            await exporter.start()
            for signal in Signal:
                batch = batch_of(signal, 10_000)
                assert await exporter.send(batch) == Delivered()
                received = backend.received[-1]
                assert received.path == f"/v1/{signal.value}"
                assert received.payload == batch.payload
                assert received.headers["content-type"] == "application/x-protobuf"
                assert received.headers["authorization"] == "Bearer t0p"
                assert received.headers["x-scope"] == "a b"
                assert received.headers["user-agent"].startswith("otel-genai-sidecar")
                assert received.headers.get("content-encoding") == ("gzip" if compression == "gzip" else None)
                assert (len(received.wire) < len(batch.payload) / 10) is (compression == "gzip")
            await exporter.close()

    asyncio.run(scenario())


def test_endpoints_of_single_signals_are_taken_as_they_are() -> None:
    """A path of one's own and a query for traces; the others are appended to the base, whatever its path."""

    async def scenario() -> None:
        async with http_backend() as backend:
            base = f"http://127.0.0.1:{backend.port}"
            exporter = exporter_to(0, endpoint=f"{base}/api/otel/", traces_endpoint=f"{base}/spans?a=1")
            await exporter.start()
            for signal in Signal:
                await exporter.send(batch_of(signal))
            await exporter.close()
            assert [each.path for each in backend.received] == [
                "/spans?a=1", "/api/otel/v1/logs", "/api/otel/v1/metrics",
            ]  # fmt: skip

    asyncio.run(scenario())


def test_cookies_are_not_sent_back() -> None:
    """A backend, or a proxy before it, that sets one gets nothing from it."""

    async def scenario() -> None:
        async with http_backend() as backend:
            backend.always = Answer(headers={"set-cookie": "session=1"})
            exporter = exporter_to(backend.port)
            await exporter.start()
            await exporter.send(batch_of())
            await exporter.send(batch_of())
            await exporter.close()
            assert "cookie" not in backend.received[1].headers

    asyncio.run(scenario())


def test_proxy_variables_open_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """http_proxy names an address the configuration does not."""

    async def scenario() -> None:
        async with http_backend() as backend, counting_proxy(None) as proxy:
            for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            assert await one_attempt(exporter_to(backend.port)) == Delivered()
            assert proxy.connections == 0

    asyncio.run(scenario())


def test_tls_with_a_certificate_of_the_named_authority(tmp_path: Path) -> None:
    """The backend is believed if its certificate leads to ca_file."""
    authority = Authority(tmp_path)

    async def scenario() -> None:
        async with http_backend(authority.issue("server")) as backend:
            exporter = exporter_to(backend.port, scheme="https", tls={"ca_file": str(authority.cert)})
            assert await one_attempt(exporter) == Delivered()

    asyncio.run(scenario())


@pytest.mark.parametrize("tls", [{"insecure_skip_verify": True}, {"server_name_override": "backend.test"}])
def test_other_ways_to_know_the_backend(tmp_path: Path, tls: dict[str, Any]) -> None:
    """Its certificate is held against the name that was given, or against nothing where that was asked for."""
    authority = Authority(tmp_path)
    if "server_name_override" in tls:
        tls = {**tls, "ca_file": str(authority.cert)}

    async def scenario() -> None:
        async with http_backend(authority.issue("server", host="backend.test")) as backend:
            assert await one_attempt(exporter_to(backend.port, scheme="https", tls=tls)) == Delivered()

    asyncio.run(scenario())


def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path) -> None:
    """A missing file and one that holds no certificate are errors at the start."""
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    for path in (junk, tmp_path / "missing.pem"):
        exporter = exporter_to(4318, scheme="https", tls={"ca_file": str(path)})
        with pytest.raises(OSError):  # its text is OpenSSL's
            asyncio.run(exporter.start())


def test_a_cancelled_attempt_is_cancelled() -> None:
    """Cancellation is ours: it must not be taken for an answer of the backend."""

    async def scenario() -> None:
        async with http_backend() as backend:
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
