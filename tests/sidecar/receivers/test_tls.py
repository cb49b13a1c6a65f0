"""TLS on both protocols: who gets in, and what a wrong file does at start."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from processors.otlp.signal import Signal
from sidecar.receivers.config import GrpcReceiverConfig, HttpReceiverConfig, ServerTls
from sidecar.receivers.grpc_receiver import SERVICES, GrpcReceiver
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_receiver import HttpReceiver
from sidecar.receivers.tls import ssl_context
from tests.support.otlp import good
from tests.support.receiving import RememberingIntake

BORN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Pair:
    cert: Path
    key: Path


class Authority:
    """A tiny certificate authority in a directory."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory, self._name = directory, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._sign(self._subject, self._key.public_key(), is_ca=True)
        self.cert = directory / f"{name}.pem"
        self.cert.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def _sign(self, subject: x509.Name, public: Any, *, is_ca: bool) -> x509.Certificate:
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = x509.CertificateBuilder(self._subject, subject, public, x509.random_serial_number())
        builder = (
            builder.not_valid_before(BORN).not_valid_after(BORN.replace(year=2090)).add_extension(names, critical=False)
        )
        return builder.add_extension(x509.BasicConstraints(is_ca, None), critical=True).sign(self._key, hashes.SHA256())

    def issue(self, name: str) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self._sign(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key(), is_ca=False)
        pair = Pair(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        pair.cert.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pair


def _grpc_credentials(ca: Path, client: Pair | None) -> grpc.ChannelCredentials:
    pair = (None, None) if client is None else (client.key.read_bytes(), client.cert.read_bytes())
    return grpc.ssl_channel_credentials(ca.read_bytes(), *pair)


async def _send_grpc(port: int, ca: Path, client: Pair | None) -> bool:
    channel: Any = grpc.aio.secure_channel(f"127.0.0.1:{port}", _grpc_credentials(ca, client))
    async with channel:
        try:
            await channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")(good(Signal.TRACES), timeout=10)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                return False
            raise
        return True


async def _send_http(port: int, ca: Path, client: Pair | None) -> bool:
    context = ssl.create_default_context(cafile=str(ca))
    if client is not None:
        context.load_cert_chain(client.cert, client.key)
    async with httpx2.AsyncClient(verify=context, trust_env=False) as session:
        try:
            response = await session.post(
                f"https://127.0.0.1:{port}/v1/traces",
                content=good(Signal.TRACES),
                headers={"content-type": "application/x-protobuf"},
            )
        except httpx2.TransportError:
            return False
        return bool(response.status_code == 200)


WAYS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "grpc": (
        lambda tls: GrpcReceiver(GrpcReceiverConfig(endpoint="127.0.0.1:0", tls=tls), Guard(), RememberingIntake()),
        _send_grpc,
    ),
    "http": (
        lambda tls: HttpReceiver(HttpReceiverConfig(endpoint="127.0.0.1:0", tls=tls), Guard(), RememberingIntake()),
        _send_http,
    ),
}
ways = pytest.mark.parametrize("way", WAYS)


def _sent(way: str, tls: ServerTls, ca: Path, client: Pair | None) -> bool:
    make, send = WAYS[way]

    async def inside() -> bool:
        receiver = make(tls)
        await receiver.start()
        try:
            return bool(await send(receiver.port, ca, client))
        finally:
            await receiver.stop(0.2)

    return asyncio.run(asyncio.wait_for(inside(), 30))


@ways
def test_a_client_that_trusts_the_authority_gets_in(way: str, tmp_path: Path) -> None:
    """And one that trusts another does not send anything."""
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    server = ours.issue("server")
    tls = ServerTls(cert_file=server.cert, key_file=server.key)
    assert _sent(way, tls, ours.cert, None)
    assert not _sent(way, tls, other.cert, None)


@ways
def test_with_a_client_ca_only_its_clients_get_in(way: str, tmp_path: Path) -> None:
    """No certificate and a foreign one are turned away."""
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    server = ours.issue("server")
    tls = ServerTls(cert_file=server.cert, key_file=server.key, client_ca_file=ours.cert)
    assert _sent(way, tls, ours.cert, ours.issue("friend"))
    assert not _sent(way, tls, ours.cert, None)
    assert not _sent(way, tls, ours.cert, other.issue("stranger"))


@ways
@pytest.mark.parametrize("wrong", ["missing", "mismatch", "garbage"])
def test_a_wrong_file_fails_at_start(way: str, wrong: str, tmp_path: Path) -> None:
    """With an OSError, and never by serving plaintext."""
    authority = Authority(tmp_path, "ours")
    server = authority.issue("server")
    key = {"missing": tmp_path / "none", "mismatch": authority.issue("second").key, "garbage": tmp_path / "noise"}[
        wrong
    ]
    (tmp_path / "noise").write_text("no key")
    receiver = WAYS[way][0](ServerTls(cert_file=server.cert, key_file=key))
    with pytest.raises(OSError) as caught:
        asyncio.run(receiver.start())
    assert "cannot listen" not in str(caught.value), "the port is blamed for what the file did"


def test_old_tls_is_refused(tmp_path: Path) -> None:
    """1.2 is the least."""
    authority = Authority(tmp_path, "ours")
    server = authority.issue("server")
    tls = ServerTls(cert_file=server.cert, key_file=server.key)
    receiver = WAYS["http"][0](tls)
    assert ssl_context(tls).minimum_version is ssl.TLSVersion.TLSv1_2

    async def inside() -> None:
        await receiver.start()
        old = ssl.create_default_context(cafile=str(authority.cert))
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.open_connection("127.0.0.1", receiver.port, ssl=old)
        finally:
            await receiver.stop(0.2)

    with pytest.warns(DeprecationWarning, match="TLSv1"):
        asyncio.run(inside())
