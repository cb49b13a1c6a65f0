"""OTLP over gRPC (OTLP 1.11, "OTLP/gRPC"). Requests go out as the bytes they are stored as."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import grpc

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Outcome, Retry
from sidecar.credentials.certificates import Certificates
from sidecar.credentials.credential import CredentialFiles
from sidecar.exporters import answers, tls
from sidecar.exporters.config import OtlpExporterConfig
from sidecar.exporters.endpoint import grpc_target
from sidecar.exporters.tls_failure import probe_plain_text, probe_tls
from sidecar.exporters.user_agent import user_agent

_METHODS: Final = {
    Signal.TRACES: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    Signal.LOGS: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    Signal.METRICS: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}

_OPTIONS: Final = (
    ("grpc.max_receive_message_length", answers.MAX_RESPONSE_BYTES),
    ("grpc.max_send_message_length", -1),
    # No look-up and no connection that the configuration does not name: neither service configuration in DNS TXT
    # records nor the proxies of http_proxy and grpc_proxy.
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.enable_http_proxy", 0),
    # When to try again is the delivery's to say; gRPC's own waits grow to two minutes after the backend is back.
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Two exporters with one endpoint and different certificates must not share a connection.
    ("grpc.use_local_subchannel_pool", 1),
    # Pings no more often than every server allows. It also gives up a connection that swallows data for 20 s.
    ("grpc.keepalive_time_ms", 300_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)

_NOT_CONNECTED: Final = "failed to connect"
"""gRPC's own words for an UNAVAILABLE that is none of the backend's; it has no code for one."""
_NOBODY_THERE: Final = "connection refused"
_TLS_WORDS: Final = ("handshake", "certificate", "verification")


class OtlpGrpcExporter:
    def __init__(self, name: str, config: OtlpExporterConfig) -> None:
        self.name = name
        self._config = config
        self._metadata = tuple((key, secret.reveal()) for key, secret in config.headers.items())
        self._compression = grpc.Compression.Gzip if config.compression == "gzip" else grpc.Compression.NoCompression
        self._channel: grpc.aio.Channel | None = None
        self._calls: dict[Signal, Any] = {}
        self._files = None if config.plain_text else tls.tls_files(name, config.tls, self._use)
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def credentials(self) -> list[CredentialFiles[Certificates]]:
        return [] if self._files is None else [self._files]

    async def start(self) -> None:
        self._connect(None if self._files is None else self._files.load())

    async def send(self, batch: Batch) -> Outcome:
        call = self._calls[batch.signal](
            batch.payload, timeout=self._config.timeout, metadata=self._metadata, compression=self._compression
        )
        try:
            response: bytes = await call
        except grpc.aio.AioRpcError as error:
            return await self._failure(error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # The channel was replaced or closed under the call.
            return Retry("grpc_cancelled")
        return answers.delivered(batch, response)

    async def close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close(None)
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _failure(self, error: grpc.aio.AioRpcError) -> Outcome:
        code, details = error.code(), (error.details() or "").lower()
        if code is grpc.StatusCode.UNAVAILABLE and _NOT_CONNECTED in details and _NOBODY_THERE not in details:
            reason = await self._tls_reason()
            if reason is None and any(word in details for word in _TLS_WORDS):
                reason = "tls_handshake"
            if reason is not None:
                return Retry(reason)
        trailing: Any = error.trailing_metadata() or ()
        details_bin = next((value for key, value in trailing if key == "grpc-status-details-bin"), None)
        return answers.grpc_failure(code, details_bin if isinstance(details_bin, bytes) else None)

    async def _tls_reason(self) -> str | None:
        host, _, port = grpc_target(self._config.endpoint).authority.rpartition(":")
        files, settings = self._files, self._config.tls
        if files is None:
            return await probe_plain_text(host.strip("[]"), int(port))
        return await probe_tls(
            host.strip("[]"),
            int(port),
            lambda: tls.ssl_context(settings, files.value, alpn="h2"),
            settings.server_name_override,
        )

    def _connect(self, certificates: Certificates | None) -> None:
        target = f"dns:///{grpc_target(self._config.endpoint).authority}"
        options: list[tuple[str, Any]] = [*_OPTIONS, ("grpc.primary_user_agent", user_agent())]
        if certificates is None:
            self._channel = grpc.aio.insecure_channel(target, options)
        else:
            credentials = tls.grpc_credentials(certificates)
            if self._config.tls.server_name_override:
                options.append(("grpc.ssl_target_name_override", self._config.tls.server_name_override))
            self._channel = grpc.aio.secure_channel(target, credentials, options)
        self._calls = {
            signal: self._channel.unary_unary(method, request_serializer=None, response_deserializer=None)
            for signal, method in _METHODS.items()
        }

    def _use(self, certificates: Certificates) -> None:
        """From the next request on; those in flight go on with the channel they began with."""
        old = self._channel
        if old is None:
            return
        self._connect(certificates)
        task = asyncio.get_running_loop().create_task(old.close(self._config.timeout))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
