from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from processors.genai.conversation.message import Message, canonical_text
from processors.genai.conversation.read import READER, Conversation
from tests.processors.genai.conversation.chats import (
    OPENAI_IN,
    OPENINFERENCE,
    OTEL_IN,
    OTEL_OUT,
    OTEL_SYSTEM,
    THE_SAME_CHAT,
    dumped,
)
from tests.processors.genai.conversation.renderers import RENDERERS, Turn
from tests.processors.genai.conversation.toolbox import THE_SAME_TOOL
from tests.processors.genai.spans import any_value, put, span_of

SYSTEM = (Message("system", "Be brief."),)
PROMPT = (
    Message("user", "Weather in Paris?"),
    Message("assistant", '[tool_call] weather {"city":"Paris","days":2}'),
    Message("tool", '{"rain":false,"wind":3}'),
)
COMPLETION = (Message("assistant", "Dry."),)


@pytest.mark.parametrize("name", THE_SAME_CHAT)
def test_the_same_chat_is_the_same_text(name: str) -> None:
    """Whatever the dialect, however often it is there: system prompt, prompt and completion agree to the letter."""
    scope, span = THE_SAME_CHAT[name]
    conversation = READER.span(span, scope)
    assert conversation.system == SYSTEM
    assert conversation.prompt == PROMPT
    assert conversation.completion == COMPLETION


@pytest.mark.parametrize("name", THE_SAME_TOOL)
def test_the_same_tool_is_the_same_text(name: str) -> None:
    """Without what SDKs add to its schema."""
    scope, values = THE_SAME_TOOL[name]
    assert READER.span(span_of(values), scope).tools == (
        '[["weather","Tells the weather.",{"properties":{"city":{"type":"string"},"title":{"type":"string"}},'
        '"required":["city"],"type":"object"}]]'
    )


words = st.text(st.sampled_from("ab\"'{}<é\n "), min_size=1, max_size=8).map(lambda text: f"w{text}w")
turns = st.one_of(
    st.builds(Turn, st.sampled_from(["user", "assistant"]), words, st.just({})),
    st.builds(Turn, st.just("call"), words, st.dictionaries(words, words | st.integers(-9, 9), max_size=2)),
    st.builds(Turn, st.just("tool"), words, st.just({})),
)


@settings(max_examples=40, deadline=None)
@given(words, st.lists(turns, min_size=1, max_size=5), words)
def test_any_chat_is_the_same_text_in_every_shape(system: str, history: list[Turn], answer: str) -> None:
    """Rendered as each SDK does it, and read again."""
    read = {name: READER.span(render(system, history, answer)) for name, render in RENDERERS.items()}
    texts = {name: (got.system, got.prompt, got.completion) for name, got in read.items()}
    assert set(texts.values()) == {texts["OpenTelemetry"]}, texts
    assert texts["OpenTelemetry"][1]


def test_a_span_without_content_has_an_empty_conversation() -> None:
    """Roles alone say nothing."""
    span = span_of({"gen_ai.operation.name": "chat", "llm.input_messages.0.message.role": "user"})
    assert READER.span(span) == Conversation((), (), ())


def test_messages_are_believed_before_text() -> None:
    """A request as a whole says more than a text that a table lists before it."""
    span = span_of({"gen_ai.prompt": "Weather in", "input.value": dumped({"messages": OPENAI_IN})})
    assert READER.span(span).prompt == PROMPT


@pytest.mark.parametrize("at", [50, 120])
def test_a_prompt_that_was_cut_off_is_absent(at: int) -> None:
    """The beginning of many prompts is the same. What stands beside it is no substitute, unless it is a conversation."""
    cut = {"gen_ai.input.messages": dumped(OPENAI_IN)[:at], "gen_ai.output.messages": dumped(OTEL_OUT)}
    alone = READER.span(span_of(cut))
    assert (alone.system, alone.prompt, alone.completion) == ((), (), COMPLETION)
    assert READER.span(span_of({**cut, "input.value": "Weather"})).prompt == ()
    assert READER.span(span_of({**cut, **OPENINFERENCE})).prompt == PROMPT


@pytest.mark.parametrize("role", ["model", "system"])
def test_a_streamed_answer_in_pieces_is_one(role: str) -> None:
    """As Gemini CLI writes it, under either role; a response that repeats its instructions has not said them."""
    pieces = [{"role": role, "parts": [{"text": text}]} for text in ("Dr", "y.")]
    assert READER.span(span_of({"gen_ai.output.messages": dumped(pieces)})).completion == COMPLETION
    repeated = dumped([{"role": "system", "content": "Be brief."}, {"role": "assistant", "content": "Dry."}])
    assert READER.span(span_of({"gen_ai.output.messages": repeated})).completion == COMPLETION


def test_instructions_that_were_cut_off_are_absent() -> None:
    """As prompts are."""
    span = span_of({"gen_ai.system_instructions": dumped(OTEL_SYSTEM)[:-9], "gen_ai.input.messages": dumped(OTEL_IN)})
    conversation = READER.span(span)
    assert (conversation.system, conversation.prompt) == ((), PROMPT)


def test_a_dump_that_is_no_conversation_is_no_prompt() -> None:
    """Nor is reasoning an answer."""
    span = span_of({"hidden_params": '{"litellm_call_id": "1"}', "ai.response.reasoning": "hm"})
    assert READER.span(span, "litellm") == Conversation((), (), ())


@pytest.mark.parametrize(
    ("values", "template", "variables"),
    [
        (
            {"llm.prompt_template.template": "Hi {name}", "llm.prompt_template.variables": '{"name": "Jane"}'},
            "Hi {name}",
            ("Jane",),
        ),
        ({"gen_ai.prompt.variable.name": "Jane", "gen_ai.prompt.variable.age": 7}, "", ("Jane", "7")),
        (
            {"traceloop.prompt.template": "Hi", "traceloop.prompt.template_variables.name": '["a", ["b"], null]'},
            "Hi",
            ("a", "b"),
        ),
    ],
)
def test_templates_and_their_variables(values: dict[str, Any], template: str, variables: tuple[str, ...]) -> None:
    """Plain or as JSON, in one attribute or in one each."""
    conversation = READER.span(span_of(values))
    assert (conversation.template, conversation.variables) == (template, variables)


def test_log_records_that_hold_a_conversation() -> None:
    """The details event in attributes, the AWS distribution's event in its body; others hold none."""
    record = LogRecord()
    put(record.attributes, {"gen_ai.input.messages": OTEL_IN, "gen_ai.system_instructions": OTEL_SYSTEM})
    details = READER.record(record, "gen_ai.client.inference.operation.details")
    assert details is not None
    assert (details.system, details.prompt) == (SYSTEM, PROMPT)
    body = {
        "input": {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]},
        "output": {"messages": [{"role": "assistant", "content": "Dry."}]},
    }
    record = LogRecord(body=any_value(body))
    adot = READER.record(record, "some.scope", "some.scope")
    assert adot == Conversation(SYSTEM, (Message("user", "Hi"),), COMPLETION)
    assert READER.record(record, "other", "some.scope") is None
    assert READER.record(LogRecord(body=any_value("text")), "some.scope", "some.scope") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "parts", "type", "text", "tool_calls", "function", "message", "messages", "choices",
                 "input", "output", "kwargs", "lc", "event.name", "config", "tools", "name", "value", "response", "0"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(json_values)
def test_no_json_breaks_the_reader(data: Any) -> None:
    """Any JSON is some list of messages, and has a canonical text."""
    text = json.dumps(data)
    span = span_of(
        {
            "gen_ai.input.messages": text,
            "output.value": text,
            "gen_ai.prompt.0.content": text,
            "gen_ai.prompt.0.content.0.x": text,
            "llm.output_messages.1.message.tool_calls.0.tool_call.function": text,
            "gen_ai.tool.definitions": text,
            "gen_ai.prompt.variable.x": text,
        },
        ("gen_ai.choice", {"message": text, "tool_calls": text}),
    )
    conversation = READER.span(span)
    system, variables = READER.system_prompt(span)
    assert system == conversation.system
    assert variables == (conversation.variables if system else ())
    for message in (*conversation.system, *conversation.prompt, *conversation.completion):
        assert isinstance(message.role, str)
        assert message.text
    assert isinstance(canonical_text(conversation.prompt), str)


@pytest.mark.parametrize("levels", [200, 400, 900])
def test_what_can_be_parsed_but_not_walked_is_absent(levels: int) -> None:
    """Some hundred levels are no conversation, and no exception either."""
    deep = '{"message":' * levels + "[]" + "}" * levels
    assert READER.span(span_of({"gen_ai.input.messages": deep})).prompt in ((), (Message("user", deep),))
