"""OTLP over HTTP: the listening socket, and how it starts and stops. What is answered is in `http_app.py`.

uvicorn's protocol is used without uvicorn's server: that one installs signal handlers, and its stop is not bounded
for clients that stay connected.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from uvicorn.server import ServerState

from sidecar.intake import Intake
from sidecar.receivers.config import HttpReceiverConfig, split_endpoint
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_app import HttpApp
from sidecar.receivers.http_protocol import BoundedHttpProtocol, protocol_factory
from sidecar.receivers.tls import ssl_context

_TLS_HANDSHAKE_TIMEOUT_S: Final = 10.0


class HttpReceiver:
    def __init__(self, config: HttpReceiverConfig, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._app = HttpApp(config, guard, intake)
        self._server: asyncio.Server | None = None
        self._state = ServerState()
        self.port = 0
        """Where it listens, once started."""

    async def start(self) -> None:
        """Raises OSError if the port is taken or a TLS file cannot be used."""
        factory, self._state = protocol_factory(
            self._app,
            read_header_timeout_s=self._config.read_header_timeout,
            idle_timeout_s=self._config.idle_timeout,
            max_connections=self._config.max_connections,
        )
        tls = None if self._config.tls is None else ssl_context(self._config.tls)
        host, port = split_endpoint(self._config.endpoint)
        self._server = await asyncio.get_running_loop().create_server(
            factory, host, port, ssl=tls, ssl_handshake_timeout=None if tls is None else _TLS_HANDSHAKE_TIMEOUT_S
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
            # From Python 3.12 on this also waits for TLS handshakes, which have a time limit of their own.
            await asyncio.wait_for(server.wait_closed(), 1.0)
