"""Message lists as SDKs and conventions write them, as one list of role and text.

What may stand around messages: requests and responses of OpenAI (chat, responses), Anthropic, Bedrock and Gemini,
LangChain's serialised messages, batches and generations, calls of decorated functions (`args`, `kwargs`), LangWatch's
typed values. What is none of these comes out as one text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from processors.genai.conversation.decode import CUT, decoded_text
from processors.genai.conversation.message import Message, canonical_json, joined
from processors.genai.conversation.parts import Kind, kind_of, pieces, tool_call, tool_result

_ROLES: Final = {
    "human": "user",
    "humanmessage": "user",
    "humanmessagechunk": "user",
    "user-prompt": "user",
    "ai": "assistant",
    "aimessage": "assistant",
    "aimessagechunk": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "choice": "assistant",
    "systemmessage": "system",
    "developer": "system",
    "function": "tool",
    "toolmessage": "tool",
    "functionmessage": "tool",
}
_KNOWN: Final = frozenset({"system", "user", "assistant", "tool"})
_TYPES: Final = frozenset({"human", "ai", "system", "tool", "user", "assistant", "AIMessageChunk", "HumanMessageChunk"})
"""LangChain's, in place of a role."""
_ITEMS: Final = frozenset({"function_call", "function_call_output"})
"""Of OpenAI's responses: neither needs a role."""
_CONTENTS: Final = ("parts", "blocks", "content", "_content")
_REQUESTS: Final = ("messages", "contents", "input", "inputs", "kwargs", "prompt", "args")
_RESPONSES: Final = (
    "choices", "candidates", "generations", "replies", "output", "message", "response", "combined_chunk_content",
)  # fmt: skip


def messages_of(data: Any, default_role: str) -> list[Message]:
    """The messages in `data`: a list of messages, one message, a request or response around them, or text.

    `default_role` is for messages that bear none. Nothing if `data` is nested deeper than the stack.
    """
    try:
        return joined(_tools_named(list(_messages(data, default_role))))
    except RecursionError:
        return []


def _tools_named(messages: list[Message]) -> Iterator[Message]:
    """A role that is the name of a tool called before is that tool's: Langfuse's LangChain.js handler writes so."""
    if all(message.role in _KNOWN for message in messages):
        yield from messages
        return
    called = ""
    for role, text in messages:
        yield Message("tool" if role not in _KNOWN and f"[tool_call] {role} " in called else role, text)
        if text.startswith("[tool_call] "):
            called += text.lower()


def is_conversation(data: Any) -> bool:
    """Whether `data` says itself that it is messages, or a request or response around them."""
    if isinstance(data, list):
        return any(is_conversation(item) for item in data[:4])
    if not isinstance(data, dict):
        return False
    if _is_message(data) or any(key in data for key in (*_REQUESTS, *_RESPONSES)):
        return True
    return isinstance(data.get("items"), list) and is_conversation(data["items"])  # LiveKit


def _is_message(data: dict[str, Any]) -> bool:
    kind = data.get("type")
    return (
        any(key in data for key in ("role", "_role", "parts", "tool_calls", "event.name"))
        or data.get("lc") == 1
        or (isinstance(kind, str) and (kind in _ITEMS or (kind in _TYPES and ("content" in data or "data" in data))))
    )


def _messages(data: Any, default_role: str) -> Iterator[Message]:
    if data is None or data is CUT:
        return
    if isinstance(data, list | tuple):
        yield from _list(list(data), default_role)
    elif not isinstance(data, dict):
        yield from _said(data, default_role)
    elif _is_message(data):
        yield from _message(data, default_role)
    else:
        yield from _around(data, default_role)


def _said(content: Any, role: str) -> Iterator[Message]:
    """Content without a message around it."""
    for piece in pieces(content):
        yield Message(_role_of(piece.kind, role), piece.text)


def _role_of(kind: Kind, role: str) -> str:
    """Who calls a tool is the assistant, and what a tool says is the tool's: providers differ in whose turn it is."""
    match kind:
        case Kind.CALL:
            return "assistant"
        case Kind.RESULT:
            return "tool"
        case Kind.SYSTEM:
            return "system"
        case _:
            return role


def _list(items: list[Any], default_role: str) -> Iterator[Message]:
    """Messages, batches of them, or the parts of a single one: text blocks stand without a role of their own."""
    if _are_chunks(items, default_role):
        yield from _glued(items, default_role)
        return
    for item in items:
        if isinstance(item, list):
            yield from _list(item, default_role)
        elif isinstance(item, dict) and not kind_of(item):
            yield from _messages(item, default_role)
        elif isinstance(item, dict) and _is_message(item):
            yield from _message(item, default_role)
        else:
            yield from _said(item, default_role)


def _are_chunks(items: list[Any], default_role: str) -> bool:
    """A streamed answer in pieces: Google's ADK gives the last alone a reason to finish, Gemini CLI gives none to any."""
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return False
    roles = {str(item.get("role")) for item in items}
    return all(item.get("finish_reason") == "" for item in items[:-1]) or (
        default_role == "assistant" and roles in ({"model"}, {"system"})
    )


def _glued(items: list[Any], default_role: str) -> Iterator[Message]:
    whole: list[Message] = []
    for item in items:
        for role, text in _messages(item, default_role):
            if whole and whole[-1].role == role:
                whole[-1] = Message(role, whole[-1].text + text)
            else:
                whole.append(Message(role, text))
    yield from whole


def _around(data: dict[str, Any], role: str) -> Iterator[Message]:
    """A request or a response around messages."""
    yield from _instructions(data)
    match data:
        case {"messages": messages} if messages:
            yield from _messages(decoded_text(messages) if isinstance(messages, str) else messages, role)
        case {"contents": contents} if contents:
            yield from _messages(contents, role)
        case (
            {"choices": list() as answers}
            | {"candidates": list() as answers}
            | {"generations": list() as answers}
            | {"replies": list() as answers}
        ):
            for answer in answers:
                yield from _answer(answer, role)
        case {"message": message} if message:
            yield from _messages(data.get("chat_history"), role)  # Cohere
            yield from _messages(message, role)
        case {"combined_chunk_content": str() as text}:
            yield Message(role, text)
        case {"output": dict() | list() | str() as output} if output:
            yield from _messages(output, role)
        case {"response": dict() | list() | str() as output} if "id" not in data and output:
            yield from _messages(output, role)
        case {"type": str(), "value": value} if len(data) == 2:
            yield from _messages(value, role)
        case {"input": dict() | list() | str() as sent} if sent and "name" not in data:
            yield from _messages(sent, role)
        case {"inputs": dict() | list() | str() as sent} if sent:
            yield from _messages(sent, role)
        case {"kwargs": dict() as named} if is_conversation(named):
            yield from _messages(named, role)
        case {"args": list() as unnamed} if unnamed and "name" not in data and "toolName" not in data:
            yield from _messages(unnamed, role)
        case {"prompt": str() | list() as sent} if sent:
            yield from _messages(sent, role)
        case {"items": list() as items} if is_conversation(items):
            yield from _messages(items, role)
        case {"content": dict() | list() | str() as content} if not kind_of(data):
            yield from _messages(content, role)
        case {"toolCalls": list() as calls, "text": said}:
            yield from _messages([said, *calls], role)
        case {"text": str() as text} if not kind_of(data):
            yield Message(role, text)
        case _:
            if not any(_instructions(data)):
                yield from _said(data, role)


def _answer(answer: Any, role: str) -> Iterator[Message]:
    """One choice, candidate or generation: a message or its text, beside which LangChain repeats it."""
    if isinstance(answer, list):
        for one in answer:
            yield from _answer(one, role)
        return
    if isinstance(answer, dict):
        for key in ("message", "delta", "content", "text"):
            if answer.get(key) and "role" not in answer:
                yield from _messages(answer[key], role)
                return
    yield from _messages(answer, role)


def _instructions(data: dict[str, Any]) -> Iterator[Message]:
    """A system prompt beside the messages."""
    config = data.get("config")
    for place in (data, config if isinstance(config, dict) else {}):
        for key in ("system", "instructions", "system_instruction", "systemInstruction", "preamble"):
            value = place.get(key)
            if value and isinstance(value, str | list | dict):
                yield from (Message("system", text) for _, text in _messages(value, "system"))


def _message(data: dict[str, Any], default_role: str) -> Iterator[Message]:
    if data.get("lc") == 1 and isinstance(data.get("kwargs"), dict):
        name = data["id"][-1] if isinstance(data.get("id"), list) and data["id"] else ""
        data = {"role": str(name), **data["kwargs"]}
    elif isinstance(data.get("data"), dict) and kind_of(data) in _TYPES:
        data = {"role": data["type"], **data["data"]}
    kind = kind_of(data)
    if kind == "function_call":
        yield Message("assistant", tool_call(data))
        return
    if kind == "function_call_output":
        yield Message("tool", tool_result(data.get("output")))
        return
    role = _role(data, default_role)
    if role == "tool" and is_tool_definition(data.get("content")):
        return
    inner = data.get("message")
    if inner and not any(data.get(key) for key in _CONTENTS):
        yield from _messages(inner if not isinstance(inner, str) else decoded_text(inner), role)
    texts: set[str] = set()
    for key in _CONTENTS:
        content = data.get(key)
        if content is None:
            continue
        if role == "tool" and key in ("content", "_content") and not _has_kinds(content):
            yield Message("tool", tool_result(content))
            continue
        for piece in pieces(content):
            texts.add(piece.text)
            yield Message(_role_of(piece.kind, role), piece.text)
    if isinstance(data.get("text"), str) and not any(data.get(key) for key in _CONTENTS):
        yield Message(role, data["text"])  # Dify
    if isinstance(data.get("refusal"), str):
        yield Message(role, data["refusal"])
    for call in _calls(data):
        if call not in texts:  # LangChain has those of Anthropic in the content as well
            yield Message("assistant", call)


def is_tool_definition(content: Any) -> bool:
    """Langfuse's LangChain handler appends the tools that the model may call to the messages, as if they had spoken."""
    return (
        isinstance(content, dict) and isinstance(content.get("function"), dict) and "parameters" in content["function"]
    )


def _has_kinds(content: Any) -> bool:
    """Whether it says itself whose it is: Koog gives calls to the tools that are called."""
    return isinstance(content, list) and any(piece.kind in {Kind.RESULT, Kind.CALL} for piece in pieces(content))


def _calls(data: dict[str, Any]) -> Iterator[str]:
    calls = data.get("tool_calls")
    more = data.get("additional_kwargs")
    if not calls and isinstance(more, dict):
        calls = more.get("tool_calls")
        data = more
    if isinstance(calls, str):
        calls = decoded_text(calls)
    if isinstance(calls, list):
        for call in calls:
            yield tool_call(call) if isinstance(call, dict) else canonical_json(call)
    if isinstance(data.get("function_call"), dict):
        yield tool_call(data["function_call"])


def _role(data: dict[str, Any], default_role: str) -> str:
    role = data.get("role") or data.get("_role")
    if not isinstance(role, str) or not role:
        role = kind_of(data) if kind_of(data) in _TYPES else None
    if role is None and isinstance(data.get("event.name"), str):
        role = data["event.name"].removeprefix("gen_ai.").removesuffix(".message")
    if not isinstance(role, str):
        return default_role
    role = role.rpartition(".")[2].lower()  # `MessageRole.USER` is what an enumeration looks like as text
    return _ROLES.get(role, role) or default_role
