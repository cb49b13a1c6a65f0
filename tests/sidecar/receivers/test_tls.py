"""TLS on both protocols: who gets in, what the others see, and certificates that change while it runs."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sidecar.receivers.config import BearerAuth, GrpcReceiverConfig, HttpReceiverConfig, ServerTls
from sidecar.receivers.grpc_receiver import GrpcReceiver
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_receiver import HttpReceiver
from tests.support.certificates import BORN, Authority, MountedSecret, Pair
from tests.support.receiving import RememberingIntake
from tests.support.tls_clients import NOT_CONNECTED, Connected, Trust

ways = pytest.mark.parametrize("way", ["grpc", "http"])


def receiver_of(way: str, tls: ServerTls, intake: RememberingIntake, auth: BearerAuth | None = None) -> Any:
    if way == "grpc":
        return GrpcReceiver(GrpcReceiverConfig(endpoint="127.0.0.1:0", tls=tls, auth=auth), Guard(), intake)
    return HttpReceiver(HttpReceiverConfig(endpoint="127.0.0.1:0", tls=tls, auth=auth), Guard(), intake)


@dataclass
class Serving:
    way: str
    receiver: Any
    intake: RememberingIntake

    def connected(self, ca: Path, pair: Pair | None = None, **trust: Any) -> Connected:
        return Connected(self.way, self.receiver.port, Trust(ca, pair, **trust))

    async def seen_by(self, ca: Path, pair: Pair | None = None, **trust: Any) -> str:
        """What a new client sees."""
        async with self.connected(ca, pair, **trust) as client:
            return await client.send()

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            for files in self.receiver.credentials:
                files.reload(1_800_000_000)

    @property
    def problem(self) -> str:
        return str(self.receiver.credentials[0].problem)


@asynccontextmanager
async def serving(way: str, tls: ServerTls, auth: BearerAuth | None = None) -> AsyncIterator[Serving]:
    intake = RememberingIntake()
    receiver = receiver_of(way, tls, intake, auth)
    await receiver.start()
    try:
        yield Serving(way, receiver, intake)
    finally:
        await receiver.stop(0.2)


def run(way: str, tls: ServerTls, body: Callable[[Serving], Awaitable[None]], auth: BearerAuth | None = None) -> None:
    async def inside() -> None:
        async with serving(way, tls, auth) as it:
            await body(it)

    asyncio.run(asyncio.wait_for(inside(), 40))


def tls_of(server: Pair, client_ca: Path | None = None) -> ServerTls:
    return ServerTls(cert_file=server.cert, key_file=server.key, client_ca_file=client_ca)


# ── who gets in ────────────────────────────────────────────────────────────────────────────────────────────────


@ways
def test_a_client_that_trusts_the_authority_gets_in(way: str, tmp_path: Path) -> None:
    """And one that trusts another sends nothing."""
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")

    async def body(it: Serving) -> None:
        assert await it.seen_by(ours.cert) == "OK"
        assert await it.seen_by(other.cert) == NOT_CONNECTED
        assert len(it.intake.accepted) == 1

    run(way, tls_of(ours.issue("server")), body)


@ways
def test_whoever_is_turned_away_may_try_again_and_disturbs_nobody(way: str, tmp_path: Path) -> None:
    """No certificate, an expired one, one of another authority, no TLS: none gets an answer, so none gives its data up;
    who was connected before goes on over the same connection.
    """
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")

    async def body(it: Serving) -> None:
        async with it.connected(ours.cert, ours.issue("friend")) as friend:
            assert await friend.send() == "OK"
            for stranger in (
                Trust(ours.cert),
                Trust(ours.cert, ours.issue("late", until_year=2021)),
                Trust(ours.cert, other.issue("foreign")),
                Trust(ours.cert, plain=True),
            ):
                assert await it.seen_by(stranger.ca, stranger.pair, plain=stranger.plain) == NOT_CONNECTED
                assert await friend.send() == "OK"
        assert len(it.intake.accepted) == 5
        assert not it.intake.refused

    run(way, tls_of(ours.issue("server"), ours.cert), body)


@ways
def test_a_wrong_token_is_told_over_tls(way: str, tmp_path: Path) -> None:
    """Unlike a wrong certificate it is an answer, and a final one."""
    ours = Authority(tmp_path)
    token_file = tmp_path / "token"
    token_file.write_text("one\n")

    async def body(it: Serving) -> None:
        assert await it.seen_by(ours.cert, token="one") == "OK"
        assert await it.seen_by(ours.cert, token="two") == "UNAUTHENTICATED"
        assert await it.seen_by(ours.cert) == "UNAUTHENTICATED"
        token_file.write_text("one\ntwo\n")
        it.look()
        assert await it.seen_by(ours.cert, token="one") == await it.seen_by(ours.cert, token="two") == "OK"
        token_file.write_text("two\n")
        it.look()
        assert await it.seen_by(ours.cert, token="one") == "UNAUTHENTICATED"
        token_file.unlink()
        it.look()
        assert await it.seen_by(ours.cert, token="two") == "OK"
        assert await it.seen_by(ours.cert) == "UNAUTHENTICATED"

    run(way, tls_of(ours.issue("server")), body, BearerAuth(bearer_token_file=token_file))


@ways
def test_old_tls_is_refused(way: str, tmp_path: Path) -> None:
    """1.2 is the least, and is let in."""
    authority = Authority(tmp_path)

    async def body(it: Serving) -> None:
        context = ssl.create_default_context(cafile=str(authority.cert))
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        _, writer = await asyncio.open_connection("127.0.0.1", it.receiver.port, ssl=context)
        writer.close()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", it.receiver.port, ssl=context)

    with pytest.warns(DeprecationWarning, match="TLSv1"):
        run(way, tls_of(authority.issue("server")), body)


@ways
@pytest.mark.parametrize("wrong", ["missing", "mismatch", "garbage", "encrypted", "client_ca", "token"])
def test_a_wrong_file_fails_at_start(way: str, wrong: str, tmp_path: Path) -> None:
    """With an OSError that names the key, and never by serving plain text, or without a client's certificate or token."""
    authority = Authority(tmp_path)
    server = authority.issue("server", password=b"x" if wrong == "encrypted" else None)
    (tmp_path / "noise").write_text("no key")
    key = {"missing": tmp_path / "none", "mismatch": authority.issue("second").key, "garbage": tmp_path / "noise"}
    tls = ServerTls(
        cert_file=server.cert,
        key_file=key.get(wrong, server.key),
        client_ca_file=tmp_path / "noise" if wrong == "client_ca" else None,
    )
    auth = BearerAuth(bearer_token_file=tmp_path / "none") if wrong == "token" else None
    receiver = receiver_of(way, tls, RememberingIntake(), auth)
    named = {"client_ca": "client_ca_file", "token": "bearer_token_file"}.get(wrong, "key_file")
    with pytest.raises(OSError, match=named):
        asyncio.run(receiver.start())


# ── rotation ───────────────────────────────────────────────────────────────────────────────────────────────────


@ways
def test_rotation_drops_no_request(way: str, tmp_path: Path) -> None:
    """Clients of old connections and new ones send all the while; every request is answered, once."""
    ours = Authority(tmp_path)
    server = ours.issue("server")
    stop = asyncio.Event()

    async def body(it: Serving) -> None:
        answers: list[str] = []

        async def keep_sending() -> None:
            async with it.connected(ours.cert) as client:
                while not stop.is_set():
                    answers.append(await client.send())

        async def keep_connecting() -> None:
            while not stop.is_set():
                answers.append(await it.seen_by(ours.cert))

        senders = [asyncio.create_task(work()) for work in (keep_sending, keep_sending, keep_connecting)]
        for _ in range(5):
            ours.issue("server")
            it.look()
            await asyncio.sleep(0.1)
        stop.set()
        await asyncio.gather(*senders)
        assert set(answers) == {"OK"}
        assert len(answers) == len(it.intake.accepted) > 20
        assert it.receiver.credentials[0].results == {"applied": 5}

    run(way, tls_of(server), body)


@ways
def test_new_clients_meet_the_new_certificate(way: str, tmp_path: Path) -> None:
    """From another authority, even; who is connected stays so."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")

    async def body(it: Serving) -> None:
        async with it.connected(old.cert) as before:
            assert await before.send() == "OK"
            new.issue("server")
            assert await it.seen_by(old.cert) == "OK", "nobody has looked yet"
            it.look()
            assert await it.seen_by(new.cert) == "OK"
            assert await it.seen_by(old.cert) == NOT_CONNECTED
            assert await before.send() == "OK"

    run(way, tls_of(old.issue("server")), body)


@ways
def test_a_secret_mounted_by_kubernetes(way: str, tmp_path: Path) -> None:
    """All files change at once behind one link; paths, and what a reader may have open, stay."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    mounted = MountedSecret(tmp_path / "tls", old.issue("a").contents() | {"ca.crt": old.cert.read_bytes()})
    tls = ServerTls(
        cert_file=mounted.path("tls.crt"), key_file=mounted.path("tls.key"), client_ca_file=mounted.path("ca.crt")
    )

    async def body(it: Serving) -> None:
        assert await it.seen_by(old.cert, old.issue("client")) == "OK"
        mounted.update(new.issue("b").contents() | {"ca.crt": new.cert.read_bytes()})
        it.look()
        assert await it.seen_by(new.cert, new.issue("client")) == "OK"
        assert await it.seen_by(new.cert, old.issue("client")) == NOT_CONNECTED

    run(way, tls, body)


@ways
def test_authorities_of_clients_rotate(way: str, tmp_path: Path) -> None:
    """A new one is believed, a retired one no longer."""
    server, old, new = Authority(tmp_path, "server-ca"), Authority(tmp_path, "old"), Authority(tmp_path, "new")
    trusted = tmp_path / "clients.pem"
    trusted.write_bytes(old.cert.read_bytes())

    async def body(it: Serving) -> None:
        of_old, of_new = old.issue("old-client"), new.issue("new-client")
        assert await it.seen_by(server.cert, of_old) == "OK"
        assert await it.seen_by(server.cert, of_new) == NOT_CONNECTED
        trusted.write_bytes(old.cert.read_bytes() + new.cert.read_bytes())
        it.look()
        assert await it.seen_by(server.cert, of_old) == await it.seen_by(server.cert, of_new) == "OK"
        trusted.write_bytes(new.cert.read_bytes())
        it.look()
        assert await it.seen_by(server.cert, of_old) == NOT_CONNECTED
        assert await it.seen_by(server.cert, of_new) == "OK"
        assert await it.seen_by(server.cert) == NOT_CONNECTED

    run(way, tls_of(server.issue("server"), trusted), body)


@ways
@pytest.mark.parametrize("wrong", ["mismatch", "invalid", "missing", "expired", "not_yet_valid"])
def test_a_rotation_that_went_wrong_leaves_the_old_certificate(way: str, wrong: str, tmp_path: Path) -> None:
    """New clients get in as before, and the files say why; once they are right, they are taken."""
    ours = Authority(tmp_path)
    server = ours.issue("server")

    async def body(it: Serving) -> None:
        match wrong:
            case "mismatch":
                server.key.write_bytes(ours.issue("other").key.read_bytes())
            case "invalid":
                server.cert.write_bytes(server.cert.read_bytes()[:200])
            case "missing":
                server.key.unlink()
            case "expired":
                ours.issue("server", until_year=2021)
            case "not_yet_valid":
                ours.issue("server", born=BORN.replace(year=2089))
        it.look(4)
        assert it.problem == wrong
        assert it.receiver.credentials[0].results == {wrong: 1}
        assert await it.seen_by(ours.cert) == "OK"
        Authority(tmp_path, "new").issue("server")
        it.look()
        assert it.problem == ""
        assert await it.seen_by(ours.cert) == NOT_CONNECTED
        assert await it.seen_by(tmp_path / "new.pem") == "OK"

    run(way, tls_of(server), body)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_not_resumed_past_its_authority(version: ssl.TLSVersion, tmp_path: Path) -> None:
    """Resuming shows no certificate again: a client of a retired authority would stay in for hours."""
    server, old, new = Authority(tmp_path, "server-ca"), Authority(tmp_path, "old"), Authority(tmp_path, "new")
    trusted = tmp_path / "clients.pem"
    trusted.write_bytes(old.cert.read_bytes())
    client = old.issue("client")

    def request(port: int, context: ssl.SSLContext, session: ssl.SSLSession | None) -> tuple[bytes, Any, bool]:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            secure = context.wrap_socket(plain, server_hostname="127.0.0.1", session=session)
            with secure:
                secure.sendall(
                    b"POST /v1/traces HTTP/1.1\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"
                )
                answer = secure.recv(15)
                return answer, secure.session, bool(secure.session_reused)

    async def body(it: Serving) -> None:
        context = ssl.create_default_context(cafile=str(server.cert))
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(client.cert, client.key)
        answer, session, _ = await asyncio.to_thread(request, it.receiver.port, context, None)
        assert answer == b"HTTP/1.1 200 OK"
        answer, session, reused = await asyncio.to_thread(request, it.receiver.port, context, session)
        assert (answer, reused) == (b"HTTP/1.1 200 OK", True), "sessions are resumed while nothing changes"
        trusted.write_bytes(new.cert.read_bytes())
        it.look()
        try:
            answer, _, _ = await asyncio.to_thread(request, it.receiver.port, context, session)
        except (ssl.SSLError, ConnectionError):
            answer = b""
        assert answer == b""

    run("http", tls_of(server.issue("server"), trusted), body)
