"""What log records said about a span: the messages of a call that travel beside it and name it by its ids.

OpenTelemetry's instrumentations before version 1.37 of the conventions (OpenAI, Bedrock, Vertex AI) and Semantic Kernel
send each message of a call as a log record; later ones, Google's ADK and the AWS distribution one record with all.

Invariants
  1. A telling is all that the records of one instrumentation scope say of one span. It is open and holds messages; or
     closed and holds what `close` made of them; or lost and holds nothing, so that what comes later of a conversation
     is never taken for the whole of it.
  2. It closes at the end of the batch with which it is whole: there is something that was sent, no known place in it
     is empty, and an answer came, which these instrumentations tell last. Of a failed call, which has no answer, it
     closes when the span is read.
  3. It is lost with a record that was cut off, or whose text was taken out; with a record that is new after it has
     closed; where its messages make room; and with more than a quarter of `max_bytes`.
  4. A record counts once, however often it comes: known by its bytes, times included.
  5. At most `max_bytes` and `max_spans` are held. The span that was silent for longest makes room; one with an open
     telling only loses that at first, and goes when it is its turn again.

What is held depends on the records and their batches alone; there is no clock.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from sys import getsizeof
from typing import Final, Generic, NamedTuple, TypeVar

import xxhash
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from processors.genai.conversation import events
from processors.genai.conversation.decode import decoded
from processors.genai.conversation.message import Message
from processors.genai.conversation.read import Conversation, conversation_of

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_SPANS: Final = 4096

V = TypeVar("V")

_SPAN_BYTES: Final = 1024
"""The key, the telling and what becomes of it, about."""
_RECORD_BYTES: Final = 256
_IDENTITY_BYTES: Final = 8
_SHARE: Final = 4
"""A conversation may have one part in so many of what may be held."""
_IDS_BYTES: Final = 16 + 8
_PLACES: Final = frozenset({"index", "CHAT_MESSAGE_INDEX"})
"""Of a choice among the choices; of a message among the messages, with Semantic Kernel."""
_UNSPOKEN: Final = frozenset({"role", "id", "name"})
_TOOL_EVENT: Final = "gen_ai.tool.message"


class _Said(NamedTuple):
    """One record."""

    at_unix_nano: int
    place: int | None
    event: str
    messages: Sequence[Message]


class _Telling(Generic[V]):
    __slots__ = ("bytes", "choices", "closed", "identities", "rank", "said")

    def __init__(self) -> None:
        self.said: list[_Said] | None = []
        self.closed: V | None = None
        self.choices: int | None = 0
        """Answers that were told; None where one record told all."""
        self.rank = 0
        """Of a record that told all: how much of the conversation it had."""
        self.identities = array("Q")
        self.bytes = _SPAN_BYTES


class Heard(Generic[V]):
    """By trace id and span id. Not safe for threads."""

    def __init__(
        self, close: Callable[[Conversation], V], *, max_bytes: int = MAX_BYTES, max_spans: int = MAX_SPANS
    ) -> None:
        """`close`: what to keep of a conversation, about 1 KiB at most. Where it raises, the telling is lost."""
        self._close = close
        self._max_bytes = max_bytes
        self._max_spans = max_spans
        self._spans: dict[bytes, dict[str, _Telling[V]]] = {}
        """By ids and scope; first the span that was silent for longest."""
        self._touched: dict[_Telling[V], None] = {}
        """In this batch."""
        self._bytes = 0

    @property
    def held_bytes(self) -> int:
        """About: texts as they lie in memory, all else by rule of thumb."""
        return self._bytes

    def __len__(self) -> int:
        """Spans."""
        return len(self._spans)

    def message(self, record: LogRecord, scope: str, event: str, messages: Sequence[Message] | None) -> None:
        """A record that is one message; `messages` is `events.of_record(record, event)`.

        `scope` is the name of its instrumentation scope.
        """
        telling = self._telling(record, scope)
        if telling is None or not self._is_new(telling, record):
            return
        if telling.said is None:
            if telling.choices is not None:
                self._lose(telling)
        elif messages is None or not (messages or event in events.COMPLETIONS or _is_blank(record, event)):
            self._lose(telling)
        else:
            at = record.time_unix_nano or record.observed_time_unix_nano
            telling.said.append(_Said(at, _place(record), event, messages))
            self._grow(telling, _RECORD_BYTES + sum(getsizeof(message.text) for message in messages))
            self._touched[telling] = None
            if telling.bytes > self._max_bytes // _SHARE:
                self._lose(telling)
        self._make_room()

    def conversation(self, record: LogRecord, scope: str, conversation: Conversation, closed: V) -> None:
        """A record that holds a whole conversation, of which `closed` is to be kept.

        Of several about one span the one that has most of it is believed.
        """
        rank = bool(conversation.prompt) + bool(conversation.system) + bool(conversation.completion)
        telling = self._telling(record, scope) if rank else None
        if telling is None or not self._is_new(telling, record):
            return
        if rank >= telling.rank:
            self._drop_messages(telling)
            telling.choices, telling.rank, telling.closed = None, rank, closed
        self._make_room()

    def end_batch(self) -> None:
        """To be called after the records of each batch: what is whole by now is closed."""
        touched, self._touched = self._touched, {}
        for telling in touched:
            self._finish(telling, answered=True)

    def about(self, ids: bytes, scope: str, *, choices: int, failed: bool) -> V | None:
        """What became of the conversation that a span has had; None where it is not known, or not known to be whole.

        `ids` is the span's trace id and span id, `choices` how many answers it says there were, 0 if it does not say.
        """
        tellings = self._spans.get(ids)
        if tellings is None:
            return None
        telling = tellings.get(scope)
        if telling is None:
            if len(tellings) > 1:
                return None
            (telling,) = tellings.values()
        if failed:
            self._finish(telling, answered=False)
        return telling.closed if telling.choices is None or failed or telling.choices >= choices else None

    def _telling(self, record: LogRecord, scope: str) -> _Telling[V] | None:
        """None for a record that names no span."""
        ids = record.trace_id + record.span_id
        if len(ids) != _IDS_BYTES or not record.span_id.strip(b"\0") or not record.trace_id.strip(b"\0"):
            return None
        tellings = self._spans.pop(ids, None)
        if tellings is None:
            tellings = {}
        self._spans[ids] = tellings
        telling = tellings.get(scope)
        if telling is None:
            telling = tellings[scope] = _Telling()
            self._bytes += telling.bytes
        return telling

    def _is_new(self, telling: _Telling[V], record: LogRecord) -> bool:
        identity = xxhash.xxh3_64_intdigest(record.SerializeToString())
        if (telling.said is None and telling.closed is None) or identity in telling.identities:
            return False
        telling.identities.append(identity)
        self._grow(telling, _IDENTITY_BYTES)
        return True

    def _finish(self, telling: _Telling[V], *, answered: bool) -> None:
        """Closes an open one if it is whole."""
        if telling.said is None:
            return
        try:
            conversation = _whole(telling.said, answered=answered)
            closed = None if conversation is None else self._close(conversation)
        except Exception:  # noqa: BLE001  # one bad conversation costs itself
            self._lose(telling)
        else:
            if closed is not None:
                telling.choices = sum(said.event in events.COMPLETIONS for said in telling.said)
                telling.closed = closed
                self._drop_messages(telling)

    def _lose(self, telling: _Telling[V]) -> None:
        telling.identities = array("Q")
        telling.closed = None
        self._drop_messages(telling)

    def _drop_messages(self, telling: _Telling[V]) -> None:
        telling.said = None
        self._touched.pop(telling, None)
        self._grow(telling, _SPAN_BYTES + _IDENTITY_BYTES * len(telling.identities) - telling.bytes)

    def _grow(self, telling: _Telling[V], by: int) -> None:
        telling.bytes += by
        self._bytes += by

    def _make_room(self) -> None:
        while self._bytes > self._max_bytes or len(self._spans) > self._max_spans:
            ids = next(iter(self._spans))
            tellings = self._spans.pop(ids)
            still_open = [telling for telling in tellings.values() if telling.said is not None]
            if still_open:
                for telling in still_open:
                    self._lose(telling)
                self._spans[ids] = tellings
            else:
                self._bytes -= sum(telling.bytes for telling in tellings.values())


def _whole(said: Sequence[_Said], *, answered: bool) -> Conversation | None:
    """The conversation; None where something of it is known to be missing."""
    said = sorted(said, key=lambda each: each.at_unix_nano)
    sent = [each for each in said if each.event not in events.COMPLETIONS]
    choices = [each for each in said if each.event in events.COMPLETIONS]
    if (answered and not choices) or _has_gaps(sent) or _has_gaps(choices):
        return None
    choices.sort(key=lambda each: each.place or 0)
    conversation = conversation_of(
        _without_repeats(sent), [message for choice in choices for message in choice.messages]
    )
    # A tool answers what an assistant asked for: a prompt does not begin with that.
    return conversation if conversation.prompt and conversation.prompt[0].role != "tool" else None


def _has_gaps(said: Iterable[_Said]) -> bool:
    places = sorted(each.place for each in said if each.place is not None)
    return places != list(range(len(places)))


def _without_repeats(said: Iterable[_Said]) -> list[Message]:
    """Bedrock's tool results come twice: each by itself, and as parts of the user's message that brings them."""
    messages: list[Message] = []
    results: list[Message] = []
    for each in said:
        if each.event == _TOOL_EVENT:
            results += each.messages
            messages += each.messages
        else:
            messages += [message for message in each.messages if message not in results]
            results = []
    return messages


def _place(record: LogRecord) -> int | None:
    for item in (*record.body.kvlist_value.values, *record.attributes):
        if item.key in _PLACES and item.value.HasField("int_value"):
            return item.value.int_value
    return None


def _is_blank(record: LogRecord, event: str) -> bool:
    """Nothing was said, rather than held back or taken out: an assistant may be silent, others say so with `""`."""
    data = decoded(record.body) if record.HasField("body") else None
    return (
        isinstance(data, dict)
        and all(value == "" or key in _UNSPOKEN for key, value in data.items())
        and ("content" in data or events.ROLES[event] == "assistant")
    )
