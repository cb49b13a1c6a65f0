"""The parts of a message, as text: what was said, tool calls, tool results, media. Whatever the provider's shape.

OpenTelemetry (`parts`), OpenAI chat and responses, Anthropic, Bedrock Converse, Gemini, Vercel, LangChain, LlamaIndex,
Haystack, Pydantic AI. Parts of unknown kinds come out as compact JSON with sorted keys, so that nothing gets lost.

Reasoning is left out: hardly any two dialects write the same of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from processors.genai.conversation.decode import structure
from processors.genai.conversation.message import canonical_json

_REASONING: Final = frozenset({"reasoning", "thinking", "redacted_thinking", "thought"})
_CALLS: Final = frozenset({"tool_call", "tool_use", "tool-call", "function_call", "server_tool_use"})
_RESULTS: Final = frozenset(
    {"tool_call_response", "tool_result", "tool-result", "tool-return", "function_call_output", "tool_response"}
)
_RESULT_KEYS: Final = ("response", "result", "content", "output")
_TEXT_KEYS: Final = ("text", "content", "refusal", "input_text", "output_text", "transcript")
_NOT_CONTENT: Final = frozenset(
    {"type", "id", "index", "signature", "encrypted_content", "thought_signature", "thoughtSignature", "cache_control"}
    | {"annotations", "logprobs", "extras", "providerOptions", "providerMetadata", "provider_name", "block_type"}
    | {"modality", "part_kind", "timestamp", "cachePoint", "citations"}
)
"""Identifiers, times, and a provider's opaque blobs."""
_WRAPPERS: Final = ("result", "output")
"""Gemini's SDK wraps a tool's result that is no object in an object with this one key, and Agent Framework like a part."""
_BESIDE: Final = frozenset({"call_id", "type"})


class Kind(Enum):
    TEXT = auto()
    CALL = auto()
    RESULT = auto()
    SYSTEM = auto()
    """Text of the application in the midst of a user's message (Pydantic AI)."""


class Piece(NamedTuple):
    kind: Kind
    text: str


def pieces(content: Any) -> Iterator[Piece]:
    """A message's content: text, one part, or a list of them."""
    match content:
        case None:
            return
        case str():
            yield Piece(Kind.TEXT, as_typed(content))
        case list() | tuple():
            for item in content:
                yield from _part(item)
        case _:
            yield from _part(content)


def as_typed(text: str) -> str:
    """Text that is a JSON object or array as canonical JSON: some dialects write it as text, some as structure."""
    found = structure(text)
    return text if found is None else canonical_json(found)


def tool_call(call: dict[str, Any]) -> str:
    """`[tool_call] name {"argument":"value"}`"""
    inner = call.get("function")
    if isinstance(inner, dict):
        call = inner
    keys = ("arguments", "input", "args", "tool_kwargs", "parameters", "server_tool_call")
    arguments = next((call[key] for key in keys if call.get(key) not in (None, "")), None)
    if isinstance(arguments, str):
        parsed = structure(arguments)
        arguments = arguments if parsed is None else parsed
    if not isinstance(arguments, str):
        arguments = canonical_json({} if arguments is None else arguments)
    name = call.get("name") or call.get("toolName") or call.get("tool_name") or ""
    return f"[tool_call] {name} {arguments}"


def tool_result(value: Any) -> str:
    """What a tool gave back: text as it is, JSON in canonical form, out of the wrappings of SDKs."""
    if isinstance(value, str):
        parsed = structure(value, python=True)  # LlamaIndex gives the model what a tool returned as a repr
        return value if parsed is None else tool_result(parsed)
    if value is None:
        return ""
    if isinstance(value, dict):
        if set(value) == {"type", "value"} and isinstance(value["type"], str):  # Vercel
            return tool_result(value["value"])
        for key in _WRAPPERS:
            if key in value and value.keys() - {key} <= _BESIDE:
                return tool_result(value[key])
        if isinstance(value.get("content"), list) and _is_blocks(value["content"]):  # Model Context Protocol
            return tool_result(value["content"])
    if isinstance(value, list) and value and _is_blocks(value):
        return tool_result("\n".join(_block(item) for item in value))
    return canonical_json(value)


def _is_blocks(items: list[Any]) -> bool:
    return all(
        isinstance(item, dict)
        and (isinstance(item.get("text"), str) or set(item) == {"json"} or item.get("type") == "text")
        for item in items
    )


def _block(item: dict[str, Any]) -> str:
    return canonical_json(item["json"]) if "json" in item else str(item.get("text") or item.get("content") or "")


def _part(part: Any) -> Iterator[Piece]:
    if part is None:
        return
    if isinstance(part, str):
        yield Piece(Kind.TEXT, as_typed(part))
    elif not isinstance(part, dict):
        yield Piece(Kind.TEXT, canonical_json(part))
    elif not _is_reasoning(part):
        yield _call_or_result(part) or Piece(Kind.TEXT, _text(part))


def _is_reasoning(part: dict[str, Any]) -> bool:
    kind = kind_of(part)
    return (
        kind in _REASONING or part.get("thought") is True or "reasoningContent" in part or "reasoning_content" in part
    )


def kind_of(part: dict[str, Any]) -> str:
    """What the part says it is; empty where it says nothing."""
    for key in ("type", "part_kind", "block_type"):
        kind = part.get(key)
        if isinstance(kind, str):
            return kind
    return ""


def _call_or_result(part: dict[str, Any]) -> Piece | None:
    kind = kind_of(part)
    if kind in _CALLS or ("toolName" in part and ("args" in part or "input" in part) and kind not in _RESULTS):
        return Piece(Kind.CALL, tool_call(part))
    if kind == "server_tool_call":
        return Piece(Kind.CALL, tool_call(part))
    if kind in _RESULTS:
        return Piece(Kind.RESULT, tool_result(next((part[key] for key in _RESULT_KEYS if key in part), None)))
    if kind == "system-prompt":
        return Piece(Kind.SYSTEM, str(part.get("content") or ""))
    match part:
        case {"function": dict() as function} if "name" in function:
            return Piece(Kind.CALL, tool_call(function))
        case (
            {"toolUse": dict() as call}
            | {"function_call": dict() as call}
            | {"functionCall": dict() as call}
            | {"tool_call": dict() as call}
            | {"toolRequest": dict() as call}
        ):
            return Piece(Kind.CALL, tool_call(call))
        case {"toolResult": dict() as result}:
            return Piece(Kind.RESULT, tool_result(result.get("content")))
        case {"toolResponse": dict() as result}:
            return Piece(Kind.RESULT, tool_result(result.get("output")))
        case {"tool_call_result": dict() as result}:
            return Piece(Kind.RESULT, tool_result(result.get("result")))
        case {"function_response": dict() as result} | {"functionResponse": dict() as result}:
            return Piece(Kind.RESULT, tool_result(result.get("response")))
    return None


def _text(part: dict[str, Any]) -> str:
    kind = kind_of(part)
    if (media := _media(part, kind)) is not None:
        return media
    for key in _TEXT_KEYS:
        value = part.get(key)
        if isinstance(value, str):
            return as_typed(value)
        if kind in ("user-prompt", "text") and isinstance(value, list):
            return "\n".join(piece.text for piece in pieces(value))
    rest = {key: value for key, value in part.items() if key not in _NOT_CONTENT and value not in (None, "", [], {})}
    return canonical_json(rest) if rest else ""


def _media(part: dict[str, Any], kind: str) -> str | None:
    match part:
        case (
            {"mime_type": str() as mime, "content": str() as data}
            | {"mime_type": str() as mime, "data": str() as data}
            | {"media_type": str() as mime, "data": str() as data}
            | {"mediaType": str() as mime, "data": str() as data}
        ) if kind != "text":
            return _data_uri(mime, data)
        case {"source": dict() as source}:
            return _source(source)
        case {"inline_data": dict() as inline} | {"inlineData": dict() as inline}:
            return _source(inline)
        case {"file_data": {"file_uri": str() as uri}} | {"fileData": {"fileUri": str() as uri}}:
            return uri
        case (
            {"image_url": {"url": str() as url}}
            | {"image_url": str() as url}
            | {"uri": str() as url}
            | {"image": str() as url}
        ):
            return url
        case {"file_id": str() as file_id}:
            return file_id
    return None


def _source(source: dict[str, Any]) -> str | None:
    match source:
        case (
            {"media_type": str() as mime, "data": str() as data}
            | {"mime_type": str() as mime, "data": str() as data}
            | {"mimeType": str() as mime, "data": str() as data}
        ):
            return _data_uri(mime, data)
        case {"url": str() as url}:
            return url
    return None


def _data_uri(mime: str, data: str) -> str:
    return data if data.startswith("data:") else f"data:{mime};base64,{data}"
