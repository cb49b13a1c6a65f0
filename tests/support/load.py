"""Apps under load that write down what was acknowledged: the ledger against which a sidecar's promises are checked.

A trace is sent in pieces, over several requests, some of them after its decision. A piece is acknowledged, or refused
and sent again, or in doubt: its request was under way when the sidecar died. What is in doubt is never sent again, so
that every span that is delivered twice was doubled by the sidecar.
"""

from __future__ import annotations

import heapq
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import grpc
import httpx2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.chats import EMAIL, PLANTED, chat_trace, request_of, set_attribute

Way = Literal["traces", "logs", "scores"]
Outcome = Literal["acknowledged", "refused", "in doubt"]

SERVICES = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
REASONS = ("error", "span event", "log record", "by trace", "by response", "by session")
"""Why a trace has to be kept: a failed span, or a low score that comes in one of these ways."""
SEQUENCE = "app.sequence"
"""On every log record: its own number."""
_RECONNECT_MS = 50
_PAUSE_S = 0.02


@dataclass(slots=True)
class Piece:
    """What one request brings of one trace."""

    way: Way
    spans: tuple[Span, ...] = ()
    log: LogRecord | None = None
    score: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """One trace; `proof` are the pieces that, once all are acknowledged, oblige the sidecar to keep it."""

    trace_id: bytes
    reason: str
    """One of REASONS, or `routine`."""
    pieces: list[Piece]
    proof: frozenset[int]
    acknowledged: set[int] = field(default_factory=set)
    in_doubt: set[int] = field(default_factory=set)
    answered_s: dict[int, float] = field(default_factory=dict)
    """When it became one or the other, by the monotonic clock."""

    @property
    def spread_s(self) -> float:
        """Between the first answer and the last."""
        return max(self.answered_s.values(), default=0.0) - min(self.answered_s.values(), default=0.0)

    @property
    def must_be_kept(self) -> bool:
        return self.reason != "routine" and self.proof <= self.acknowledged

    def acknowledged_spans(self) -> set[bytes]:
        return {span.span_id for index in self.acknowledged for span in self.pieces[index].spans}

    def acknowledged_logs(self) -> set[int]:
        logs = (self.pieces[index].log for index in self.acknowledged)
        return {sequence_of(log) for log in logs if log is not None}


def sequence_of(log: LogRecord) -> int:
    return next(item.value.int_value for item in log.attributes if item.key == SEQUENCE)


def evaluation(trace_id: bytes, score: float, sequence: int) -> LogRecord:
    """A score as GenAI evaluators log it."""
    log = LogRecord(trace_id=trace_id, event_name="gen_ai.evaluation.result", time_unix_nano=time.time_ns())
    log.body.string_value = f"judged: {' '.join(PLANTED)}"
    log.attributes.add(key="gen_ai.evaluation.name").value.string_value = "helpfulness"
    log.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = score
    log.attributes.add(key="gen_ai.evaluation.explanation").value.string_value = f"It told {EMAIL} off."
    log.attributes.add(key=SEQUENCE).value.int_value = sequence
    return log


def logs_of(records: Sequence[LogRecord]) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(records)
    return request


def low_score(reason: str, trace_id: bytes) -> dict[str, object]:
    """The body of a `POST /v1/scores` about a trace that `make_plan` made."""
    about = {
        "by trace": ("trace_id", trace_id.hex()),
        "by response": ("response_id", response_id(trace_id)),
        "by session": ("session_id", session_id(trace_id)),
    }
    key, identifier = about[reason]
    return {key: identifier, "name": "helpfulness", "value": 0.1}


def response_id(trace_id: bytes) -> str:
    return f"resp_{trace_id.hex()[:20]}"


def session_id(trace_id: bytes) -> str:
    return f"session-{trace_id.hex()[:20]}"


def make_spans(rng: random.Random, *, error: bool = False, score: float | None = None, tools: int = 0) -> list[Span]:
    """A chat with tool calls under it, all with planted personal data, and the ids that a score may name."""
    spans = chat_trace(rng, error=error, score=score)
    trace_id, call = spans[0].trace_id, spans[1]
    set_attribute(call, "gen_ai.response.id", response_id(trace_id))
    set_attribute(call, "session.id", session_id(trace_id))
    for number in range(tools):
        tool = Span(trace_id=trace_id, span_id=rng.randbytes(8), parent_span_id=call.span_id, name="execute_tool")
        tool.start_time_unix_nano, tool.end_time_unix_nano = call.start_time_unix_nano, call.end_time_unix_nano
        set_attribute(tool, "gen_ai.operation.name", "execute_tool")
        set_attribute(tool, "gen_ai.tool.call.arguments", json.dumps({"number": number, "to": EMAIL}))
        spans.append(tool)
    return spans


def make_plan(rng: random.Random, reason: str, sequence: int) -> Plan:
    low = {"span event": 0.2}.get(reason)
    spans = make_spans(rng, error=reason == "error", score=low, tools=rng.randint(0, 3))
    trace_id, call = spans[0].trace_id, spans[1]
    rng.shuffle(spans)
    cuts = sorted(rng.sample(range(1, len(spans)), rng.randint(0, min(2, len(spans) - 1))))
    pieces = [
        Piece("traces", tuple(spans[start:end])) for start, end in zip([0, *cuts], [*cuts, len(spans)], strict=True)
    ]
    of_call = next(index for index, piece in enumerate(pieces) if call in piece.spans)
    proof = {of_call}
    match reason:
        case "log record":
            pieces.append(Piece("logs", log=evaluation(trace_id, 0.1, sequence)))
            proof = {len(pieces) - 1}
        case "by trace" | "by response" | "by session":
            pieces.append(Piece("scores", score=low_score(reason, trace_id)))
            proof = {len(pieces) - 1} | (set() if reason == "by trace" else proof)
    return Plan(trace_id, reason, pieces, frozenset(proof))


class Client:
    """Sends one request, over gRPC or HTTP; scores always go over HTTP."""

    def __init__(self, grpc_port: int, http_port: int, *, over_grpc: bool) -> None:
        self._over_grpc = over_grpc
        self._url = f"http://127.0.0.1:{http_port}/v1/"
        self._http = httpx2.Client(trust_env=False, timeout=10)
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{grpc_port}",
            options=[
                ("grpc.initial_reconnect_backoff_ms", _RECONNECT_MS),
                ("grpc.min_reconnect_backoff_ms", _RECONNECT_MS),
                ("grpc.max_reconnect_backoff_ms", _RECONNECT_MS),
                ("grpc.enable_retries", 0),
            ],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._channel.close()

    def send(self, way: Way, body: bytes) -> Outcome:
        if self._over_grpc and way != "scores":
            return self._send_grpc(way, body)
        return self._send_http(way, body)

    def _send_grpc(self, way: Way, body: bytes) -> Outcome:
        export = self._channel.unary_unary(SERVICES[way], request_serializer=None, response_deserializer=None)
        try:
            export(body, timeout=10)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                answered = any(item.key == "grpc-status-details-bin" for item in error.trailing_metadata() or ())
                return "refused" if answered or str(error.details()).startswith("failed to connect") else "in doubt"
            if error.code() in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN):
                return "in doubt"
            raise
        return "acknowledged"

    def post(self, way: Way, body: bytes) -> httpx2.Response:
        kind = "application/json" if way == "scores" else "application/x-protobuf"
        return self._http.post(self._url + way, content=body, headers={"content-type": kind})

    def _send_http(self, way: Way, body: bytes) -> Outcome:
        try:
            answer = self.post(way, body)
        except httpx2.ConnectError:
            return "refused"
        except httpx2.TransportError:
            return "in doubt"
        if answer.status_code == 503 and "retry-after" in answer.headers:
            return "refused"
        assert answer.status_code == 200, f"{way}: {answer.status_code} {answer.text}"
        return "acknowledged"


class App:
    """One app in a thread of its own. It makes `traces_per_s` until `finish`, which returns when all is sent."""

    def __init__(self, client: Client, *, seed: int, traces_per_s: float, must_share: float = 0.2) -> None:
        self.plans: list[Plan] = []
        self._client = client
        self._rng = random.Random(seed)
        self._sequence = seed * 10**9
        self._every_s = 1 / traces_per_s
        self._must_share = must_share
        self._due: list[tuple[float, int, Plan, int]] = []
        self._ticket = 0
        self._finishing = threading.Event()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"app {seed}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(30)

    def finish(self, timeout_s: float = 30.0) -> None:
        self._finishing.set()
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "the app could not send everything"
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            next_s = time.monotonic()
            while not self._stopping.is_set():
                now = time.monotonic()
                while not self._finishing.is_set() and next_s <= now:
                    self._begin_trace(now)
                    next_s = max(next_s + self._every_s, now - 1)
                if self._finishing.is_set() and not self._due:
                    return
                if not self._send_some(now):
                    self._stopping.wait(_PAUSE_S)
        except BaseException as error:  # noqa: BLE001  # told by `finish`
            self._failure = error

    def _begin_trace(self, now: float) -> None:
        rng = self._rng
        self._sequence += 1
        reason = rng.choice(REASONS) if rng.random() < self._must_share else "routine"
        plan = make_plan(rng, reason, self._sequence)
        self.plans.append(plan)
        for index, piece in enumerate(plan.pieces):
            late = (0.0, 0.0, 0.2, 0.6, 1.5) if piece.way == "traces" else (0.0, 0.5, 2.5)
            self._put(now + rng.choice(late), plan, index)

    def _put(self, due: float, plan: Plan, index: int) -> None:
        self._ticket += 1
        heapq.heappush(self._due, (due, self._ticket, plan, index))

    def _send_some(self, now: float) -> bool:
        """False if nothing was due, or nothing was taken."""
        batch = list(self._next_batch(now))
        if not batch:
            return False
        way = batch[0][0].pieces[batch[0][1]].way
        outcome = self._client.send(way, encode(way, [plan.pieces[index] for plan, index in batch]))
        for plan, index in batch:
            plan.answered_s[index] = time.monotonic()
            match outcome:
                case "acknowledged":
                    plan.acknowledged.add(index)
                case "in doubt":
                    plan.in_doubt.add(index)
                case "refused":
                    self._put(now + 0.1, plan, index)
        return outcome == "acknowledged"

    def _next_batch(self, now: float) -> Iterator[tuple[Plan, int]]:
        """Up to some dozen pieces that go the same way."""
        way: Way | None = None
        others = []
        size = self._rng.choice((1, 3, 10, 40))
        while self._due and self._due[0][0] <= now and size:
            entry = heapq.heappop(self._due)
            _, _, plan, index = entry
            way = way or plan.pieces[index].way
            if plan.pieces[index].way == way:
                size -= 1
                yield plan, index
            else:
                others.append(entry)
        for entry in others:
            heapq.heappush(self._due, entry)


def encode(way: Way, pieces: Sequence[Piece]) -> bytes:
    match way:
        case "traces":
            request: ExportTraceServiceRequest = request_of([span for piece in pieces for span in piece.spans])
            return request.SerializeToString()
        case "logs":
            return logs_of([piece.log for piece in pieces if piece.log is not None]).SerializeToString()
        case "scores":
            return json.dumps([piece.score for piece in pieces]).encode()
