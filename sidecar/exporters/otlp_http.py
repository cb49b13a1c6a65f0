"""OTLP over HTTP/1.1, binary protobuf (OTLP 1.11, "OTLP/HTTP")."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from typing import Final

import httpx2

from sidecar.batch import Batch, Outcome, Refused, Retry
from sidecar.clock import Clock
from sidecar.credentials.certificates import Certificates
from sidecar.credentials.credential import CredentialFiles
from sidecar.exporters import answers, tls
from sidecar.exporters.config import OtlpHttpExporterConfig
from sidecar.exporters.tls_failure import probe_plain_text, probe_tls, tls_reason
from sidecar.exporters.user_agent import user_agent

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_GZIP_LEVEL: Final = 4
_INLINE_BYTES: Final = 64 * 1024
"""Compressing so much takes about a millisecond; more is done in a thread, where zlib lets the event loop go on."""


_NGINX_CERTIFICATE: Final = b" SSL certificate "
"""`400 No required SSL certificate was sent`, `400 The SSL certificate error`."""


class _TooMuch(Exception):  # noqa: N818  # named for what the backend sent
    pass


class OtlpHttpExporter:
    """Follows no redirect and reads no proxy, .netrc or certificate variable: it connects where it is told to."""

    def __init__(self, name: str, config: OtlpHttpExporterConfig, clock: Clock) -> None:
        self.name = name
        self._config = config
        self._clock = clock
        self._urls = {signal: httpx2.URL(config.url(signal)) for signal in config.signals}
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
        encrypted = any(url.scheme == "https" for url in self._urls.values())
        self._files = tls.tls_files(name, config.tls, self._use) if encrypted else None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def credentials(self) -> list[CredentialFiles[Certificates]]:
        return [] if self._files is None else [self._files]

    async def start(self) -> None:
        self._client = self._connect(None if self._files is None else self._files.load())

    async def send(self, batch: Batch) -> Outcome:
        try:
            async with asyncio.timeout(self._config.timeout):
                outcome = await self._attempt(batch)
        except (TimeoutError, httpx2.TimeoutException):
            return Retry("timeout")
        except (httpx2.RequestError, httpx2.StreamError, OSError) as error:
            reason = tls_reason(error)
            if reason is None and not isinstance(error, httpx2.ConnectError):
                reason = await self._tls_reason(self._urls[batch.signal])
            return Retry(reason or "connection")
        except _TooMuch:
            return Refused("response_too_large")
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
            if response.status_code == 400 and (reason := await self._tls_reason_of_400(response)):
                return Retry(reason)
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

    async def _tls_reason_of_400(self, response: httpx2.Response) -> str | None:
        """Servers that answer in HTTP where TLS failed: Go's, nginx and others to plain text on a port for TLS, nginx
        to a certificate it does not accept, or misses. OTLP would have us drop the data for a 400.
        """
        if response.url.scheme == "http":
            return await self._tls_reason(response.url)
        return "tls_client_certificate" if _NGINX_CERTIFICATE in await _read(response) else None

    async def _tls_reason(self, url: httpx2.URL) -> str | None:
        files, settings = self._files, self._config.tls
        if url.scheme != "https":
            return await probe_plain_text(url.host, url.port or 80)
        if files is None:
            return None
        return await probe_tls(
            url.host, url.port or 443, lambda: tls.ssl_context(settings, files.value), settings.server_name_override
        )

    def _connect(self, certificates: Certificates | None) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if certificates is None
            else tls.ssl_context(self._config.tls, certificates),
            trust_env=False,
            follow_redirects=False,
            timeout=self._config.timeout,
        )

    def _use(self, certificates: Certificates) -> None:
        """From the next request on."""
        if self._client is None:
            return
        client = self._connect(certificates)
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
