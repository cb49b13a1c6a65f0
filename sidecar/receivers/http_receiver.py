"""OTLP over HTTP: where it listens. What is answered is in `http_app.py`, how it starts and stops in `http_server.py`."""

from __future__ import annotations

from typing import Any, Final

from sidecar.credentials.credential import CredentialFiles
from sidecar.http_server import HttpServer
from sidecar.intake import Intake
from sidecar.receivers.auth import Auth
from sidecar.receivers.config import HttpReceiverConfig, split_endpoint
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_app import HttpApp
from sidecar.receivers.tls import HttpTls

_NAME: Final = "receivers/http"


class HttpReceiver:
    def __init__(self, config: HttpReceiverConfig, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._tls = None if config.tls is None else HttpTls(config.tls, _NAME)
        self._auth = Auth(config.auth, _NAME)
        self._app = HttpApp(config, self._auth, guard, intake)
        self._server: HttpServer | None = None
        self.port = 0
        """Where it listens, once started."""

    @property
    def credentials(self) -> list[CredentialFiles[Any]]:
        """The files to be watched."""
        return [files for files in (self._tls and self._tls.files, self._auth.files) if files]

    async def start(self) -> None:
        """Raises OSError if the port is taken, or a certificate or token file cannot be used."""
        config = self._config
        self._auth.start()
        if self._tls is not None:
            self._tls.start()
        server = HttpServer(
            self._app,
            *split_endpoint(config.endpoint),
            tls=None if self._tls is None else self._tls.context,
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
