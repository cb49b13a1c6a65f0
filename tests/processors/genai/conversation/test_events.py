from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from processors.genai.conversation import events
from processors.genai.conversation.message import Message
from tests.processors.genai.conversation.chats import TOOL_CALLS
from tests.processors.genai.spans import any_value, put, span_of

CALL = Message("assistant", '[tool_call] weather {"city":"Paris","days":2}')


def record(body: Any = None, attributes: Mapping[str, Any] | None = None, name: str = "") -> LogRecord:
    found = LogRecord(event_name=name)
    if body is not None:
        found.body.CopyFrom(any_value(body))
    put(found.attributes, attributes or {})
    return found


@pytest.mark.parametrize(
    ("name", "body", "attributes", "expected"),
    [
        ("gen_ai.user.message", {"content": "Hi"}, {}, [Message("user", "Hi")]),
        ("gen_ai.user.message", {"content": [{"text": "Hi"}]}, {}, [Message("user", "Hi")]),
        ("gen_ai.user.message", json.dumps({"role": "user", "content": "Hi"}), {}, [Message("user", "Hi")]),
        ("gen_ai.user.message", "Hi", {}, [Message("user", "Hi")]),
        ("gen_ai.user.message", None, {"content": "Hi", "gen_ai.system": "openai"}, [Message("user", "Hi")]),
        (
            "gen_ai.user.message",
            {"content": [{"toolResult": {"content": [{"text": "1"}]}}]},
            {},
            [Message("tool", "1")],
        ),
        ("gen_ai.assistant.message", {"tool_calls": TOOL_CALLS}, {}, [CALL]),
        ("gen_ai.choice", {"index": 0, "message": {"content": "Dry."}}, {}, [Message("assistant", "Dry.")]),
        ("gen_ai.choice", {"index": 0, "message": {"tool_calls": TOOL_CALLS}}, {}, [CALL]),
        ("gen_ai.choice", {"message": "Dry."}, {}, [Message("assistant", "Dry.")]),
        ("gen_ai.content.completion", None, {"message.content": "Dry."}, [Message("assistant", "Dry.")]),
        ("gen_ai.content.prompt", None, {"gen_ai.prompt": "Hi"}, [Message("user", "Hi")]),
        ("gen_ai.tool.message", {"id": "1", "content": '{"b": 1, "a": 2}'}, {}, [Message("tool", '{"a":2,"b":1}')]),
        ("gen_ai.user.message", {"content": '[{"text": "H'}, {}, None),
        ("gen_ai.user.message", None, {}, []),
        ("gen_ai.user.message", {}, {}, []),
        ("app.started", {"content": "Hi"}, {}, []),
    ],
)
def test_log_records(name: str, body: Any, attributes: dict[str, Any], expected: list[Message] | None) -> None:
    """The message is in the body, as structure or as JSON, or in attributes. None: it was cut off."""
    assert events.of_record(record(body, attributes), name) == expected


def test_one_cut_message_makes_all_unknown() -> None:
    """The rest is not what was sent."""
    span = span_of({}, ("gen_ai.user.message", {"content": "Hi"}), ("gen_ai.tool.message", {"content": '[{"text": "H'}))
    assert events.of_span(span.events, completion=False) is None
    assert events.of_span(span.events, completion=True) == []
