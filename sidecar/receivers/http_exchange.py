"""One HTTP request and its answer.

Every refusal carries a google.rpc.Status in the request's own encoding. A refusal before the end of the body closes
the connection, but lingers a moment: an abrupt close would take the answer down with it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

from google.protobuf.json_format import MessageToJson

from sidecar.receivers.answers import METHOD_NOT_ALLOWED, UNAUTHENTICATED, Refusal
from sidecar.receivers.http_body import Receive

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"

_LINGER_S: Final = 1.0


class Exchange:
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
        self.is_json = self.content_type == JSON
        """Whether the answer is JSON; otherwise it is protobuf."""
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
        if refusal.http_status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            extra.append((b"accept-encoding", b"gzip"))  # RFC 9110, 15.5.16
        await self.answer(refusal.http_status, body, extra)

    async def answer(self, status: int, body: bytes, extra: list[tuple[bytes, bytes]] | None = None) -> None:
        headers = [
            (b"content-type", (JSON if self.is_json else PROTOBUF).encode()),
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
