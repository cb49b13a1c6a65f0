"""What `prompts.retain_content` takes for content, by scope, event and form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.processor import Report, Stamp
from processors.prompts import ContentRetention, PromptsSection

TRACE = bytes(range(16))
MESSAGE = json.dumps([{"role": "user", "content": "Hello"}])
LONG = "Once upon a time there was a long answer. " * 6


def retention() -> ContentRetention:
    return ContentRetention(PromptsSection.model_validate({"retain_content": {"default": 0.0}}))


def kept_keys(scope: str, values: dict[str, str], event: str | None = None) -> list[str]:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add().scope_spans.add()
    group.scope.name = scope
    span: Any = group.spans.add(trace_id=TRACE)
    holder = span if event is None else span.events.add(name=event)
    for key, value in values.items():
        holder.attributes.add(key=key).value.string_value = value
    retention().traces(request, {TRACE: Stamp("p")}, Report())
    return [kv.key for kv in holder.attributes]


@pytest.mark.parametrize(
    ("scope", "key", "value", "event", "stays"),
    [
        ("pipecat", "input", "hi", None, False),
        ("app", "input", "hi", None, True),
        ("litellm", "llm.openai.messages", "hi", None, False),
        ("langfuse-sdk", "brand.new", MESSAGE, None, False),
        ("langfuse-sdk", "brand.new", LONG, None, False),
        ("langfuse-sdk", "brand.new", "short", None, True),
        ("app", "brand.new", MESSAGE, None, True),
        ("gen_ai", "gen_ai.prompt.name", "greeting", None, True),
        ("app", "exception.message", LONG, "exception", True),
        ("app", "db.query.text", "SELECT 1", None, True),
        ("app", "http.request.body", "hi", None, False),
        ("app", "brand.new", "Hi there", "gen_ai.user.message", False),
        ("langsmith", "langsmith.metadata.ls_model_name", "gpt-4o", None, True),
        ("langsmith", "langsmith.metadata.note", "Call Ada", None, False),
        ("langfuse-sdk", "langfuse.observation.metadata.node", '"model"', None, True),
    ],
)
def test_what_goes(scope: str, key: str, value: str, event: str | None, stays: bool) -> None:  # noqa: FBT001  # a table's column
    """Content by its scope, what looks like content where models are called; errors, statements and names stay."""
    assert kept_keys(scope, {key: value}, event) == ([key] if stays else [])


def test_a_key_about_models_is_enough() -> None:
    """Under a scope that nobody knows, what looks like content beside it is content."""
    assert kept_keys("acme", {"gen_ai.request.model": "m", "brand.new": MESSAGE}) == ["gen_ai.request.model"]


@pytest.mark.parametrize(
    ("scope", "event", "body", "stays"),
    [
        ("strands.telemetry.tracer", "strands.telemetry.tracer", "hi", False),
        ("app", "app.started", "hi", True),
        ("autogen_core.events", "", MESSAGE, False),
        ("autogen_core.events", "", "started", True),
        ("app", "", MESSAGE, True),
    ],
)
def test_which_bodies_go(scope: str, event: str, body: str, stays: bool) -> None:  # noqa: FBT001  # a table's column
    """ADOT names the event after the scope; other bodies go where models are called and they look like content."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add().scope_logs.add()
    group.scope.name = scope
    record = group.log_records.add(trace_id=TRACE, event_name=event)
    record.body.string_value = body
    retention().logs(request, {TRACE: Stamp("p")}, Report())
    assert record.HasField("body") is stays
