"""OTLP over gRPC. Handlers get raw bytes: one request costs a few Python calls, a span costs none."""

from __future__ import annotations

import logging
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from processors.otlp.signal import Signal
from sidecar.credentials.credential import CredentialFiles
from sidecar.intake import Intake
from sidecar.receivers.answers import (
    UNAUTHENTICATED,
    Refusal,
    describe,
    is_foreseen,
    refusal_of,
    response_to,
)
from sidecar.receivers.auth import Auth
from sidecar.receivers.config import GrpcReceiverConfig, split_endpoint
from sidecar.receivers.guard import Guard
from sidecar.receivers.tls import GrpcTls

_log = logging.getLogger(__name__)

SERVICES: Final = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}

_NAME: Final = "receivers/grpc"
_HANDSHAKE_TIMEOUT_MS: Final = 10_000
"""TLS and HTTP/2 preface; gRPC's own default is two minutes."""


class GrpcReceiver:
    """TraceService, LogsService, MetricsService and grpc.health.v1.Health on one port.

    Health answers without a token, so that probes need none.
    """

    def __init__(self, config: GrpcReceiverConfig, guard: Guard, intake: Intake) -> None:
        self._config = config
        self._guard = guard
        self._intake = intake
        self._tls = None if config.tls is None else GrpcTls(config.tls, _NAME)
        self._auth = Auth(config.auth, _NAME)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # the stubs leave aio out
        self._server: Any = None
        self.port = 0
        """Where it listens, once started."""

    @property
    def credentials(self) -> list[CredentialFiles[Any]]:
        """The files to be watched."""
        return [files for files in (self._tls and self._tls.files, self._auth.files) if files]

    async def start(self) -> None:
        """Raises OSError if the port is taken, or a certificate or token file cannot be used."""
        self._auth.start()
        credentials = None if self._tls is None else self._tls.start()
        server = grpc.aio.server(options=server_options(self._config))
        for signal, service in SERVICES.items():
            # Without serializers, bytes go in and out as they are.
            handler = grpc.unary_unary_rpc_method_handler(self._exporter(signal))
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        host, port = split_endpoint(self._config.endpoint)
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if credentials is None:
                self.port = server.add_insecure_port(address)
            else:
                self.port = server.add_secure_port(address, credentials)
        except RuntimeError:
            raise OSError(f"cannot listen on {address}") from None
        await server.start()
        self._server = server

    async def stop(self, grace_s: float) -> None:
        """Health says NOT_SERVING, new requests are refused, those in flight get `grace_s` seconds to finish."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await self._health.enter_graceful_shutdown()
        await server.stop(grace_s)

    def _exporter(self, signal: Signal) -> Any:
        guard, intake, auth = self._guard, self._intake, self._auth

        async def export(raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            if not auth.allows(_authorization(context)):
                return await self._refuse(signal, context, UNAUTHENTICATED)
            try:
                with guard.budget.hold(len(raw)):
                    admitted = guard.admit(signal, raw)
                    if not admitted.items and not admitted.rejected_items:
                        return b""
                    receipt = await intake.accept(admitted)
                response = response_to(admitted, receipt)
            except Exception as error:  # noqa: BLE001  # whatever it was, the client must hear that nothing was kept
                if not is_foreseen(error):
                    _log.error("%s over gRPC not kept: %s", signal.value, describe(error))
                return await self._refuse(signal, context, refusal_of(error))
            return b"" if response is None else response.SerializeToString()

        return export

    async def _refuse(self, signal: Signal, context: grpc.aio.ServicerContext[bytes, bytes], refusal: Refusal) -> bytes:
        self._intake.refuse(signal, refusal.reason)
        details = (("grpc-status-details-bin", refusal.status().SerializeToString()),)
        await context.abort(refusal.code, refusal.message, details)
        return b""


def _authorization(context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            return value if isinstance(value, bytes) else value.encode("utf-8")
    return b""


def server_options(config: GrpcReceiverConfig) -> list[tuple[str, int]]:
    """The channel arguments of gRPC core, which ignores names it does not know: each has a test that sees it work."""
    server, policy = config.keepalive.server_parameters, config.keepalive.enforcement_policy
    durations_s = {
        "grpc.max_connection_idle_ms": server.max_connection_idle,
        "grpc.max_connection_age_ms": server.max_connection_age,
        "grpc.max_connection_age_grace_ms": server.max_connection_age_grace,
        "grpc.keepalive_time_ms": server.time,
        # gRPC core has two clocks for an unanswered ping, and the one that ends the connection is the second.
        "grpc.keepalive_timeout_ms": server.timeout,
        "grpc.http2.ping_timeout_ms": server.timeout,
        "grpc.http2.min_ping_interval_without_data_ms": policy.min_time,
    }
    return [
        ("grpc.max_receive_message_length", config.max_recv_msg_size_mib * 1024 * 1024),
        ("grpc.max_concurrent_streams", config.max_concurrent_streams),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.absolute_max_metadata_size", 32 * 1024),
        ("grpc.server_handshake_timeout_ms", _HANDSHAKE_TIMEOUT_MS),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_permit_without_calls", int(policy.permit_without_stream)),
        *((name, int(value * 1000)) for name, value in durations_s.items() if value is not None),
    ]
