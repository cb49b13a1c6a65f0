"""OTLP over HTTP/1.1, binary protobuf (OTLP 1.11, "OTLP/HTTP")."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from typing import Final

import httpx2

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Outcome, Refused, Retry
from sidecar.clock import Clock
from sidecar.exporters import answers, tls
from sidecar.exporters.config import OtlpHttpExporterConfig
from sidecar.exporters.user_agent import user_agent

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_GZIP_LEVEL: Final = 4
_INLINE_BYTES: Final = 64 * 1024
"""Compressing so much takes about a millisecond; more is done in a thread, where zlib lets the event loop go on."""


class _TooMuch(Exception):  # noqa: N818  # named for what the backend sent
    pass


class OtlpHttpExporter:
    """Follows no redirect and reads no proxy, .netrc or certificate variable: it connects where it is told to."""

    def __init__(self, name: str, config: OtlpHttpExporterConfig, clock: Clock) -> None:
        self.name = name
        self._config = config
        self._clock = clock
        self._urls = {signal: httpx2.URL(config.url(signal)) for signal in Signal}
        self._headers = {
            "user-agent": user_agent(),
            "accept-encoding": "identity",
            **{key: secret.reveal() for key, secret in config.headers.items()},
            "content-type": "application/x-protobuf",
        }
        if config.compression == "gzip":
            self._headers["content-encoding"] = "gzip"
        name_override = config.tls.server_name_override
        self._extensions = {"sni_hostname": name_override} if name_override else {}
        self._client: httpx2.AsyncClient | None = None
        self._stamp: tls.Stamp = ()
        self._failed = False
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._client = self._connect()

    async def send(self, batch: Batch) -> Outcome:
        if self._failed:
            self._reload_certificates()
        try:
            async with asyncio.timeout(self._config.timeout):
                outcome = await self._attempt(batch)
        except (TimeoutError, httpx2.TimeoutException):
            outcome = Retry("timeout")
        except (httpx2.RequestError, httpx2.StreamError, OSError) as error:
            outcome = Retry("tls_handshake" if _is_tls(error) else "connection")
        except _TooMuch:
            outcome = Refused("response_too_large")
        self._failed = isinstance(outcome, Retry)
        return outcome

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _attempt(self, batch: Batch) -> Outcome:
        if self._client is None:
            return Retry("closed")
        request = self._client.build_request(
            "POST", self._urls[batch.signal], content=await self._body(batch.payload), headers=self._headers,
            extensions=self._extensions,
        )  # fmt: skip
        response = await self._client.send(request, stream=True)
        try:
            if not response.is_success:
                return answers.http_failure(
                    response.status_code, response.headers.get("retry-after"), self._clock.unix_nano()
                )
            body = await _read(response)
        finally:
            await response.aclose()
            # The jar would send back what a backend sets; nothing asked for a session.
            self._client.cookies.clear()
        if response.headers.get("content-type", "").startswith("application/json"):
            return answers.delivered_json(batch, body)
        return answers.delivered(batch, body)

    async def _body(self, payload: bytes) -> bytes:
        if self._config.compression == "none":
            return payload
        if len(payload) <= _INLINE_BYTES:
            return _gzip(payload)
        return await asyncio.to_thread(_gzip, payload)

    def _connect(self) -> httpx2.AsyncClient:
        self._stamp = tls.stamp(self._config.tls)
        encrypted = any(url.scheme == "https" for url in self._urls.values())
        return httpx2.AsyncClient(
            verify=tls.ssl_context(self._config.tls) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            follow_redirects=False,
            timeout=self._config.timeout,
        )

    def _reload_certificates(self) -> None:
        if tls.stamp(self._config.tls) == self._stamp or self._client is None:
            return
        try:
            client = self._connect()
        except OSError:
            return
        task = asyncio.get_running_loop().create_task(self._close_later(self._client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._client = client

    async def _close_later(self, client: httpx2.AsyncClient) -> None:
        """Requests in flight go on with the client they began with."""
        try:
            await self._clock.sleep(self._config.timeout)
        finally:
            await client.aclose()


def _gzip(payload: bytes) -> bytes:
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return compressor.compress(payload) + compressor.flush()


async def _read(response: httpx2.Response) -> bytes:
    """At most 4 MiB, after decompression too. Raises _TooMuch."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > answers.MAX_RESPONSE_BYTES:
            raise _TooMuch
    if response.headers.get("content-encoding", "identity").lower() != "gzip":
        return bytes(body)
    try:
        plain = zlib.decompressobj(_GZIP_WINDOW).decompress(bytes(body), answers.MAX_RESPONSE_BYTES + 1)
    except zlib.error:
        return b""
    if len(plain) > answers.MAX_RESPONSE_BYTES:
        raise _TooMuch
    return plain


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
