"""Receivers on a free port with an intake that remembers, and one client for each way in."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
import httpx2
from google.protobuf import json_format
from google.rpc.error_details_pb2 import BadRequest, RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from processors.genai.score_report import ScoreReport
from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from processors.values import Secret
from sidecar.intake import Admitted, Receipt, Source
from sidecar.receivers.answers import ExportResponse
from sidecar.receivers.config import BearerAuth, GrpcReceiverConfig, GuardConfig, HttpReceiverConfig
from sidecar.receivers.grpc_receiver import SERVICES, GrpcReceiver
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_receiver import HttpReceiver
from tests.support.otlp import good

MIB = 1024 * 1024


@dataclass
class RememberingIntake:
    """Keeps everything, unless told to fail or to wait."""

    accepted: list[Admitted] = field(default_factory=list)
    scores: list[tuple[bytes, list[ScoreReport]]] = field(default_factory=list)
    known: int = 0
    """What `accept_scores` returns."""
    refused: Counter[tuple[Source, str]] = field(default_factory=Counter)
    failure: Exception | None = None
    receipt: Receipt = field(default_factory=Receipt)
    gate: asyncio.Event | None = None
    """If set, `accept` and `accept_scores` wait for it."""
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, admitted: Admitted) -> Receipt:
        await self._enter()
        self.accepted.append(admitted)
        return self.receipt

    async def accept_scores(self, raw: bytes, reports: Sequence[ScoreReport]) -> int:
        await self._enter()
        self.scores.append((raw, list(reports)))
        return self.known

    def refuse(self, source: Source, reason: str) -> None:
        self.refusal.set()
        self.refused[source, reason] += 1

    async def _enter(self) -> None:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True)
class Answer:
    code: str
    """`OK`, a gRPC code's name, or an HTTP status as text."""
    response: ExportResponse | None = None
    status: Any = None
    """The google.rpc.Status of a refusal."""
    retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        return self.code == "OK"

    @property
    def retryable(self) -> bool:
        """As a client that follows the OTLP specification decides."""
        if self.code == "RESOURCE_EXHAUSTED":
            return self.retry_after_s is not None
        return self.code in {"UNAVAILABLE", "429", "502", "503", "504"}

    @property
    def partial(self) -> Any:
        """The partial success, or None if it is unset."""
        response: Any = self.response
        return response.partial_success if response.HasField("partial_success") else None

    def detail(self, kind: type[Any]) -> Any:
        for detail in self.status.details:
            found = kind()
            if detail.Unpack(found):
                return found
        return None

    @property
    def bad_request(self) -> Any:
        return self.detail(BadRequest)

    @property
    def retry_info(self) -> Any:
        return self.detail(RetryInfo)


class Client(Protocol):
    """One way into the sidecar."""

    async def send(self, signal: Signal, body: bytes, *, gzipped: bool = False, token: str | None = None) -> Answer:
        """`body` as it is, in this way's encoding."""

    def encode(self, signal: Signal, raw: bytes) -> bytes:
        """A protobuf request in this way's encoding."""

    async def close(self) -> None: ...


class GrpcClient:
    def __init__(self, port: int) -> None:
        self._channel: Any = grpc.aio.insecure_channel(
            f"127.0.0.1:{port}", [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        )

    async def send(self, signal: Signal, body: bytes, *, gzipped: bool = False, token: str | None = None) -> Answer:
        call: Any = self._channel.unary_unary(f"/{SERVICES[signal]}/Export")
        try:
            raw = await call(
                body,
                timeout=20,
                compression=grpc.Compression.Gzip if gzipped else None,
                metadata=None if token is None else (("authorization", token),),
            )
        except grpc.aio.AioRpcError as error:
            trailing: dict[Any, Any] = dict(iter(error.trailing_metadata()))  # type: ignore[arg-type]  # pairs
            status = Status.FromString(trailing.get("grpc-status-details-bin", b""))
            answer = Answer(error.code().name, None, status)
            info = answer.retry_info
            return Answer(answer.code, None, status, None if info is None else info.retry_delay.ToTimedelta().seconds)
        return Answer("OK", response_class(signal).FromString(raw))

    def encode(self, signal: Signal, raw: bytes) -> bytes:
        return raw

    async def close(self) -> None:
        await self._channel.close()


class HttpClient:
    content_type = "application/x-protobuf"

    def __init__(self, port: int) -> None:
        self._client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)

    async def send(self, signal: Signal, body: bytes, *, gzipped: bool = False, token: str | None = None) -> Answer:
        headers = {"content-type": self.content_type}
        if gzipped:
            headers["content-encoding"] = "gzip"
            body = gzip.compress(body)
        if token is not None:
            headers["authorization"] = token
        response = await self._client.post(f"/v1/{signal.value}", content=body, headers=headers)
        assert response.headers["content-type"] == self.content_type
        if response.status_code == 200:
            return Answer("OK", self.parse(response_class(signal)(), response.content))
        after = response.headers.get("retry-after")
        status = self.parse(Status(), response.content)
        return Answer(str(response.status_code), None, status, None if after is None else int(after))

    def parse(self, message: Any, body: bytes) -> Any:
        message.MergeFromString(body)
        return message

    def encode(self, signal: Signal, raw: bytes) -> bytes:
        return raw

    async def close(self) -> None:
        await self._client.aclose()


class HttpJsonClient(HttpClient):
    content_type = "application/json"

    def parse(self, message: Any, body: bytes) -> Any:
        return json_format.Parse(body, message)

    def encode(self, signal: Signal, raw: bytes) -> bytes:
        return encode_json(signal, signal.request_class.FromString(raw)).encode()


def response_class(signal: Signal) -> Any:
    return {
        Signal.TRACES: ExportTraceServiceResponse,
        Signal.LOGS: ExportLogsServiceResponse,
        Signal.METRICS: ExportMetricsServiceResponse,
    }[signal]


@dataclass
class Served:
    intake: RememberingIntake
    guard: Guard
    receiver: GrpcReceiver | HttpReceiver
    client: Client

    async def assert_next_passes(self, token: str | None = None) -> None:
        before = len(self.intake.accepted)
        answer = await self.client.send(
            Signal.TRACES, self.client.encode(Signal.TRACES, good(Signal.TRACES)), token=token
        )
        assert answer.ok
        assert len(self.intake.accepted) == before + 1


WAYS: dict[str, Callable[[int], Client]] = {
    "grpc": GrpcClient,
    "http_protobuf": HttpClient,
    "http_json": HttpJsonClient,
}


@asynccontextmanager
async def served(
    way: str,
    *,
    limits: GuardConfig | None = None,
    max_mib: int = 64,
    token: str | None = None,
    **http: Any,
) -> AsyncIterator[Served]:
    """A receiver for that way in, running, with its client."""
    intake, guard = RememberingIntake(), Guard(limits)
    auth = None if token is None else BearerAuth(bearer_token=Secret(token))
    receiver: GrpcReceiver | HttpReceiver
    if way == "grpc":
        grpc_config = GrpcReceiverConfig(endpoint="127.0.0.1:0", max_recv_msg_size_mib=max_mib, auth=auth)
        receiver = GrpcReceiver(grpc_config, guard, intake)
    else:
        http_config = HttpReceiverConfig(endpoint="127.0.0.1:0", max_request_body_size=max_mib * MIB, auth=auth, **http)
        receiver = HttpReceiver(http_config, guard, intake)
    await receiver.start()
    client = WAYS[way](receiver.port)
    try:
        yield Served(intake, guard, receiver, client)
    finally:
        await client.close()
        await receiver.stop(0.5)
