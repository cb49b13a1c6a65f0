"""Real backends on 127.0.0.1 that answer as scripted and remember what they were sent."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import uvicorn
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from processors.otlp.signal import Signal
from sidecar.batch import Batch
from tests.support.certificates import Pair
from tests.support.otlp import good

SERVICES = {
    "opentelemetry.proto.collector.trace.v1.TraceService": Signal.TRACES,
    "opentelemetry.proto.collector.logs.v1.LogsService": Signal.LOGS,
    "opentelemetry.proto.collector.metrics.v1.MetricsService": Signal.METRICS,
}


def batch_of(signal: Signal = Signal.TRACES, items: int = 1, number: int = 1) -> Batch:
    return Batch(number, signal, good(signal, items), items)


def partial_success(rejected: int, message: str = "no") -> bytes:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = rejected
    response.partial_success.error_message = message
    return response.SerializeToString()


def retry_info(seconds: int, nanos: int = 0) -> bytes:
    """`grpc-status-details-bin` with another detail before the RetryInfo."""
    status = Status(code=8, message="slow down")
    status.details.add().Pack(BadRequest())
    status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=seconds, nanos=nanos)))
    return bytes(status.SerializeToString())


@dataclass
class Answer:
    """What a backend does with one request. Without any, it succeeds."""

    code: grpc.StatusCode = grpc.StatusCode.OK
    details_bin: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: bool = False
    """Never answers."""
    trickle: bool = False
    """HTTP: a byte now and then, without end."""


@dataclass
class Received:
    signal: Signal | None
    payload: bytes
    headers: dict[str, str]
    path: str = ""
    wire: bytes = b""
    """HTTP: the body before decompression."""


@dataclass
class Backend:
    port: int = 0
    answers: deque[Answer] = field(default_factory=deque)
    """For the next requests, in order."""
    always: Answer = field(default_factory=Answer)
    """For those after them."""
    received: list[Received] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """A request came in."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Ends what hangs."""

    def take(self, received: Received) -> Answer:
        self.received.append(received)
        self.asked.set()
        return self.answers.popleft() if self.answers else self.always


# ── gRPC ───────────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def grpc_backend(
    pair: Pair | None = None, *, client_ca: bytes | None = None, port: int = 0, max_bytes: int = 4 * 1024 * 1024
) -> AsyncIterator[Backend]:
    backend = Backend()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", max_bytes)])
    for service, signal in SERVICES.items():
        handler = grpc.unary_unary_rpc_method_handler(_exporting(backend, signal))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
    if pair is None:
        backend.port = server.add_insecure_port(f"127.0.0.1:{port}")
    else:
        credentials = grpc.ssl_server_credentials(
            [(pair.key.read_bytes(), pair.cert.read_bytes())], client_ca, require_client_auth=client_ca is not None
        )
        backend.port = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    await server.start()
    try:
        yield backend
    finally:
        backend.released.set()
        await server.stop(0)


def _exporting(backend: Backend, signal: Signal) -> Any:
    async def export(raw: bytes, context: Any) -> bytes:
        headers = {key: str(value) for key, value in context.invocation_metadata()}
        answer = backend.take(Received(signal, raw, headers))
        if answer.hang:
            await backend.released.wait()
        if answer.details_bin is not None:
            context.set_trailing_metadata((("grpc-status-details-bin", answer.details_bin),))
        if answer.code is not grpc.StatusCode.OK:
            await context.abort(answer.code, "scripted")
        return answer.body

    return export


# ── HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def http_backend(
    pair: Pair | None = None, *, client_ca: str | None = None, port: int = 0
) -> AsyncIterator[Backend]:
    backend = Backend()
    listener = socket.create_server(("127.0.0.1", port))
    backend.port = listener.getsockname()[1]
    config = uvicorn.Config(
        _app(backend),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ssl_certfile=None if pair is None else pair.cert,
        ssl_keyfile=None if pair is None else pair.key,
        ssl_ca_certs=client_ca,
        ssl_cert_reqs=2 if client_ca else 0,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  # uvicorn tells no other way
        await asyncio.sleep(0.01)
    try:
        yield backend
    finally:
        backend.released.set()
        server.should_exit = True
        await serving
        listener.close()


def _app(backend: Backend) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        wire, more = b"", True
        while more:
            message = await receive()
            wire += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        payload = gzip.decompress(wire) if headers.get("content-encoding") == "gzip" else wire
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        signal = next((signal for signal in Signal if path == f"/v1/{signal.value}"), None)
        answer = backend.take(Received(signal, payload, headers, path, wire))
        if answer.hang:
            await backend.released.wait()
        answered = {"content-type": "application/x-protobuf", **answer.headers}
        sent = [(key.encode(), value.encode()) for key, value in answered.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        while answer.trickle and not backend.released.is_set():
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(backend.released.wait(), 0.05)
        await send({"type": "http.response.body", "body": answer.body})

    return app


# ── the wire ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Listener:
    port: int
    connections: int = 0
    bytes_in: int = 0


@asynccontextmanager
async def counting_proxy(target: int | None) -> AsyncIterator[Listener]:
    """Passes bytes on to a port of 127.0.0.1 and counts them; without a target it swallows them."""
    listener = Listener(0)
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None, *, count: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                listener.bytes_in += len(data) if count else 0
                if writer is not None:
                    writer.write(data)
                    await writer.drain()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        writers.append(writer)
        if target is None:
            return await pump(reader, None, count=True)
        there, onward = await asyncio.open_connection("127.0.0.1", target)
        writers.append(onward)
        pumps = [
            asyncio.create_task(pump(reader, onward, count=True)),
            asyncio.create_task(pump(there, writer, count=False)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        writer.close()
        onward.close()
        await asyncio.gather(*pumps)
        return None

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for writer in writers:
            writer.close()
        for writer in writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
