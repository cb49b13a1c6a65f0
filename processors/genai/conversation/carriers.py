"""Which attributes carry which part of a conversation, from the roles that the dialect tables give them."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

from processors.genai.conversation.indexed import PIECE, place_of
from processors.genai.matcher import Roles
from processors.genai.memo import KeyMemo
from processors.genai.roles import Role


class Part(Enum):
    SENT = auto()
    COMPLETION = auto()
    SYSTEM = auto()
    TOOLS = auto()
    TEMPLATE = auto()
    VARIABLES = auto()
    KIND = auto()
    """What kind of call it is."""


class Carrier(NamedTuple):
    part: Part
    rank: int
    """Of several that carry one part, the lowest that says itself that it is messages is believed."""
    base: str
    """The key, or what the keys of one family have in common."""
    path: tuple[str, ...] = ()
    """Within a family; empty for a key that stands alone."""
    may_be_text: bool = True
    """Not for dumps, which are something else if they are no messages."""


_PARTS: Final = {
    Role.PROMPT: Part.SENT,
    Role.COMPLETION: Part.COMPLETION,
    Role.SYSTEM_PROMPT: Part.SYSTEM,
    Role.TOOL_DEFS: Part.TOOLS,
    Role.PROMPT_TEMPLATE: Part.TEMPLATE,
    Role.PROMPT_VARS: Part.VARIABLES,
}
_PROBES: Final = (".0.content", ".0.message.content", ".0", ".0.prompt.text", ".0.completion.text")
_RAW_RESPONSE: Final = re.compile(r"response|output|completion|choices|candidates", re.IGNORECASE)
_NOT_THE_CALL: Final = re.compile(
    r"reasoning|thinking|thoughts|expected|ground_truth|dataset|experiment|(?:^|\.)template\.(?!content)"
)
"""Left out of messages everywhere, or about a test case rather than the call."""
_SPLIT: Final = {
    f"{base}.{key}": (base, field)
    for base, fields in {
        "ai.response": {"text": "content", "object": "parts", "toolCalls": "tool_calls"},
        "ai.result": {"text": "content", "object": "parts", "toolCalls": "tool_calls"},
        "lk.response": {"text": "content", "function_calls": "tool_calls"},
        "lk.pii.response": {"text": "content", "function_calls": "tool_calls"},
    }.items()
    for key, field in fields.items()
}
"""Answers whose text is one attribute and whose tool calls are another (Vercel, LiveKit)."""
_KIND: Final = "llm.request.type"
_OF_CALLS: Final = frozenset({Role.PROMPT, Role.COMPLETION, Role.RAW})


class Carriers(KeyMemo[Carrier | None]):
    """By attribute key, under one instrumentation scope; None for what carries nothing of a conversation."""

    __slots__ = ("_bases", "_roles")

    def __init__(self, roles: Roles) -> None:
        super().__init__(self._carrier)
        self._roles = roles
        self._bases: KeyMemo[tuple[Part, int] | None] = KeyMemo(self._base)

    def _carrier(self, key: str) -> Carrier | None:
        match = self._roles.role(key)
        if key == _KIND:
            return Carrier(Part.KIND, 0, key)
        if key in _SPLIT and match is not None:
            base, field = _SPLIT[key]
            return Carrier(Part.COMPLETION, match.rank, base, ("0", field))
        place = place_of(key)
        if place is not None:
            found = self._bases[place.base]
            if found is not None:
                is_piece = match is not None and match.role is Role.CHUNK
                return Carrier(*found, place.base, (*place.path, PIECE) if is_piece else place.path)
        if match is None or (match.role in _OF_CALLS and _NOT_THE_CALL.search(key)):
            return None
        if match.role is Role.RAW:
            part = Part.COMPLETION if _RAW_RESPONSE.search(key) else Part.SENT
            return Carrier(part, match.rank, key, may_be_text=False)
        known = _PARTS.get(match.role)
        return None if known is None else Carrier(known, match.rank, key)

    def _base(self, base: str) -> tuple[Part, int] | None:
        """What the families of messages and of tools are is known by their items."""
        for probe in _PROBES:
            match = self._roles.role(base + probe)
            if match is not None and match.role in (Role.PROMPT, Role.COMPLETION, Role.SYSTEM_PROMPT):
                return _PARTS[match.role], match.rank
        for probe in (".0.tool.json_schema", ".0.name"):
            match = self._roles.role(base + probe)
            if match is not None and match.role is Role.TOOL_DEFS:
                return Part.TOOLS, match.rank
        return None
