"""uvicorn's HTTP/1.1 protocol with the limits it lacks: header time, header bytes, number of connections.

uvicorn only times the pause between requests. A client that sends nothing, or its headers byte by byte, would hold
its connection for ever.

It also loses the body of a request that offers an upgrade, as Java's HTTP client does (`Upgrade: h2c`): the parser
skips it. Here such a request is parsed once more without the offer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from sidecar.receivers.answers import HEADERS_TOO_LARGE, NOT_HTTP, Refusal

MAX_HEADER_BYTES: Final = 64 * 1024

_UPGRADE_HEADERS: Final = frozenset({b"connection", b"upgrade", b"http2-settings"})
"""`connection` goes whole: with its other tokens the client asks for nothing that must be granted."""

_HEAD: Final = b"content-type: application/x-protobuf\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"


class BoundedHttpProtocol(HttpToolsProtocol):
    """The timer runs from the first byte of a request, or from the connection, until its headers are complete."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        read_header_timeout_s: float,
        max_connections: int,
    ) -> None:
        super().__init__(config, server_state, {}, asyncio.get_running_loop())
        self._read_header_timeout_s = read_header_timeout_s
        self._max_connections = max_connections
        self._header_timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = False
        self._head_without_upgrade: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            transport.abort()
            return
        self._start_header_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if not self._parse(data):
            self._end(NOT_HTTP)
        if self.transport.is_closing():
            return
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES:
                self._end(HEADERS_TOO_LARGE)
        elif self._is_idle() and self.timeout_keep_alive_task is None:
            # Blank lines before a request: uvicorn has stopped its timer, and no request has begun.
            self._start_header_timer()

    def _parse(self, data: bytes) -> bool:
        """Feeds the parser; a request that offered an upgrade is fed again without it. False: it is not HTTP."""
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                if self._head_without_upgrade is None:
                    return False
                data = self._head_without_upgrade + data[upgrade.args[0] :]
                self._head_without_upgrade = None
                self.parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError:
                return False
            else:
                return True
        return True

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self._header_bytes = 0
        self._start_header_timer()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._stop_header_timer()
        if not self.parser.should_upgrade():
            super().on_headers_complete()
        elif self.parser.get_method() != b"CONNECT":
            self._head_without_upgrade = self._rebuilt_head()

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _rebuilt_head(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] not in _UPGRADE_HEADERS]
        return b"\r\n".join([*lines, b"", b""])

    def cut_off(self) -> None:
        """Drops the connection; what is still being answered on it is answered no more."""
        if self.cycle is not None:
            self.cycle.disconnected = True
        self.transport.abort()

    def _end(self, refusal: Refusal) -> None:
        # A request that has arrived whole, or is being answered, must not be taken for the refused one.
        if self._is_idle() or (self.cycle.more_body and not self.cycle.response_started):
            body = refusal.status().SerializeToString()
            self.transport.write(STATUS_LINE[refusal.http_status] + _HEAD % len(body) + body)
        self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _start_header_timer(self) -> None:
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(self._read_header_timeout_s, self._headers_late)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _headers_late(self) -> None:
        self._header_timer = None
        if self._is_idle():
            self.transport.close()
        else:
            # The request before this one is still being answered.
            self._start_header_timer()


def protocol_factory(
    app: Any, *, read_header_timeout_s: float, idle_timeout_s: float, max_connections: int
) -> tuple[Callable[[], BoundedHttpProtocol], ServerState]:
    """What asyncio's `create_server` wants, and the state its connections share."""
    config = Config(
        app,
        http=HttpToolsProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    config.timeout_keep_alive = idle_timeout_s  # type: ignore[assignment]  # given to call_later, which takes a float
    config.load()
    state = ServerState()
    return lambda: BoundedHttpProtocol(config, state, read_header_timeout_s, max_connections), state
