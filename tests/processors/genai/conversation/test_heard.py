from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from processors.genai.conversation import events
from processors.genai.conversation.heard import Heard
from processors.genai.conversation.message import Message
from processors.genai.conversation.read import Conversation, conversation_of
from tests.processors.genai.spans import any_value, put

TRACE, SPAN = bytes(range(16)), bytes(range(1, 9))
IDS = TRACE + SPAN
SYSTEM, USER, ASSISTANT, TOOL, CHOICE = (
    f"gen_ai.{name}" for name in ("system.message", "user.message", "assistant.message", "tool.message", "choice")
)
CALL = {"type": "function", "function": {"name": "weather", "arguments": "{}"}}
UNSET = object()


def record(
    event: str,
    body: Any = None,
    *,
    at: int = 0,
    attributes: Mapping[str, Any] | None = None,
    trace_id: bytes = TRACE,
    span_id: bytes = SPAN,
) -> LogRecord:
    made = LogRecord(trace_id=trace_id, span_id=span_id, event_name=event, observed_time_unix_nano=at)
    if body is not None:
        made.body.CopyFrom(any_value(body))
    put(made.attributes, attributes or {})
    return made


def says(event: str, content: Any, **fields: Any) -> LogRecord:
    return record(event, {"content": content}, **fields)


def answers(content: Any, index: int = 0, **fields: Any) -> LogRecord:
    return record(CHOICE, {"index": index, "message": {"content": content}}, **fields)


def listener(**bounds: int) -> Heard[Conversation]:
    return Heard(lambda conversation: conversation, **bounds)


def hear(heard: Heard[Conversation], records: Iterable[LogRecord], scope: str = "s") -> None:
    """In one batch."""
    for each in records:
        event = each.event_name
        heard.message(each, scope, event, events.of_record(each, event))
    heard.end_batch()


def about(
    records: Iterable[LogRecord], *, scope: str = "s", choices: int = 0, failed: bool = False
) -> Conversation | None:
    heard = listener()
    hear(heard, records)
    return heard.about(IDS, scope, choices=choices, failed=failed)


HELLO = [says(SYSTEM, "Be brief."), says(USER, "Hello")]
WHOLE = [*HELLO, answers("Hi")]
TOLD = conversation_of([Message("system", "Be brief."), Message("user", "Hello")], [Message("assistant", "Hi")])


def test_messages_of_one_span_are_a_conversation() -> None:
    """Whatever else came: other spans' records, and records that name no span."""
    others = [
        says(USER, "Bye", span_id=bytes(8)),
        says(USER, "Bye", span_id=b"12345678"),
        says(USER, "Bye", trace_id=b""),
    ]
    heard = listener()
    hear(heard, [*others, *WHOLE])
    assert heard.about(IDS, "s", choices=1, failed=False) == TOLD
    assert heard.about(TRACE + bytes(8), "s", choices=0, failed=True) is None
    assert len(heard) == 2


HISTORY = st.lists(st.sampled_from([SYSTEM, USER, ASSISTANT, "a b", "ü"]), max_size=6)


@settings(max_examples=60)
@given(HISTORY, st.lists(st.integers(0, 9), max_size=3), st.data())
def test_batches_repeats_and_order_do_not_matter(history: list[str], cuts: list[int], data: st.DataObject) -> None:
    """The choice comes last, or nobody knows where the conversation ends."""
    said = [
        says(event if event in events.ROLES else USER, f"{event} {at}", at=at)
        for at, event in enumerate([USER, *history], 1)
    ]
    last = answers("Hi", at=100)
    expected = conversation_of(
        [message for each in said for message in events.of_record(each, each.event_name) or ()],
        [Message("assistant", "Hi")],
    )
    arrived = [*data.draw(st.permutations(said)), *data.draw(st.lists(st.sampled_from(said))), last, said[0], last]
    heard = listener()
    begin = 0
    for end in sorted({*(cut for cut in cuts if cut < len(said)), len(arrived)}):
        hear(heard, arrived[begin:end])
        begin = end
    assert heard.about(IDS, "s", choices=1, failed=False) == expected


@pytest.mark.parametrize(
    "records",
    [
        HELLO,
        [answers("Hi")],
        [HELLO[0], answers("Hi")],
        [*HELLO, answers("Hi", 1)],
        [*HELLO, answers("Hi", 1), answers("Ho", 2)],
        [*HELLO, answers("Hi", 0), answers("Ho", 0)],
        [says(USER, "Hello", attributes={"CHAT_MESSAGE_INDEX": 1}), answers("Hi")],
        [
            says(SYSTEM, "Hello", attributes={"CHAT_MESSAGE_INDEX": 0}),
            says(USER, "Hello", attributes={"CHAT_MESSAGE_INDEX": 2}),
            answers("Hi"),
        ],
        [says(SYSTEM, "Be brief."), says(TOOL, "1"), answers("Hi")],
        [says(USER, '[{"text": "H'), says(USER, "Hello"), answers("Hi")],
        [says(USER, "Hello"), says(ASSISTANT, '[{"text": "H'), answers("Hi")],
        [says(USER, "Hello"), says(ASSISTANT, UNSET), answers("Hi")],
        [says(USER, "Hello"), record(ASSISTANT), answers("Hi")],
        [record(USER, {}), record(ASSISTANT, {"tool_calls": [CALL]}), answers("Hi")],
        [says(USER, "Hello"), record(TOOL, {"id": "1"}), answers("Hi")],
    ],
    ids=[
        "no answer", "no prompt", "no user", "first answer missing", "first of three answers missing", "two first answers",
        "first message missing", "message missing", "begins with a result", "user cut", "assistant cut", "text taken out",
        "body taken out", "user held back", "result held back",
    ],
)  # fmt: skip
def test_half_a_conversation_is_none(records: list[LogRecord]) -> None:
    """Where it can be known."""
    assert about(records, choices=1) is None


def test_a_span_that_had_more_answers_than_were_told_is_not_known() -> None:
    """It says how many there were."""
    two = [*HELLO, answers("Ho", 1, at=1), answers("Hi", 0, at=2)]
    assert about(WHOLE, choices=2) is None
    found = about(two, choices=2)
    assert found is not None
    assert found.completion == (Message("assistant", "Hi\nHo"),)


@pytest.mark.parametrize(
    "silent",
    [record(ASSISTANT, {}), record(ASSISTANT, {"role": "assistant", "content": ""}), says(USER, ""), says(SYSTEM, "")],
    ids=["assistant without", "assistant", "user", "system"],
)
def test_who_says_nothing_holds_nothing_back(silent: LogRecord) -> None:
    """A message without text counts in no dialect."""
    assert about([*HELLO, silent, answers("Hi")]) == TOLD


def test_an_empty_answer_is_an_answer() -> None:
    """The model may have thought until its tokens were spent."""
    found = about([*HELLO, answers("")], choices=1)
    assert found is not None
    assert (found.prompt, found.completion) == (TOLD.prompt, ())


def test_a_failed_call_has_no_answer() -> None:
    """It is whole with what was sent; once it is read no more is expected."""
    heard = listener()
    hear(heard, HELLO)
    before = heard.held_bytes
    for _ in range(2):
        found = heard.about(IDS, "s", choices=0, failed=True)
        assert found is not None
        assert (found.system, found.prompt, found.completion) == (TOLD.system, TOLD.prompt, ())
    assert heard.held_bytes < before
    hear(heard, [says(USER, "More")])
    assert heard.about(IDS, "s", choices=0, failed=True) is None


def test_what_comes_after_the_answer_makes_all_of_it_doubtful() -> None:
    """In the same batch it may have been sent before; a repetition is none."""
    heard = listener()
    hear(heard, WHOLE)
    hear(heard, WHOLE)
    assert heard.about(IDS, "s", choices=1, failed=False) == TOLD
    hear(heard, [says(USER, "More")])
    hear(heard, WHOLE)
    heard.conversation(record(events.DETAILS), "s", TOLD, TOLD)
    assert heard.about(IDS, "s", choices=1, failed=False) is None
    assert heard.about(IDS, "s", choices=1, failed=True) is None


def test_results_that_bedrock_tells_twice_count_once() -> None:
    """By themselves and in the user's message; two tools with the same result have two."""
    result = [{"toolResult": {"toolUseId": "1", "content": [{"text": "1"}]}}]
    asked = [says(USER, "Hello", at=1), record(ASSISTANT, {"tool_calls": [CALL, CALL]}, at=2)]
    results = [says(TOOL, "1", at=3), says(TOOL, "1", at=4)]
    twice = [*asked, *results, says(USER, [*result, *result], at=5), answers("Hi", at=6)]
    once = [*asked, *results, answers("Hi", at=6)]
    assert about(twice) == about(once)
    found = about(once)
    assert found is not None
    assert found.prompt[-2:] == (Message("tool", "1"),) * 2
    again = about(
        [*twice[:-1], record(ASSISTANT, {"tool_calls": [CALL]}, at=6), says(USER, result, at=7), answers("Hi")]
    )
    assert again is not None
    assert [message.role for message in again.prompt] == ["user", "assistant", "tool", "tool", "assistant", "tool"]


def test_each_instrumentation_tells_for_itself() -> None:
    """A span is told about by its own scope, or else by the only one that speaks."""
    heard = listener()
    hear(heard, WHOLE, "one")
    assert heard.about(IDS, "other", choices=0, failed=False) == TOLD
    hear(heard, [says(USER, "Bye"), answers("Bye")], "two")
    assert heard.about(IDS, "one", choices=0, failed=False) == TOLD
    assert heard.about(IDS, "other", choices=0, failed=False) is None


def test_one_record_may_tell_all() -> None:
    """It needs no answer; of several the one that has most is believed, and single messages beside it are not."""
    sent = conversation_of([Message("user", "Hello")], [])
    heard = listener()
    hear(heard, HELLO)
    for at, told in enumerate((conversation_of([], []), sent, TOLD, sent)):
        heard.conversation(record(events.DETAILS, at=at), "s", told, told)
        found = heard.about(IDS, "s", choices=2, failed=False)
        assert found == (None if at == 0 else sent if at == 1 else TOLD)
    hear(heard, [says(USER, "More")])
    assert heard.about(IDS, "s", choices=2, failed=False) == TOLD


def test_what_cannot_be_closed_costs_itself() -> None:
    """The others of the batch are whole."""

    def close(conversation: Conversation) -> str:
        if conversation.prompt[0].text == "bad":
            raise RuntimeError
        return conversation.prompt[0].text

    heard = Heard(close)
    for span_id, text in ((b"1" * 8, "good"), (b"2" * 8, "bad"), (b"3" * 8, "fine")):
        for each in (says(USER, text, span_id=span_id), answers("Hi", span_id=span_id)):
            heard.message(each, "s", each.event_name, events.of_record(each, each.event_name))
    heard.end_batch()
    found = [heard.about(TRACE + name * 8, "s", choices=0, failed=False) for name in (b"1", b"2", b"3")]
    assert found == ["good", None, "fine"]


def known(heard: Heard[Conversation], *span_ids: bytes) -> list[bool]:
    """Which of the calls are, if they have failed."""
    return [heard.about(TRACE + span_id, "s", choices=0, failed=True) is not None for span_id in span_ids]


def test_who_was_silent_for_longest_makes_room() -> None:
    """Not who came first; open or closed."""
    first, second, third, fourth = (b"span%04d" % number for number in range(4))
    heard = listener(max_spans=3)
    hear(heard, [says(USER, "x", span_id=first), says(USER, "x", span_id=second), answers("Hi", span_id=second)])
    hear(heard, [says(USER, "y", span_id=first), says(USER, "x", span_id=third)])
    hear(heard, [says(USER, "x", span_id=fourth)])
    assert known(heard, first, second, third, fourth) == [True, False, True, True]
    heard = listener(max_bytes=30_000)
    for number in range(20):
        hear(heard, [says(USER, text * 2_000, span_id=b"span%04d" % number) for text in "xy"])
    assert known(heard, b"span0000", b"span0018", b"span0019") == [False, True, True]
    for number in range(100):
        hear(heard, [says(USER, "x", span_id=b"done%04d" % number), answers("Hi", span_id=b"done%04d" % number)])
    assert known(heard, b"done0000", b"done0098", b"done0099") == [False, True, True]


def test_the_rest_of_what_made_room_is_no_conversation() -> None:
    """Nor that of one that is larger than its share."""
    heard = listener(max_bytes=20_000)
    for number in range(5):
        hear(heard, [says(USER, "x" * 3_000, span_id=b"open%04d" % number)])
    assert heard.held_bytes <= 20_000
    hear(heard, [says(USER, "x" * 6_000)])
    for ids in (b"open0000", b"open0004", SPAN):
        hear(heard, [says(USER, "More", span_id=ids), answers("Hi", span_id=ids)])
    assert known(heard, b"open0000", b"open0004", SPAN) == [False, True, False]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([USER, CHOICE, events.DETAILS]), st.integers(0, 3000))))
def test_bounds_hold_whatever_comes(sent: list[tuple[int, str, int]]) -> None:
    """In bytes and in spans; nothing is left of spans that made room."""
    heard = listener(max_bytes=8_000, max_spans=4)
    for at, (span, event, size) in enumerate(sent):
        each = says(event, "x" * size, at=at, span_id=b"span%04d" % span)
        if event == events.DETAILS:
            heard.conversation(each, "s", TOLD, TOLD)
        else:
            heard.message(each, "s", event, events.of_record(each, event))
        if size % 3 == 0:
            heard.end_batch()
        heard.about(each.trace_id + each.span_id, "s", choices=0, failed=size % 2 == 0)
        assert heard.held_bytes <= 8_000
        assert len(heard) <= 4
    fresh = listener(max_spans=4)
    for each in (record(events.DETAILS, span_id=b"last%04d" % span) for span in range(8)):
        heard.conversation(each, "s", TOLD, TOLD)
        fresh.conversation(each, "s", TOLD, TOLD)
    assert heard.held_bytes == fresh.held_bytes
