"""OTLP over HTTP as a bare ASGI application: /v1/traces, /v1/logs and /v1/metrics, protobuf or JSON.

Every refusal carries a google.rpc.Status in the request's own encoding. A refusal before the end of the body closes
the connection, but lingers a moment: an abrupt close would take the answer down with it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any, Final

from google.protobuf.json_format import MessageToJson

from processors.otlp.json_codec import encode_response_json
from processors.otlp.signal import Signal
from sidecar.intake import Intake, TooLarge
from sidecar.receivers.answers import (
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_SLOW,
    UNAUTHENTICATED,
    Refusal,
    describe,
    is_authorized,
    is_foreseen,
    refusal_of,
    response_to,
    unsupported_media_type,
)
from sidecar.receivers.config import HttpReceiverConfig
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_body import ClientGone, Gunzip, Plain, Receive, read_body

_log = logging.getLogger(__name__)

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PATHS: Final = {f"/v1/{signal.value}": signal for signal in Signal}
_PROTOBUF: Final = "application/x-protobuf"
_JSON: Final = "application/json"
_LINGER_S: Final = 1.0


class HttpApp:
    def __init__(self, config: HttpReceiverConfig, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._guard = guard
        self._intake = intake

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, receive, send)
        signal = _PATHS.get(scope["path"])
        if signal is None:
            await exchange.refuse(NOT_FOUND)
            return
        try:
            refusal = self._refusal_by_head(exchange) or await self._export(signal, exchange)
        except ClientGone:
            self._intake.refuse(signal, "incomplete")
            return
        except asyncio.CancelledError:
            # Only the receiver's stop cancels, and only after it has cut the connection: nobody waits for an answer.
            self._intake.refuse(signal, "shutdown")
            return
        except Exception as error:  # noqa: BLE001  # whatever it was, the client must hear that nothing was kept
            if not is_foreseen(error):
                _log.error("%s over HTTP not kept: %s", signal.value, describe(error))
            refusal = refusal_of(error)
        if refusal is not None:
            self._intake.refuse(signal, refusal.reason)
            await exchange.refuse(refusal)

    def _refusal_by_head(self, exchange: _Exchange) -> Refusal | None:
        """What method and headers alone are refused for. Raises TooLarge for an honest Content-Length."""
        auth, headers = self._config.auth, exchange.headers
        if exchange.method != "POST":
            return METHOD_NOT_ALLOWED
        if auth is not None and not is_authorized(headers.get(b"authorization", b""), auth.bearer_token):
            return UNAUTHENTICATED
        if exchange.content_type not in {_PROTOBUF, _JSON}:
            return unsupported_media_type(f"the content type must be {_PROTOBUF} or {_JSON}")
        if exchange.content_coding not in {b"", b"identity", b"gzip"}:
            return unsupported_media_type("the content encoding must be gzip or identity")
        if int(headers.get(b"content-length", b"0")) > self._config.max_request_body_size:
            raise TooLarge(f"the body is larger than {self._config.max_request_body_size} bytes")
        return None

    async def _export(self, signal: Signal, exchange: _Exchange) -> Refusal | None:
        with self._guard.budget.hold() as hold:
            sink = (Gunzip if exchange.content_coding == b"gzip" else Plain)(self._config.max_request_body_size, hold)
            try:
                async with asyncio.timeout(self._config.read_timeout):
                    body = await read_body(exchange.receive, sink)
            except TimeoutError:
                return TOO_SLOW
            exchange.body_complete = True
            if exchange.is_json:
                admitted = self._guard.admit_json(signal, body) if body else None
            else:
                admitted = self._guard.admit(signal, body)
            if admitted is None or not (admitted.items or admitted.rejected_items):
                response = None
            else:
                response = response_to(admitted, await self._intake.accept(admitted))
        if exchange.is_json:
            await exchange.answer(200, b"{}" if response is None else encode_response_json(response).encode())
        else:
            await exchange.answer(200, b"" if response is None else response.SerializeToString())
        return None


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            # As a list, so that a second Content-Encoding cannot hide behind the first.
            self.headers[name] = self.headers[name] + b"," + value if name in self.headers else value
        self.receive = receive
        self._send = send
        self.content_type = self.headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
        self.content_coding = self.headers.get(b"content-encoding", b"").strip().lower()
        self.is_json = self.content_type == _JSON
        self.body_complete = (
            b"transfer-encoding" not in self.headers and self.headers.get(b"content-length", b"0") == b"0"
        )

    async def refuse(self, refusal: Refusal) -> None:
        status = refusal.status()
        body = MessageToJson(status, indent=None).encode() if self.is_json else status.SerializeToString()
        extra: list[tuple[bytes, bytes]] = []
        if refusal.retry_after_s is not None:
            extra.append((b"retry-after", str(max(1, math.ceil(refusal.retry_after_s))).encode()))
        if refusal is METHOD_NOT_ALLOWED:
            extra.append((b"allow", b"POST"))
        if refusal is UNAUTHENTICATED:
            extra.append((b"www-authenticate", b"Bearer"))
        await self.answer(refusal.http_status, body, extra)

    async def answer(self, status: int, body: bytes, extra: list[tuple[bytes, bytes]] | None = None) -> None:
        headers = [
            (b"content-type", (_JSON if self.is_json else _PROTOBUF).encode()),
            (b"content-length", str(len(body)).encode()),
            (b"date", formatdate(usegmt=True).encode()),  # RFC 9110, 6.6.1; nothing is decided by it
            *(extra or ()),
        ]
        if not self.body_complete:
            headers.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": not self.body_complete})
        if not self.body_complete:
            await self._linger()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _linger(self) -> None:
        """Reads on, and forgets, until the client has sent all, has gone, or has had its time."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while (await self.receive()).get("more_body", False):
                    pass
        except TimeoutError:
            pass
