from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.otlp.signal import Signal
from sidecar.demo.app_settings import COPY_ENDPOINT, SETTINGS
from sidecar.demo.backend import Backend
from sidecar.demo.chats import CHATS
from sidecar.demo.fake_model import FakeModel
from sidecar.demo.sidecar_process import clean_environment
from sidecar.demo.trace_view import TraceView, trace_views

APP = [sys.executable, "-m", "sidecar.demo.app"]


def run_app(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603  # our own command
        [*APP, *arguments], env=clean_environment({**SETTINGS, **environment}), capture_output=True, text=True,
        timeout=50, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def backends() -> Iterator[tuple[Backend, Backend]]:
    """Where the app sent to, and where the copy went, after it held every chat."""
    with Backend() as backend, Backend() as copy, FakeModel(CHATS) as model:
        environment = {
            "OPENAI_BASE_URL": model.base_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{backend.address}",
            COPY_ENDPOINT: f"http://{copy.address}",
        }
        printed = json.loads(run_app([], environment))
        assert printed == {"chats": len(CHATS), "failed": 1}
        yield backend, copy


@pytest.fixture(scope="module")
def views(backends: tuple[Backend, Backend]) -> dict[str, TraceView]:
    return {view.title: view for view in trace_views(backends[0].traces()).values()}


def spans_of(backend: Backend, title: str, views: dict[str, TraceView]) -> list[Span]:
    wanted = bytes.fromhex(views[title].trace_id)
    return [
        span
        for request in backend.traces()
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
        if span.trace_id == wanted
    ]


def log_records(backend: Backend) -> list[LogRecord]:
    return [
        record
        for raw in backend.received(Signal.LOGS)
        for group in ExportLogsServiceRequest.FromString(raw).resource_logs
        for scope in group.scope_logs
        for record in scope.log_records
    ]


def test_every_chat_is_one_trace_with_a_root(views: dict[str, TraceView]) -> None:
    """As many traces as chats, each named, each with its root span."""
    assert set(views) == {chat.title for chat in CHATS}
    assert all(view.root_span_id for view in views.values())


def test_the_copy_is_the_same(backends: tuple[Backend, Backend], views: dict[str, TraceView]) -> None:
    """What the page calls "before" is what the sidecar is sent."""
    assert {view.title: view for view in trace_views(backends[1].traces()).values()} == views


def test_content_is_recorded(backends: tuple[Backend, Backend], views: dict[str, TraceView]) -> None:
    """Questions are on the spans in full, and all that is planted is somewhere in the telemetry."""
    for chat in CHATS:
        assert views[chat.title].question == chat.question
        for value in chat.planted:
            assert value.encode() in backends[0].received_bytes()


def test_a_failed_chat_has_a_failed_span(views: dict[str, TraceView]) -> None:
    """Failed and retried calls have an error, the others have none."""
    for chat in CHATS:
        assert bool(views[chat.title].error) == (chat.fate == "error")


def test_a_retry_is_a_second_call_that_answers(backends: tuple[Backend, Backend], views: dict[str, TraceView]) -> None:
    """The rate-limited chat has one failed model call, one good one, and a root that did not fail."""
    title = "Call me back; rate limited, then answered"
    codes = [(span.name, span.status.code) for span in spans_of(backends[0], title, views)]
    assert sorted(codes) == [
        ("chat gpt-4o-mini", Status.STATUS_CODE_UNSET),
        ("chat gpt-4o-mini", Status.STATUS_CODE_ERROR),
        ("support chat", Status.STATUS_CODE_UNSET),
    ]
    assert views[title].answer.startswith("Of course")


def test_a_tool_round_has_two_calls_and_the_tool(
    backends: tuple[Backend, Backend], views: dict[str, TraceView]
) -> None:
    """Model, tool, model; the tool's result is on its span."""
    title = "Where is my order; with a tool"
    names = sorted(span.name for span in spans_of(backends[0], title, views))
    assert names == ["chat gpt-4o", "chat gpt-4o", "execute_tool find_order", "support chat"]
    assert "Thomas Schneider" in views[title].tool_result


def test_scores_are_span_events(backends: tuple[Backend, Backend], views: dict[str, TraceView]) -> None:
    """The evaluator's verdict is an event of the root span while the trace is open; no other chat has one."""
    for chat in CHATS:
        events = [
            {pair.key: pair.value for pair in event.attributes}
            for span in spans_of(backends[0], chat.title, views)
            for event in span.events
            if event.name == "gen_ai.evaluation.result"
        ]
        assert [event["gen_ai.evaluation.score.value"].double_value for event in events] == (
            [] if chat.score is None else [chat.score]
        )


def test_model_calls_carry_token_counts(backends: tuple[Backend, Backend], views: dict[str, TraceView]) -> None:
    """Without them nothing could be priced."""
    span = next(s for s in spans_of(backends[0], "Opening hours", views) if s.name.startswith("chat"))
    counts = {pair.key: pair.value.int_value for pair in span.attributes if pair.key.startswith("gen_ai.usage.")}
    assert counts == {"gen_ai.usage.input_tokens": 90, "gen_ai.usage.output_tokens": 12}


def test_a_late_rating_is_a_log_record_of_the_trace() -> None:
    """`--rate` sends one evaluation result that carries the ids it was given, and nothing else."""
    with Backend() as backend:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{backend.address}"}
        run_app(["--rate", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "0.1"], environment)
        (record,) = log_records(backend)
        assert backend.traces() == []
    assert record.event_name == "gen_ai.evaluation.result"
    assert record.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert record.span_id.hex() == "b7ad6b7169203331"
    attributes = {pair.key: pair.value for pair in record.attributes}
    assert attributes["gen_ai.evaluation.score.value"].double_value == 0.1
