"""Message lists in the shapes that SDKs and conventions write them, as one list of role and text.

Shapes: OpenTelemetry (`parts`), OpenAI chat and responses, Anthropic, Bedrock Converse and Gemini (`content` or
`parts`). What is none of these comes out as compact JSON with sorted keys, so that nothing gets lost.

Reasoning is left out: hardly any two dialects write the same of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_ROLES: Final = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "developer": "system",
    "function": "tool",
}
_REASONING: Final = frozenset({"reasoning", "thinking", "redacted_thinking", "thought"})
_TEXT_KEYS: Final = ("text", "content", "refusal", "input_text", "output_text")
_NOT_CONTENT: Final = frozenset({"type", "id", "signature", "encrypted_content", "thought_signature", "cache_control"})
"""Identifiers and a provider's opaque blobs."""


class Message(NamedTuple):
    role: str
    """`system`, `user`, `assistant`, `tool`, or whatever the span says, in lower case."""
    text: str
    """Parts are joined by a line break; a tool call is `[tool_call] name {"argument": …}`."""


def messages_of(data: Any, default_role: str) -> list[Message]:
    """The messages in `data`: a list of messages, one message, a request or response around them, or text.

    Messages without text are left out, and so is all of `data` if it is nested deeper than the stack.
    `default_role` is for messages that bear none.
    """
    try:
        return [message for message in _messages(data, default_role) if message.text]
    except RecursionError:
        return []


def parse(text: str) -> Any:
    """The JSON object or array in `text`; `text` itself if there is none, or it was cut off."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def canonical_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _messages(data: Any, default_role: str) -> Iterator[Message]:
    match data:
        case None:
            return
        case str():
            yield Message(default_role, data)
        case list():
            yield from _list(data, default_role)
        case {"messages": list() as messages}:
            if data.get("system"):
                yield from _messages(data["system"], "system")
            yield from _messages([item for one in messages for item in _flattened(one)], default_role)
        case {"contents": list() | str() as contents}:
            yield from _messages(contents, default_role)
        case {"choices": list() as choices} | {"candidates": list() as choices}:
            for choice in choices:
                yield from _messages(choice, default_role)
        case {"message": message} if "role" not in data:
            yield from _messages(message, default_role)
        case {"output": list() as output} if "role" not in data:
            yield from _messages(output, default_role)
        case {"role": _} | {"content": _} | {"parts": _} | {"tool_calls": _} if "type" not in data or "role" in data:
            yield _message(data, default_role)
        case dict():
            yield Message(default_role, _part(data))
        case _:
            yield Message(default_role, canonical_json(data))


def _flattened(one: Any) -> list[Any]:
    """LangChain writes its messages as a list of batches."""
    return one if isinstance(one, list) else [one]


def _list(items: list[Any], default_role: str) -> Iterator[Message]:
    """Messages, or the parts of a single one: text blocks stand without a role of their own."""
    if any(isinstance(item, dict) and ("role" in item or "message" in item) for item in items):
        for item in items:
            yield from _messages(item, default_role)
    else:
        yield Message(default_role, _join(_parts(items)))


def _message(data: dict[str, Any], default_role: str) -> Message:
    role = data.get("role")
    role = role.lower() if isinstance(role, str) and role else default_role
    lines = list(_parts(data.get("parts")))
    content = data.get("content")
    lines += [_result(content)] if role in ("tool", "function") and isinstance(content, str) else _parts(content)
    if isinstance(data.get("refusal"), str):
        lines.append(data["refusal"])
    if isinstance(data.get("tool_calls"), list):
        lines += (_part(call) for call in data["tool_calls"])
    if isinstance(data.get("function_call"), dict):
        lines.append(_tool_call(data["function_call"]))
    return Message(_ROLES.get(role, role), _join(lines))


def _parts(content: Any) -> Iterator[str]:
    match content:
        case None:
            return
        case str():
            yield content
        case list():
            for item in content:
                yield _part(item)
        case dict():
            yield _part(content)
        case _:
            yield canonical_json(content)


def _join(lines: Any) -> str:
    return "\n".join(line for line in lines if line)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return canonical_json(part)
    kind = part.get("type")
    if (isinstance(kind, str) and kind in _REASONING) or part.get("thought") is True or "reasoningContent" in part:
        return ""
    match part:
        case {"type": "tool_call" | "tool_use" | "tool-call" | "function_call"}:
            return _tool_call(part)
        case {"function": dict() as function} if "name" in function:
            return _tool_call(function)
        case {"toolUse": dict() as call} | {"function_call": dict() as call} | {"functionCall": dict() as call}:
            return _tool_call(call)
        case {"toolResult": dict() as result}:
            return _result(result.get("content"))
        case {"function_response": dict() as result} | {"functionResponse": dict() as result}:
            return _result(result.get("response"))
        case {"type": "tool_call_response" | "tool_result" | "tool-result" | "function_call_output"}:
            for key in ("response", "result", "content", "output"):
                if key in part:
                    return _result(part[key])
            return ""
        case {"mime_type": str() as mime, "content": str() as data} if kind != "text":
            return f"data:{mime};base64,{data}"
        case {"source": {"media_type": str() as mime, "data": str() as data}}:
            return f"data:{mime};base64,{data}"
        case {"inline_data": {"mime_type": str() as mime, "data": str() as data}}:
            return f"data:{mime};base64,{data}"
        case {"image_url": {"url": str() as url}} | {"image_url": str() as url} | {"uri": str() as url}:
            return url
        case {"file_id": str() as file_id}:
            return file_id
    for key in _TEXT_KEYS:
        if isinstance(part.get(key), str):
            return str(part[key])
    rest = {key: value for key, value in part.items() if key not in _NOT_CONTENT and value not in (None, "", [], {})}
    return canonical_json(rest) if rest else ""


def _tool_call(call: dict[str, Any]) -> str:
    arguments = next((call[key] for key in ("arguments", "input", "args") if key in call), None)
    if isinstance(arguments, str):
        arguments = parse(arguments)
    if not isinstance(arguments, str):
        arguments = canonical_json({} if arguments is None else arguments)
    name = call.get("name") or call.get("toolName") or ""
    return f"[tool_call] {name} {arguments}"


def _result(value: Any) -> str:
    """What a tool gave back: text as it is, JSON in canonical form."""
    if isinstance(value, str):
        parsed = parse(value)
        return value if isinstance(parsed, str) else _structured(parsed)
    return "" if value is None else _structured(value)


def _structured(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) and "text" in item for item in value):
        return _join(_part(item) for item in value)
    return canonical_json(value)
