"""OTLP over HTTP: where it listens. What is answered is in `http_app.py`, how it starts and stops in `http_server.py`."""

from __future__ import annotations

from sidecar.http_server import HttpServer
from sidecar.intake import Intake
from sidecar.receivers.config import HttpReceiverConfig, split_endpoint
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_app import HttpApp
from sidecar.receivers.tls import ssl_context


class HttpReceiver:
    def __init__(self, config: HttpReceiverConfig, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._app = HttpApp(config, guard, intake)
        self._server: HttpServer | None = None
        self.port = 0
        """Where it listens, once started."""

    async def start(self) -> None:
        """Raises OSError if the port is taken or a TLS file cannot be used."""
        config = self._config
        server = HttpServer(
            self._app,
            *split_endpoint(config.endpoint),
            tls=None if config.tls is None else ssl_context(config.tls),
            read_header_timeout_s=config.read_header_timeout,
            idle_timeout_s=config.idle_timeout,
            max_connections=config.max_connections,
        )
        await server.start()
        self._server, self.port = server, server.port

    async def stop(self, grace_s: float) -> None:
        """As `HttpServer.stop`."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop(grace_s)
