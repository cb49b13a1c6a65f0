"""The conversation in a span: system prompt, prompt and completion in one canonical form, whatever the dialect.

The same chat gives the same text whether it is written as `gen_ai.*.messages`, as message events, as flattened
OpenInference attributes, or as a request body in `input.value`. Where a span holds it several times, the first of
these, in this order, is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.anyvalue import plain
from processors.genai.message_shapes import Message, canonical_json, messages_of, parse

_DETAILS_EVENT: Final = "gen_ai.client.inference.operation.details"
_EVENT_ROLES: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.content.prompt": "user",
    "gen_ai.choice": "assistant",
    "gen_ai.content.completion": "assistant",
}
_COMPLETION_EVENTS: Final = frozenset({"gen_ai.choice", "gen_ai.content.completion"})
_EVENT_CONTENT: Final = ("gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion")
_EVENT_FIELDS: Final = ("role", "content", "message", "tool_calls")

_FLATTENED: Final = re.compile(r"llm\.(input|output)_messages\.([0-9]{1,9})\.message\.(.+)", re.DOTALL)
_TEXTS: Final = re.compile(r"llm\.(prompts|choices)\.([0-9]{1,9})(?:\.prompt\.text|\.completion\.text)?")

_PART: Final = re.compile(r"(contents|tool_calls)\.([0-9]{1,9})\.(.+)", re.DOTALL)
_MEDIA_SUFFIXES: Final = ("url", "text", "transcript", "content")


@dataclass(frozen=True, slots=True)
class Conversation:
    system: tuple[Message, ...]
    prompt: tuple[Message, ...]
    """Everything that was sent to the model but system messages."""
    completion: tuple[Message, ...]


def read_conversation(span: Span) -> Conversation:
    """What the span holds of its conversation; empty parts where it holds none.

    A value that cannot be read as messages counts as plain text, one nested beyond reason as absent.
    """
    values = {item.key: item.value for item in span.attributes}
    for event in span.events:
        if event.name == _DETAILS_EVENT:
            values = {item.key: item.value for item in event.attributes} | values
    sent = _first(
        lambda: _value(values, "gen_ai.input.messages", "user"),
        lambda: _value(values, "gen_ai.prompt", "user"),
        lambda: _events(span.events, completion=False),
        lambda: _flattened(values, "input"),
        lambda: _texts(values, "prompts", "user") or _value(values, "llm.prompts", "user"),
        lambda: _value(values, "input.value", "user"),
    )
    completion = _first(
        lambda: _value(values, "gen_ai.output.messages", "assistant"),
        lambda: _value(values, "gen_ai.completion", "assistant"),
        lambda: _events(span.events, completion=True),
        lambda: _flattened(values, "output"),
        lambda: _texts(values, "choices", "assistant"),
        lambda: _value(values, "output.value", "assistant"),
    )
    system = _value(values, "gen_ai.system_instructions", "system")
    return Conversation(
        system=(*system, *(message for message in sent if message.role == "system" and message not in system)),
        prompt=tuple(message for message in sent if message.role != "system"),
        completion=tuple(completion),
    )


def _first(*sources: Any) -> list[Message]:
    return next((messages for source in sources if (messages := source())), [])


def _value(values: Mapping[str, AnyValue], key: str, role: str) -> list[Message]:
    return messages_of(_parsed(values[key]), role) if key in values else []


def _parsed(value: AnyValue) -> Any:
    data = plain(value)
    if isinstance(data, str):
        return parse(data)
    if isinstance(data, list):
        return [parse(item) if isinstance(item, str) else item for item in data]
    return data


def _content(value: AnyValue) -> Any:
    """A message's content: a string that holds content blocks as those, any other string as the text it is."""
    data = plain(value)
    if not isinstance(data, str):
        return data
    match parse(data):
        case [{"type": _} | {"text": _}, *_] as blocks:
            return blocks
        case {"content": _} as message:
            return message
        case _:
            return data


def _events(events: Iterable[Span.Event], *, completion: bool) -> list[Message]:
    found: list[Message] = []
    for event in events:
        role = _EVENT_ROLES.get(event.name)
        if role is not None and (event.name in _COMPLETION_EVENTS) is completion:
            found += _event(event.attributes, role)
    return found


def _event(attributes: Iterable[KeyValue], role: str) -> Iterator[Message]:
    fields = {item.key: item.value for item in attributes}
    for key in _EVENT_CONTENT:
        if key in fields:
            return iter(messages_of(_parsed(fields[key]), role))
    data = {key: _content(fields[key]) for key in _EVENT_FIELDS if key in fields}
    if isinstance(data.get("tool_calls"), str):
        data["tool_calls"] = parse(data["tool_calls"])
    if "message" in data and "content" not in data:
        data["content"] = data.pop("message")
    if isinstance(data.get("content"), dict) and "content" in data["content"]:
        data = {"role": role, **data.pop("content"), **data}
    return iter(messages_of({"role": role, **data}, role)) if data else iter(())


def _flattened(values: Mapping[str, AnyValue], direction: str) -> list[Message]:
    """OpenInference: `llm.input_messages.0.message.content`, `….contents.0.message_content.text`, …"""
    by_index: dict[int, dict[str, AnyValue]] = defaultdict(dict)
    for key, value in values.items():
        if key.startswith("llm.") and (match := _FLATTENED.fullmatch(key)) and match[1] == direction:
            by_index[int(match[2])][match[3]] = value
    role = "user" if direction == "input" else "assistant"
    found: list[Message] = []
    for index in sorted(by_index):
        found += messages_of(_unflattened(by_index[index]), role)
    return found


def _unflattened(fields: Mapping[str, AnyValue]) -> dict[str, Any]:
    """One flattened message in OpenAI's shape."""
    contents: dict[int, dict[str, Any]] = defaultdict(dict)
    calls: dict[int, dict[str, Any]] = defaultdict(dict)
    message: dict[str, Any] = {}
    for key, value in fields.items():
        if match := _PART.fullmatch(key):
            kind, index, field = match[1], int(match[2]), match[3]
            if kind == "contents":
                contents[index][field.removeprefix("message_content.")] = plain(value)
            else:
                calls[index][field.removeprefix("tool_call.")] = plain(value)
        elif key == "content":
            message["content"] = _content(value)
        elif key in ("role", "function_call_name", "function_call_arguments_json"):
            message[key] = plain(value)
    if contents:
        message["content"] = [_content_part(contents[index]) for index in sorted(contents)]
    if calls:
        message["tool_calls"] = [
            {"function": {"name": call.get("function.name", ""), "arguments": call.get("function.arguments")}}
            for call in (calls[index] for index in sorted(calls))
        ]
    if "function_call_name" in message:
        arguments = message.pop("function_call_arguments_json", None)
        message["function_call"] = {"name": message.pop("function_call_name"), "arguments": arguments}
    return message


def _content_part(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`text`, or the one field that says what image, audio or document it is."""
    kind = fields.get("type")
    text = next(
        (
            value
            for suffix in _MEDIA_SUFFIXES
            for key, value in fields.items()
            if key.rpartition(".")[2] == suffix and isinstance(value, str)
        ),
        None,
    )
    return {"type": kind, "text": text} if text else {"type": kind}


def _texts(values: Mapping[str, AnyValue], field: str, role: str) -> list[Message]:
    """OpenInference completions: `llm.prompts.0.prompt.text`, `llm.choices.0.completion.text`."""
    found = {
        int(match[2]): value.string_value
        for key, value in values.items()
        if key.startswith("llm.") and (match := _TEXTS.fullmatch(key)) and match[1] == field
    }
    return [Message(role, found[index]) for index in sorted(found) if found[index]]


def canonical_text(messages: Iterable[Message]) -> str:
    """JSON: `[["user","Hello"],["assistant","Hi"]]`, without blanks, beyond ASCII unescaped."""
    return canonical_json([list(message) for message in messages])
