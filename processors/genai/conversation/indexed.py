"""Messages that are spread over attributes with an index: `gen_ai.prompt.0.tool_calls.1.name`.

OpenInference (`llm.input_messages.0.message.contents.0.message_content.text`), OpenLLMetry and those that write as it
does (`gen_ai.prompt.0.content`), and completions that are text alone (`llm.prompts.0.prompt.text`, `gen_ai.prompt.0`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from processors.genai.conversation.decode import CUT, decoded_text

_INDEXED: Final = re.compile(r"(.+?)\.([0-9]{1,9})(?:\.(.+))?", re.DOTALL)
_WRAPPERS: Final = frozenset({"message", "message_content", "tool_call", "prompt", "completion", "tool"})
"""Levels that say what they hold, and hold nothing beside it."""
_MEDIA_SUFFIXES: Final = ("url", "text", "transcript", "content")
_MAX_DEPTH: Final = 16
PIECE: Final = "(piece)"
"""Below a content of which there is only a piece."""


class Place(NamedTuple):
    base: str
    """What stands before the first index."""
    path: tuple[str, ...]
    """From the first index on: indexes and field names."""


def place_of(key: str) -> Place | None:
    """None for a key without an index."""
    match = _INDEXED.fullmatch(key)
    if match is None:
        return None
    path = (match[2], *match[3].split(".")) if match[3] else (match[2],)
    return Place(match[1], path) if len(path) <= _MAX_DEPTH else None


def unflattened(fields: Iterable[tuple[tuple[str, ...], Any]]) -> list[Any]:
    """The items of one family, in the order of their indexes, each in the shape of OpenAI's messages.

    A `content` that holds JSON of parts is those parts; one that was cut off makes the whole family `[CUT]`.
    """
    root: dict[str, Any] = {}
    for path, value in fields:
        node = root
        *steps, last = path
        for step in steps:
            below = node.setdefault(step, {})
            if not isinstance(below, dict):  # text and fields in one place
                below = node[step] = {"content": below}
            node = below
        if isinstance(node.get(last), dict):
            node[last].setdefault("content", value)
        else:
            node[last] = value
    items = [_message(item) for _, item in _in_order(root)]
    return [CUT] if any(item is CUT for item in items) else items


def _in_order(node: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(node.items(), key=lambda item: (int(item[0]) if item[0].isdigit() else -1, item[0]))


def _unwrapped(node: Any) -> Any:
    while isinstance(node, dict) and len(node) == 1 and next(iter(node)) in _WRAPPERS:
        node = next(iter(node.values()))
    return node


def _message(node: Any) -> Any:
    node = _unwrapped(node)
    if not isinstance(node, dict):
        return node
    if set(node) == {"text"}:
        return node["text"]
    message = {key: value for key, value in node.items() if not isinstance(value, dict)}
    if set(message) == {"user"}:
        return {"role": "user", "content": message["user"]}  # Traceloop's prompt of a text completion
    content = message.get("content")
    if isinstance(content, str) and (parsed := _parts_in(content)) is not None:
        if parsed is CUT:
            return CUT
        message["content"] = parsed
    elif isinstance(node.get("content"), dict):
        if PIECE in node["content"]:
            return CUT
        message["content"] = _values(node["content"])
    if isinstance(node.get("contents"), dict):
        message["content"] = [_part(part) for _, part in _in_order(node["contents"])]
    if isinstance(node.get("tool_calls"), dict):
        message["tool_calls"] = [_call(call) for _, call in _in_order(node["tool_calls"])]
    name = message.pop("function_call_name", None)
    arguments = message.pop("function_call_arguments_json", None)
    if name:
        message["function_call"] = {"name": name, "arguments": arguments}
    elif isinstance(node.get("function_call"), dict) and node["function_call"].get("name"):
        message["function_call"] = node["function_call"]
    message.setdefault("role", None)
    return message


def _parts_in(content: str) -> Any:
    """The content blocks or the message that a string holds; None for any other string: that is the text it is."""
    if content.lstrip()[:1] not in ("[", "{"):
        return None
    match decoded_text(content):
        case [{"type": _} | {"text": _} | {"toolUse": _} | {"toolResult": _} | {"image": _}, *_] as blocks:
            return blocks
        case {"content": _} as message:
            return message["content"]
        case found if found is CUT:
            return CUT
    return None


def _values(node: dict[str, Any]) -> list[Any]:
    return [_part(part) for _, part in _in_order(node)]


def _part(node: Any) -> Any:
    """`text`, or the one field that says what image, audio or document it is."""
    node = _unwrapped(node)
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("tool_call"), dict):
        return _call(node["tool_call"])
    kind = node.get("type")
    text = next(
        (value for path, value in _leaves(node) if isinstance(value, str) and value and path[-1] in _MEDIA_SUFFIXES),
        None,
    )
    return {"type": kind, "text": text} if text else {"type": kind}


def _leaves(node: dict[str, Any]) -> Iterable[tuple[tuple[str, ...], Any]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from (((key, *path), leaf) for path, leaf in _leaves(value))
        else:
            yield (key,), value


def _call(node: Any) -> Any:
    node = _unwrapped(node)
    if not isinstance(node, dict):
        return node
    inner = node.get("function")
    function = inner if isinstance(inner, dict) else node
    return {"function": {"name": function.get("name") or "", "arguments": function.get("arguments")}}
