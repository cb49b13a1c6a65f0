"""Messages that are events: span events, and log records with the same names.

`gen_ai.user.message` and its kind (conventions up to 1.36) hold one message each: as the body of a log record, or as
attributes `content` or `message` (Strands), `gen_ai.event.content` (Azure), `gen_ai.prompt` and `gen_ai.completion`
(1.27). The details event (1.37 and later) holds the whole conversation in the attributes that spans have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.conversation.decode import CUT, decoded, decoded_text
from processors.genai.conversation.message import Message, joined
from processors.genai.conversation.shapes import messages_of

DETAILS: Final = "gen_ai.client.inference.operation.details"
ROLES: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.system.instructions": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.content.prompt": "user",
    "gen_ai.prompt": "user",
    "gen_ai.choice": "assistant",
    "gen_ai.content.completion": "assistant",
}
COMPLETIONS: Final = frozenset({"gen_ai.choice", "gen_ai.content.completion"})
_WHOLE: Final = ("gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion", "gen_ai.prompt.content")
_FIELDS: Final = ("role", "content", "message", "tool_calls", "message.content", "message.role")


def of_span(events: Iterable[Span.Event], *, completion: bool) -> list[Message] | None:
    """The messages in the order in which they came; None if one of them was cut off."""
    found: list[Message] = []
    for event in events:
        role = ROLES.get(event.name)
        if role is None or (event.name in COMPLETIONS) is not completion:
            continue
        data = _data(event.attributes)
        if data is CUT:
            return None
        found += messages_of(_with_role(data, role), role)
    return joined(found)


def of_record(record: LogRecord, event: str) -> list[Message] | None:
    """The message that a log record is; empty if it is none, or says nothing; None if it was cut off."""
    role = ROLES.get(event)
    if role is None:
        return []
    data = _data(record.attributes)
    if data is None and record.HasField("body"):
        data = decoded(record.body)
        if isinstance(data, dict):
            data = _fields({key: _content(value) for key, value in data.items()})
    return None if data is CUT else messages_of(_with_role(data, role), role)


def _with_role(data: Any, role: str) -> Any:
    if isinstance(data, dict) and "role" not in data and any(key in data for key in _FIELDS):
        return {"role": role, **data}
    return data


def _data(attributes: Iterable[KeyValue]) -> Any:
    """None where the attributes hold no message."""
    values: Mapping[str, AnyValue] = {item.key: item.value for item in attributes}
    for key in _WHOLE:
        if key in values:
            return decoded(values[key])
    data = {key.removeprefix("message."): _content(decoded_plain(values[key])) for key in _FIELDS if key in values}
    return _fields(data) if set(data) - {"role"} else None


def decoded_plain(value: AnyValue) -> Any:
    """Structure as structure, a string as it is."""
    return value.string_value if value.HasField("string_value") else decoded(value)


def _fields(data: dict[str, Any]) -> Any:
    if any(value is CUT for value in data.values()):
        return CUT
    if isinstance(data.get("tool_calls"), str):
        data["tool_calls"] = decoded_text(data["tool_calls"])
    if "message" in data and "content" not in data:
        message = data.pop("message")
        if isinstance(message, dict) and "content" not in message and "tool_calls" in message:
            data |= message
        else:
            data["content"] = message
    content = data.get("content")
    if isinstance(content, dict) and any(key in content for key in ("content", "tool_calls", "parts")):
        data.pop("content")
        data = {**content, **{key: value for key, value in data.items() if key not in content}}
    return data


def _content(value: Any) -> Any:
    """A string that holds content blocks or a message as those, any other string as the text it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    found = decoded_text(value)
    match found:
        case [{"type": _} | {"text": _} | {"toolUse": _} | {"toolResult": _} | {"function": _}, *_]:
            return found
        case {"content": _} | {"parts": _}:
            return found
        case _:
            return CUT if found is CUT else value
