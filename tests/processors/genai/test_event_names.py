from __future__ import annotations

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.event_names import log_event_name, span_event_name

SOURCE = "event otel/src/events/session_telemetry.rs:1200"


@pytest.mark.parametrize(
    ("field", "attributes", "body", "expected"),
    [
        ("gen_ai.choice", {}, "", "gen_ai.choice"),
        ("gen_ai.choice", {"event.name": "other"}, "a.b", "gen_ai.choice"),
        ("", {"event.name": "gen_ai.choice"}, "a.b", "gen_ai.choice"),
        ("", {"event_name": "gen_ai.content.completion"}, "", "gen_ai.content.completion"),
        (SOURCE, {"event.name": "codex.user_prompt"}, "", "codex.user_prompt"),
        (SOURCE, {}, "", SOURCE),
        ("", {}, "claude_code.user_prompt", "claude_code.user_prompt"),
        ("", {}, "The application has started.", None),
        ("", {}, "started", None),
        ("", {"event.name": ""}, "", None),
    ],
)
def test_a_log_records_name(field: str, attributes: dict[str, str], body: str, expected: str | None) -> None:
    """The field, unless it is a line of source; then the attribute, then a body in the form of a name."""
    record = LogRecord(event_name=field)
    for key, value in attributes.items():
        record.attributes.add(key=key).value.string_value = value
    if body:
        record.body.string_value = body
    assert log_event_name(record) == expected


@pytest.mark.parametrize(
    ("name", "attribute", "expected"),
    [
        ("gen_ai.choice", "other", "gen_ai.choice"),
        (SOURCE, "codex.user_prompt", "codex.user_prompt"),
        (SOURCE, "", SOURCE),
        ("event of the year: 2024", "other", "event of the year: 2024"),
    ],
)
def test_a_span_events_name(name: str, attribute: str, expected: str) -> None:
    """Its own, unless it is a line of source."""
    event = Span.Event(name=name)
    event.attributes.add(key="event.name").value.string_value = attribute
    assert span_event_name(event) == expected
