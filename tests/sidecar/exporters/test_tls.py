"""TLS towards backends that are not what they should be, on both protocols: nothing is sent, and the reason is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sidecar.batch import Delivered, Refused, Retry
from sidecar.clock import SystemClock
from sidecar.exporters import Exporter, make_exporter
from sidecar.exporters.config import EXPORTER_CONFIGS
from sidecar.exporters.tls_failure import EXPLANATIONS
from tests.sidecar.exporters.backends import Answer, Backend, batch_of, grpc_backend, http_backend
from tests.support.certificates import BORN, Authority, MountedSecret, Pair

ways = pytest.mark.parametrize("way", ["otlp", "otlphttp"])


@asynccontextmanager
async def backend_of(way: str, pair: Pair | None = None, client_ca: Path | None = None) -> AsyncIterator[Backend]:
    async with AsyncExitStack() as stack:
        if way == "otlp":
            ca = None if client_ca is None else client_ca.read_bytes()  # noqa: ASYNC240  # a file of a kilobyte
            yield await stack.enter_async_context(grpc_backend(pair, client_ca=ca))
        else:
            yield await stack.enter_async_context(
                http_backend(pair, client_ca=None if client_ca is None else str(client_ca))
            )


@asynccontextmanager
async def exporter_to(way: str, port: int, scheme: str = "https", **tls: Any) -> AsyncIterator[Exporter]:
    settings = {"endpoint": f"{scheme}://127.0.0.1:{port}", "tls": {key: str(path) for key, path in tls.items()}}
    exporter = make_exporter(f"{way}/b", EXPORTER_CONFIGS[way].model_validate(settings), SystemClock())
    await exporter.start()
    try:
        yield exporter
    finally:
        await exporter.close()


def look(exporter: Exporter) -> None:
    for _ in range(2):
        for files in exporter.credentials:
            files.reload(1_800_000_000)


@ways
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("authority", "tls_unknown_authority"),
        ("host", "tls_wrong_host"),
        ("address", "tls_wrong_host"),
        ("expired", "tls_certificate_expired"),
        ("not yet valid", "tls_certificate_not_yet_valid"),
        ("plain text", "tls_not_spoken"),
        ("no client certificate", "tls_client_certificate"),
        ("expired client certificate", "tls_client_certificate"),
        ("foreign client certificate", "tls_client_certificate"),
    ],
)
def test_a_backend_that_is_not_right_gets_nothing_and_the_reason_is_told(
    tmp_path: Path, way: str, wrong: str, reason: str
) -> None:
    """The outcome keeps the data; the reason is one of those the log can explain."""
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    pair = ours.issue(
        "server",
        host={"host": "elsewhere.test", "address": "127.0.0.2"}.get(wrong, "127.0.0.1"),
        until_year=2021 if wrong == "expired" else 2090,
        born=BORN.replace(year=2085) if wrong == "not yet valid" else BORN,
    )
    tls: dict[str, Any] = {"ca_file": (other if wrong == "authority" else ours).cert}
    if wrong in {"expired client certificate", "foreign client certificate"}:
        expired = wrong == "expired client certificate"
        own = (ours if expired else other).issue("client", until_year=2021 if expired else 2090)
        tls |= {"cert_file": own.cert, "key_file": own.key}

    async def scenario() -> None:
        served = None if wrong == "plain text" else pair
        async with (
            backend_of(way, served, ours.cert if "client" in wrong else None) as backend,
            exporter_to(way, backend.port, **tls) as exporter,
        ):
            assert await exporter.send(batch_of()) == Retry(reason)
            assert await exporter.send(batch_of()) == Retry(reason)
            assert not backend.received
        assert reason in EXPLANATIONS

    asyncio.run(asyncio.wait_for(scenario(), 40))


@ways
@pytest.mark.parametrize("client_ca", [False, True])
def test_plain_text_to_a_port_for_tls(tmp_path: Path, way: str, *, client_ca: bool) -> None:
    """The backend hangs up without a word; looking once more tells why."""
    ours = Authority(tmp_path)

    async def scenario() -> None:
        async with (
            backend_of(way, ours.issue("server"), ours.cert if client_ca else None) as backend,
            exporter_to(way, backend.port, "http") as exporter,
        ):
            assert await exporter.send(batch_of()) == Retry("tls_required")
            assert not backend.received

    asyncio.run(asyncio.wait_for(scenario(), 40))


def test_a_400_over_tls_itself_is_no_refusal(tmp_path: Path) -> None:
    """Go's servers, nginx and others answer plain HTTP on a port for TLS with 400, nginx also a wrong client
    certificate: the data must not be dropped for it. Any other 400 is one.
    """
    ours = Authority(tmp_path)

    async def scenario() -> None:
        async with http_backend(ours.issue("server")) as secure:

            async def mixed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                first = await reader.read(65536)
                if first[:1] == b"\x16":
                    there, onward = await asyncio.open_connection("127.0.0.1", secure.port)
                    onward.write(first)
                    writer.write(await there.read(65536))
                    onward.close()
                else:
                    writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
                await writer.drain()
                writer.close()

            server = await asyncio.start_server(mixed, "127.0.0.1", 0)
            async with server, exporter_to("otlphttp", server.sockets[0].getsockname()[1], "http") as exporter:
                assert await exporter.send(batch_of()) == Retry("tls_required")
        async with http_backend(ours.issue("server")) as nginx:
            nginx.answers.append(Answer(status=400, body=b"<center>No required SSL certificate was sent</center>"))
            nginx.answers.append(Answer(status=400, body=b"bad data"))
            async with exporter_to("otlphttp", nginx.port, ca_file=ours.cert) as exporter:
                assert await exporter.send(batch_of()) == Retry("tls_client_certificate")
                assert await exporter.send(batch_of()) == Refused("http_400")
        async with http_backend() as plain, exporter_to("otlphttp", plain.port, "http") as exporter:
            plain.always = Answer(status=400)
            assert await exporter.send(batch_of()) == Refused("http_400")
            assert len(plain.received) == 1

    asyncio.run(asyncio.wait_for(scenario(), 40))


@ways
def test_a_backend_that_hangs_up_is_not_blamed_for_tls(tmp_path: Path, way: str) -> None:
    """No reason of TLS is made up where there is none, with TLS or without."""
    ours = Authority(tmp_path)

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def scenario() -> None:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            async with exporter_to(way, port, "http") as plain:
                assert await plain.send(batch_of()) == Retry("grpc_unavailable" if way == "otlp" else "connection")
            async with exporter_to(way, port, ca_file=ours.cert) as encrypted:
                outcome = await encrypted.send(batch_of())
                assert outcome in {
                    Retry("grpc_unavailable"), Retry("connection"), Retry("tls_handshake")
                }  # fmt: skip

    asyncio.run(asyncio.wait_for(scenario(), 40))


@ways
def test_a_client_certificate_rotates(tmp_path: Path, way: str) -> None:
    """One the backend does not believe is refused by it; half-written files change nothing; the new one works."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    own = stranger.issue("client")

    async def scenario() -> None:
        async with (
            backend_of(way, authority.issue("server"), authority.cert) as backend,
            exporter_to(way, backend.port, ca_file=authority.cert, cert_file=own.cert, key_file=own.key) as exporter,
        ):
            assert await exporter.send(batch_of()) == Retry("tls_client_certificate")
            own.key.write_text("half a key")
            look(exporter)
            assert exporter.credentials[0].problem == "invalid"
            authority.issue("client")
            look(exporter)
            assert await exporter.send(batch_of()) == Delivered()

    asyncio.run(asyncio.wait_for(scenario(), 40))


@ways
def test_authorities_rotate(tmp_path: Path, way: str) -> None:
    """While all is well: from the next connection on, a backend of the retired authority is not believed."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    mounted = MountedSecret(tmp_path / "ca", {"ca.crt": old.cert.read_bytes()})

    async def scenario() -> None:
        async with (
            backend_of(way, old.issue("server")) as backend,
            exporter_to(way, backend.port, ca_file=mounted.path("ca.crt")) as exporter,
        ):
            assert await exporter.send(batch_of()) == Delivered()
            mounted.update({"ca.crt": new.cert.read_bytes()})
            look(exporter)
            assert await exporter.send(batch_of()) == Retry("tls_unknown_authority")
            mounted.update({"ca.crt": new.cert.read_bytes() + old.cert.read_bytes()})
            look(exporter)
            assert await exporter.send(batch_of()) == Delivered()
            assert len(backend.received) == 2

    asyncio.run(asyncio.wait_for(scenario(), 40))


@ways
def test_rotation_costs_no_request_in_flight(tmp_path: Path, way: str) -> None:
    """It ends on the connection it began on."""
    authority = Authority(tmp_path)
    own = authority.issue("client")

    async def scenario() -> None:
        async with (
            backend_of(way, authority.issue("server"), authority.cert) as backend,
            exporter_to(way, backend.port, ca_file=authority.cert, cert_file=own.cert, key_file=own.key) as exporter,
        ):
            backend.answers.append(Answer(hang=True))
            attempt = asyncio.create_task(exporter.send(batch_of()))
            await backend.asked.wait()
            authority.issue("client")
            look(exporter)
            assert await exporter.send(batch_of()) == Delivered()
            backend.released.set()
            assert await attempt == Delivered()

    asyncio.run(asyncio.wait_for(scenario(), 40))


def test_every_reason_is_explained() -> None:
    """In words that stand after `the backend takes no data (reason: …)`."""
    assert all(reason.startswith("tls_") and not text.endswith(".") for reason, text in EXPLANATIONS.items())
