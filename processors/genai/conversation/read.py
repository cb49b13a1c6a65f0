"""Reads the conversation of a span, or of a log record that holds one.

Where a span holds a part of it several times, taken is, in this order:
  1. of the attributes that say themselves that they are messages, or a request or response around them, the one that
     the dialect tables believe first
  2. message events
  3. of the attributes that hold plain text, the one that the tables believe first, unless one of the first kind was
     there and cut off: what is left then is some part of the conversation
A part of which only the beginning is there is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.anyvalue import plain
from processors.genai.conversation import events
from processors.genai.conversation.carriers import Carrier, Carriers, Part
from processors.genai.conversation.decode import CUT, decoded, decoded_text
from processors.genai.conversation.indexed import unflattened
from processors.genai.conversation.message import Message, joined
from processors.genai.conversation.role_lines import told_apart
from processors.genai.conversation.shapes import is_conversation, is_tool_definition, messages_of
from processors.genai.conversation.tools import canonical_tools
from processors.genai.matcher import MATCHER, Matcher
from processors.genai.memo import KeyMemo

_CHOICE_EVENT: Final = "gen_ai.choice"
_RERANK: Final = "rerank"
"""What OpenLLMetry calls a request with documents and a query, which it writes as messages of the system and a user."""


@dataclass(frozen=True, slots=True)
class Conversation:
    system: tuple[Message, ...]
    prompt: tuple[Message, ...]
    """Everything that was sent to the model but system messages."""
    completion: tuple[Message, ...]
    tools: str = ""
    """`tools.canonical_tools`; empty without tools."""
    template: str = ""
    """As the prompt's author wrote it."""
    variables: tuple[str, ...] = ()
    """What was filled into the template."""


class ConversationReader:
    """Attributes seen before cost one dict look-up each."""

    def __init__(self, matcher: Matcher = MATCHER) -> None:
        self._by_scope: KeyMemo[Carriers] = KeyMemo(lambda scope: Carriers(matcher.for_scope(scope)))

    def span(self, span: Span, scope: str = "") -> Conversation:
        """What the span holds of its conversation; empty parts where it holds none.

        `scope` is the name of the instrumentation scope.
        """
        return self._of_span(span, scope).conversation()

    def system_prompt(self, span: Span, scope: str = "") -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """`system` and `variables` of `span`'s conversation, for half of its price."""
        reading = self._of_span(span, scope)
        system = reading.system()
        return system, reading.variables() if system else ()

    def _of_span(self, span: Span, scope: str) -> _Reading:
        attributes: Iterable[KeyValue] = span.attributes
        for event in span.events:
            if event.name == events.DETAILS:
                attributes = [*attributes, *event.attributes]
        return _Reading(attributes, self._by_scope[scope], span.events)

    def record(self, record: LogRecord, event: str, scope: str = "") -> Conversation | None:
        """The whole conversation that a log record holds; None for records of other kinds.

        The details event has it in its attributes; the AWS distribution's, named after its scope, in its body.
        """
        if event == events.DETAILS:
            return _Reading(record.attributes, self._by_scope[scope], ()).conversation()
        if not scope or event != scope:
            return None
        body = plain(record.body)
        if not isinstance(body, dict) or not (
            is_conversation(body.get("input")) or is_conversation(body.get("output"))
        ):
            return None
        return conversation_of(messages_of(body.get("input"), "user"), messages_of(body.get("output"), "assistant"))


class _Reading:
    def __init__(
        self, attributes: Iterable[KeyValue], carriers: Mapping[str, Carrier | None], span_events: Sequence[Span.Event]
    ) -> None:
        self._found: dict[Part, dict[str, _Source]] = {}
        self._events = span_events
        self._request: Any = None
        for attribute in attributes:
            carrier = carriers[attribute.key]
            if carrier is None:
                continue
            sources = self._found.setdefault(carrier.part, {})
            if carrier.base not in sources:
                sources[carrier.base] = _Source(carrier, attribute.key)
            if carrier.path:
                sources[carrier.base].fields.append((carrier.path, attribute.value))
            else:
                sources[carrier.base].value = attribute.value
        if Part.KIND in self._found and self._sources(Part.KIND)[0].read() == _RERANK:
            self._found.pop(Part.SENT, None)

    def conversation(self) -> Conversation:
        sent, answered = told_apart(self._messages(Part.SENT, "user")), self._messages(Part.COMPLETION, "assistant")
        return Conversation(
            system=self._system(sent),
            prompt=_of(sent),
            completion=_answer(answered or self._answers_among_events()),
            tools=self._tools(),
            template=self._template(),
            variables=self.variables(),
        )

    def system(self) -> tuple[Message, ...]:
        return self._system(self._messages(Part.SENT, "user"))

    def variables(self) -> tuple[str, ...]:
        return tuple(self._variables())

    def _sources(self, part: Part) -> list[_Source]:
        sources = self._found.get(part)
        return sorted(sources.values(), key=lambda source: source.rank) if sources else []

    def _messages(self, part: Part, role: str) -> list[Message]:
        weak: list[Message] = []
        cut = False
        for source in self._sources(part):
            data = source.read()
            if data is CUT or data == [CUT]:
                cut = True
                continue
            if source.fields or is_conversation(data):
                if part is Part.SENT:
                    data = _without_choices(data)
                if found := messages_of(data, role):
                    self._request = self._request or data
                    return found
            elif not weak and source.may_be_text:
                weak = messages_of(data, role)
        if self._events:
            said = events.of_span(self._events, completion=part is Part.COMPLETION)
            if said is None:
                return []
            if said:
                return said
        return [] if cut else weak

    def _answers_among_events(self) -> list[Message]:
        """Pydantic AI's first format keeps the answer in one list with what was sent."""
        for source in self._sources(Part.SENT):
            if source.key.endswith("events"):
                data = source.read()
                if isinstance(data, list):
                    choices = [
                        item for item in data if isinstance(item, dict) and item.get("event.name") == _CHOICE_EVENT
                    ]
                    return messages_of(choices, "assistant")
        return []

    def _system(self, sent: list[Message]) -> tuple[Message, ...]:
        """Instructions beside the messages, then system messages that do not repeat them."""
        texts: list[str] = []
        for source in self._sources(Part.SYSTEM):
            data = source.read()
            if data is CUT:
                return ()
            texts = [text for _, text in messages_of(data, "system")]
            if texts:
                break
        beside = "\n".join(texts)
        texts += [text for role, text in sent if role == "system" and text not in texts and text != beside]
        return tuple(joined(Message("system", text) for text in texts))

    def _tools(self) -> str:
        for source in self._sources(Part.TOOLS):
            data = source.plain_items() if source.fields else source.read()
            if not isinstance(data, str) and (found := canonical_tools(data)):
                return found
        if isinstance(self._request, list):
            return canonical_tools([each["content"] for each in self._request if _defines_a_tool(each)])
        return canonical_tools(self._request) if isinstance(self._request, dict) else ""

    def _template(self) -> str:
        for source in self._sources(Part.TEMPLATE):
            data = source.read()
            if isinstance(data, str):
                return data
            if data is not CUT and (found := messages_of(data, "user")):
                return "\n".join(text for _, text in found)
        return ""

    def _variables(self) -> Iterable[str]:
        for source in self._sources(Part.VARIABLES):
            data = source.read()
            yield from _texts(data)


class _Source:
    __slots__ = ("_data", "fields", "key", "may_be_text", "rank", "value")

    def __init__(self, carrier: Carrier, key: str) -> None:
        self.rank = carrier.rank
        self.may_be_text = carrier.may_be_text
        self.key = key
        self.value: AnyValue | None = None
        self.fields: list[tuple[tuple[str, ...], AnyValue]] = []
        self._data: Any = self

    def read(self) -> Any:
        """Decoded once, however many ask."""
        if self._data is self:
            self._data = self._read()
        return self._data

    def _read(self) -> Any:
        if self.fields:
            return unflattened((path, plain(value)) for path, value in self.fields)
        return None if self.value is None else decoded(self.value)

    def plain_items(self) -> list[Any]:
        """The fields of tool definitions, by their index."""
        items: dict[str, dict[str, Any]] = {}
        for path, value in self.fields:
            items.setdefault(path[0], {})[path[-1]] = plain(value)
        return list(items.values())


def _defines_a_tool(message: Any) -> bool:
    return isinstance(message, dict) and is_tool_definition(message.get("content"))


def conversation_of(sent: Sequence[Message], answered: Iterable[Message]) -> Conversation:
    return Conversation(_of(sent, system=True), _of(sent), _answer(answered))


def _of(messages: Iterable[Message], *, system: bool = False) -> tuple[Message, ...]:
    return tuple(joined(message for message in messages if (message.role == "system") is system))


def _answer(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Whoever a dialect says has answered; a response that repeats its instructions has not said them."""
    messages = list(messages)
    said = [message for message in messages if message.role != "system"] or messages  # Gemini CLI answers as the system
    return tuple(joined(Message("tool" if role == "tool" else "assistant", text) for role, text in said))


def _without_choices(data: Any) -> Any:
    if isinstance(data, list) and any(isinstance(item, dict) and "event.name" in item for item in data):
        return [item for item in data if not (isinstance(item, dict) and item.get("event.name") == _CHOICE_EVENT)]
    return data


def _texts(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        parsed = decoded_text(data)
        if isinstance(parsed, dict | list):
            yield from _texts(parsed)
        else:
            yield data
    elif isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _texts(item)
    elif data is not CUT and data is not None and not isinstance(data, bool):
        yield str(data)


READER: Final = ConversationReader()
