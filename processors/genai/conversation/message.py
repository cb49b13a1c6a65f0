r"""One message of a conversation, and the canonical text of several.

[["user","What is the weather?"],["assistant","[tool_call] weather {\"city\":\"Paris\"}"],["tool","{\"rain\":false}"]]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

_EXACT_INTEGERS: Final = 2**53


class Message(NamedTuple):
    role: str
    """`system`, `user`, `assistant`, `tool`, or whatever the span says, in lower case."""
    text: str
    """Parts are joined by a line break; a tool call is `[tool_call] name {"argument":…}`."""


def joined(messages: Iterable[Message]) -> list[Message]:
    """Without blanks at the ends of a text; what follows on one of the same role belongs to it.

    Dialects differ in whether a turn with several parts is one message or several. Tool results stay apart: no dialect
    joins them. Messages without text are left out.
    """
    found: list[Message] = []
    for role, text in messages:
        stripped = text.strip()
        if not stripped:
            continue
        if found and found[-1].role == role != "tool":
            found[-1] = Message(role, f"{found[-1].text}\n{stripped}")
        else:
            found.append(Message(role, stripped))
    return found


def canonical_text(messages: Iterable[Message]) -> str:
    """JSON: `[["user","Hello"],["assistant","Hi"]]`, without blanks, beyond ASCII unescaped."""
    return json.dumps([list(message) for message in messages], ensure_ascii=False, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """Compact, keys sorted, beyond ASCII unescaped, 2.0 as 2: structured values and other languages know no integers."""
    return json.dumps(_whole_numbers(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT_INTEGERS else value
    if isinstance(value, Mapping):
        return {str(key): _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_numbers(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)
