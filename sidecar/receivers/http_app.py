"""The HTTP receiver as a bare ASGI application: OTLP at /v1/traces, /v1/logs and /v1/metrics, scores at /v1/scores."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from processors.otlp.json_codec import encode_response_json
from processors.otlp.signal import Signal
from sidecar.intake import Intake, Source, TooLarge
from sidecar.receivers.answers import (
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_SLOW,
    UNAUTHENTICATED,
    Refusal,
    describe,
    is_foreseen,
    refusal_of,
    response_to,
    unsupported_media_type,
)
from sidecar.receivers.auth import Auth
from sidecar.receivers.config import HttpReceiverConfig
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_body import ClientGone, Gunzip, Plain, Receive, read_body
from sidecar.receivers.http_exchange import JSON, PROTOBUF, Exchange, Send
from sidecar.receivers.http_scores import MAX_BODY_BYTES, take_scores

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Route:
    source: Source
    content_types: tuple[str, ...]
    max_body_bytes: int
    take: Callable[[Exchange, bytes], Awaitable[bytes]]
    """Given the request's body, returns that of the answer once all is kept."""


class HttpApp:
    def __init__(self, config: HttpReceiverConfig, auth: Auth, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._auth = auth
        self._guard = guard
        self._intake = intake
        limit = config.max_request_body_size
        self._routes = {
            f"/v1/{signal.value}": _Route(signal, (PROTOBUF, JSON), limit, partial(self._export, signal))
            for signal in Signal
        }
        self._routes["/v1/scores"] = _Route("scores", (JSON,), min(limit, MAX_BODY_BYTES), self._take_scores)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        route = self._routes.get(scope["path"])
        if route is None:
            await exchange.refuse(NOT_FOUND)
            return
        if PROTOBUF not in route.content_types:
            exchange.is_json = True
        try:
            refusal = self._refusal_by_head(route, exchange) or await self._receive(route, exchange)
        except ClientGone:
            self._intake.refuse(route.source, "incomplete")
            return
        except asyncio.CancelledError:
            # Only the receiver's stop cancels, and only after it has cut the connection: nobody waits for an answer.
            self._intake.refuse(route.source, "shutdown")
            return
        except Exception as error:  # noqa: BLE001  # whatever it was, the client must hear that nothing was kept
            if not is_foreseen(error):
                _log.error("%s over HTTP not kept: %s", scope["path"].rpartition("/")[2], describe(error))
            refusal = refusal_of(error)
        if refusal is not None:
            self._intake.refuse(route.source, refusal.reason)
            await exchange.refuse(refusal)

    def _refusal_by_head(self, route: _Route, exchange: Exchange) -> Refusal | None:
        """What method and headers alone are refused for. Raises TooLarge for an honest Content-Length."""
        headers = exchange.headers
        if exchange.method != "POST":
            return METHOD_NOT_ALLOWED
        if not self._auth.allows(headers.get(b"authorization", b"")):
            return UNAUTHENTICATED
        if exchange.content_type not in route.content_types:
            return unsupported_media_type(f"the content type must be {' or '.join(route.content_types)}")
        if exchange.content_coding not in {b"", b"identity", b"gzip"}:
            return unsupported_media_type("the content encoding must be gzip or identity")
        if int(headers.get(b"content-length", b"0")) > route.max_body_bytes:
            raise TooLarge(f"the body is larger than {route.max_body_bytes} bytes")
        return None

    async def _receive(self, route: _Route, exchange: Exchange) -> Refusal | None:
        with self._guard.budget.hold() as hold:
            sink = (Gunzip if exchange.content_coding == b"gzip" else Plain)(route.max_body_bytes, hold)
            try:
                async with asyncio.timeout(self._config.read_timeout):
                    body = await read_body(exchange.receive, sink)
            except TimeoutError:
                return TOO_SLOW
            exchange.body_complete = True
            answer = await route.take(exchange, body)
        await exchange.answer(200, answer)
        return None

    async def _export(self, signal: Signal, exchange: Exchange, body: bytes) -> bytes:
        if exchange.is_json:
            admitted = self._guard.admit_json(signal, body) if body else None
        else:
            admitted = self._guard.admit(signal, body)
        if admitted is None or not (admitted.items or admitted.rejected_items):
            response = None
        else:
            response = response_to(admitted, await self._intake.accept(admitted))
        if exchange.is_json:
            return b"{}" if response is None else encode_response_json(response).encode()
        return b"" if response is None else response.SerializeToString()

    async def _take_scores(self, _exchange: Exchange, body: bytes) -> bytes:
        return await take_scores(self._intake, body)
