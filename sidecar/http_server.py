"""An ASGI application on a socket, inside the running event loop: start, port, bounded stop.

uvicorn's protocol is used without uvicorn's server: that one installs signal handlers, and its stop is not bounded
for clients that stay connected.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any, Final

from uvicorn.server import ServerState

from sidecar.receivers.http_protocol import BoundedHttpProtocol, protocol_factory

_TLS_HANDSHAKE_TIMEOUT_S: Final = 10.0
_CLOSE_TIMEOUT_S: Final = 1.0


class HttpServer:
    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        read_header_timeout_s: float = 10.0,
        idle_timeout_s: float = 60.0,
        max_connections: int = 256,
    ) -> None:
        self._app = app
        self._host = host
        self._tls = tls
        self._read_header_timeout_s = read_header_timeout_s
        self._idle_timeout_s = idle_timeout_s
        self._max_connections = max_connections
        self._server: asyncio.Server | None = None
        self._state = ServerState()
        self.port = port
        """Where it listens; once started, also if it was 0 before."""

    async def start(self) -> None:
        """Raises OSError if the port is taken."""
        factory, self._state = protocol_factory(
            self._app,
            read_header_timeout_s=self._read_header_timeout_s,
            idle_timeout_s=self._idle_timeout_s,
            max_connections=self._max_connections,
        )
        self._server = await asyncio.get_running_loop().create_server(
            factory,
            self._host,
            self.port,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else _TLS_HANDSHAKE_TIMEOUT_S,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self, grace_s: float) -> None:
        """No new connections; idle ones are closed, requests in flight get `grace_s` seconds, the rest is cut off.

        A client that is cut off gets no answer and therefore tries again (OTLP/HTTP connection errors).
        """
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=grace_s)
        for connection in list(self._state.connections):
            if isinstance(connection, BoundedHttpProtocol):
                connection.cut_off()
        unfinished = list(self._state.tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await server.wait_closed()
