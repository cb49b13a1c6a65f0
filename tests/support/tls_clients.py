"""Clients over TLS, one for each way in: what they see is all that is tested."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import grpc
import httpx2

from processors.otlp.signal import Signal
from sidecar.receivers.grpc_receiver import SERVICES
from tests.support.certificates import Pair
from tests.support.otlp import good

NOT_CONNECTED = "not connected"
"""As a client sees it: UNAVAILABLE, or a connection error. Both are to be tried again (OTLP 1.11)."""


class TlsClient(Protocol):
    """One client with one connection, which stays open until it is closed."""

    async def send(self) -> str:
        """`OK`, `UNAUTHENTICATED`, or NOT_CONNECTED."""

    async def close(self) -> None: ...


@dataclass
class Trust:
    """Whom the client trusts, and who it is; `plain`: it does not speak TLS."""

    ca: Path
    pair: Pair | None = None
    plain: bool = False
    token: str | None = None


class GrpcTlsClient:
    def __init__(self, port: int, trust: Trust) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        target = f"127.0.0.1:{port}"
        if trust.plain:
            self._channel: Any = grpc.aio.insecure_channel(target, options)
        else:
            pair = (None, None) if trust.pair is None else (trust.pair.key.read_bytes(), trust.pair.cert.read_bytes())
            credentials = grpc.ssl_channel_credentials(trust.ca.read_bytes(), *pair)
            self._channel = grpc.aio.secure_channel(target, credentials, options)
        self._metadata = () if trust.token is None else (("authorization", f"Bearer {trust.token}"),)
        self._export = self._channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")

    async def send(self) -> str:
        try:
            await self._export(good(Signal.TRACES), timeout=10, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            code = error.code()
            return NOT_CONNECTED if code is grpc.StatusCode.UNAVAILABLE else str(code.name)
        return "OK"

    async def close(self) -> None:
        await self._channel.close()


class HttpTlsClient:
    def __init__(self, port: int, trust: Trust) -> None:
        context = ssl.create_default_context(cafile=str(trust.ca))
        if trust.pair is not None:
            context.load_cert_chain(trust.pair.cert, trust.pair.key)
        self._client = httpx2.AsyncClient(verify=context, trust_env=False, timeout=10)
        self._url = f"http{'' if trust.plain else 's'}://127.0.0.1:{port}/v1/traces"
        self._headers = {"content-type": "application/x-protobuf"}
        if trust.token is not None:
            self._headers["authorization"] = f"Bearer {trust.token}"

    async def send(self) -> str:
        try:
            response = await self._client.post(self._url, content=good(Signal.TRACES), headers=self._headers)
        except httpx2.TransportError:
            return NOT_CONNECTED
        return {200: "OK", 401: "UNAUTHENTICATED"}[response.status_code]

    async def close(self) -> None:
        await self._client.aclose()


class Connected:
    """`async with Connected(way, port, trust) as client`."""

    def __init__(self, way: str, port: int, trust: Trust) -> None:
        self._client: TlsClient = GrpcTlsClient(port, trust) if way == "grpc" else HttpTlsClient(port, trust)

    async def send(self) -> str:
        return await self._client.send()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.close()
