"""The calls of tools that a model's answer asks for: where tools have no spans, the only trace they leave."""

from __future__ import annotations

import re
from typing import Final

import xxhash
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.conversation import events
from processors.genai.conversation.carriers import Carriers, Part
from processors.genai.conversation.read import ConversationReader
from processors.genai.matcher import MATCHER
from processors.genai.memo import KeyMemo
from processors.genai.step import handoff

_MARK: Final = "[tool_call] "
_HINT: Final = re.compile(r"tool[_-]?(?:call|use)|function_?call|[\"']function", re.IGNORECASE)
_ANSWERS: Final = frozenset({"gen_ai.choice", "gen_ai.assistant.message", events.DETAILS})
_MAX_CALLS: Final = 64
"""Of one answer."""


class AskedCallReader:
    """Reads answers alone, not the history that every request repeats."""

    def __init__(self) -> None:
        self._reader = ConversationReader()
        self._carriers: KeyMemo[Carriers] = KeyMemo(lambda scope: Carriers(MATCHER.for_scope(scope)))

    def read(self, span: Span, scope: str = "") -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Hashes of tool and arguments of each call but handoffs, and the agents that are handed over to.

        Calls without arguments are left out: nobody knows whether there were none, or none were recorded.
        """
        carriers = self._carriers[scope]
        answer: list[KeyValue] = []
        hinted = False
        for attribute in span.attributes:
            carrier = carriers[attribute.key]
            if carrier is not None and carrier.part is Part.COMPLETION:
                answer.append(attribute)
                hinted = hinted or _hints(attribute)
        choices = [event for event in span.events if event.name in _ANSWERS]
        if not (hinted or choices):
            return (), ()
        completion = self._reader.span(Span(attributes=answer, events=choices), scope).completion
        lines = [line for message in completion for line in message.text.split("\n") if line.startswith(_MARK)]
        calls: list[int] = []
        targets: list[str] = []
        for line in lines[:_MAX_CALLS]:
            name, _, arguments = line.removeprefix(_MARK).partition(" ")
            hands_over, to = handoff(name)
            if to is not None:
                targets.append(to)
            if arguments not in {"", "{}"} and not hands_over:
                calls.append(xxhash.xxh3_64_intdigest(line.encode("utf-8", "surrogatepass")))
        return tuple(calls), tuple(targets)


def _hints(attribute: KeyValue) -> bool:
    value = attribute.value
    if value.WhichOneof("value") != "string_value":
        return True
    return _HINT.search(attribute.key) is not None or _HINT.search(value.string_value) is not None
