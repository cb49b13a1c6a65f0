from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.message_shapes import Message, messages_of, parse
from processors.genai.messages import canonical_text, read_conversation
from tests.processors.genai.spans import span_of

CALL = {"city": "Paris", "days": 2}
WEATHER = '{"wind": 3, "rain": false}'

OTEL_IN: list[Any] = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]},
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": CALL}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": WEATHER}]},
]
OTEL_OUT: list[Any] = [
    {
        "role": "assistant",
        "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Dry."}],
        "finish_reason": "stop",
    }
]
OTEL_SYSTEM: list[Any] = [{"type": "text", "content": "Be brief."}]
OPENAI_IN: list[Any] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Weather in Paris?"}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": json.dumps(CALL, indent=1)}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": WEATHER},
]
OPENAI_OUT: dict[str, Any] = {
    "id": "r1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Dry."}}],
}
ANTHROPIC: dict[str, Any] = {
    "model": "claude",
    "system": "Be brief.",
    "messages": [
        {"role": "user", "content": "Weather in Paris?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": CALL}]},
        {"role": "tool", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": WEATHER}]},
    ],
}
ANTHROPIC_OUT = {
    "role": "assistant",
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Dry."}],
}
TOOL_CALLS = OPENAI_IN[2]["tool_calls"]
FLAT = {
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Weather in Paris?",
    "llm.input_messages.2.message.role": "assistant",
    "llm.input_messages.2.message.tool_calls.0.tool_call.id": "c1",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": json.dumps(CALL),
    "llm.input_messages.3.message.role": "tool",
    "llm.input_messages.3.message.content": WEATHER,
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "Dry.",
}

THE_SAME_CHAT = {
    "current conventions, JSON": span_of(
        {
            "gen_ai.system_instructions": json.dumps(OTEL_SYSTEM),
            "gen_ai.input.messages": json.dumps(OTEL_IN),
            "gen_ai.output.messages": json.dumps(OTEL_OUT),
        }
    ),
    "current conventions, structured": span_of(
        {
            "gen_ai.system_instructions": OTEL_SYSTEM,
            "gen_ai.input.messages": OTEL_IN,
            "gen_ai.output.messages": OTEL_OUT,
        }
    ),
    "current conventions, event": span_of(
        {},
        (
            "gen_ai.client.inference.operation.details",
            {
                "gen_ai.system_instructions": OTEL_SYSTEM,
                "gen_ai.input.messages": OTEL_IN,
                "gen_ai.output.messages": OTEL_OUT,
            },
        ),
    ),
    "OpenAI messages under the current key": span_of(
        {"gen_ai.input.messages": json.dumps(OPENAI_IN), "gen_ai.output.messages": json.dumps([ANTHROPIC_OUT])}
    ),
    "older attributes": span_of({"gen_ai.prompt": json.dumps(OPENAI_IN), "gen_ai.completion": "Dry."}),
    "older content events": span_of(
        {},
        ("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps(OPENAI_IN)}),
        ("gen_ai.content.completion", {"gen_ai.completion": json.dumps([{"role": "assistant", "content": "Dry."}])}),
    ),
    "message events": span_of(
        {},
        ("gen_ai.system.message", {"content": "Be brief."}),
        ("gen_ai.user.message", {"content": json.dumps([{"text": "Weather in Paris?"}])}),
        ("gen_ai.assistant.message", {"role": "assistant", "tool_calls": json.dumps(TOOL_CALLS)}),
        ("gen_ai.tool.message", {"role": "tool", "content": WEATHER, "id": "c1"}),
        ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": json.dumps([{"text": "Dry."}])}),
    ),
    "message events of Azure": span_of(
        {},
        *(
            (f"gen_ai.{message['role']}.message", {"gen_ai.event.content": json.dumps(message)})
            for message in OPENAI_IN
        ),
        (
            "gen_ai.choice",
            {"gen_ai.event.content": json.dumps({"index": 0, "message": {"content": "Dry."}, "finish_reason": "stop"})},
        ),
    ),
    "OpenInference": span_of(FLAT),
    "OpenInference, request and response": span_of(
        {"input.value": json.dumps({"model": "gpt", "messages": OPENAI_IN}), "output.value": json.dumps(OPENAI_OUT)}
    ),
    "OpenInference, of Anthropic": span_of(
        {"input.value": json.dumps(ANTHROPIC), "output.value": json.dumps(ANTHROPIC_OUT)}
    ),
    "two dialects at once": span_of({**FLAT, "gen_ai.prompt": json.dumps(OPENAI_IN), "output.value": "{}"}),
}


@pytest.mark.parametrize("span", THE_SAME_CHAT.values(), ids=THE_SAME_CHAT.keys())
def test_the_same_chat_is_the_same_text(span: Span) -> None:
    """Whatever the dialect, however often it is there: system prompt, prompt and completion agree to the letter."""
    conversation = read_conversation(span)
    assert conversation.system == (Message("system", "Be brief."),)
    assert conversation.prompt == (
        Message("user", "Weather in Paris?"),
        Message("assistant", '[tool_call] weather {"city":"Paris","days":2}'),
        Message("tool", '{"rain":false,"wind":3}'),
    )
    assert conversation.completion == (Message("assistant", "Dry."),)


def test_a_span_without_content_has_an_empty_conversation() -> None:
    """Roles alone say nothing."""
    span = span_of({"gen_ai.operation.name": "chat", "llm.input_messages.0.message.role": "user"})
    conversation = read_conversation(span)
    assert (conversation.system, conversation.prompt, conversation.completion) == ((), (), ())


def test_indexed_messages_are_in_numerical_order() -> None:
    """10 comes after 9, though not in the alphabet."""
    span = span_of({f"llm.input_messages.{index}.message.content": str(index) for index in (10, 9, 2)})
    assert [message.text for message in read_conversation(span).prompt] == ["2", "9", "10"]


def test_cut_off_json_is_text() -> None:
    """Attribute length limits cut in the middle of anything."""
    cut = json.dumps(OTEL_IN)[:50]
    assert read_conversation(span_of({"gen_ai.input.messages": cut})).prompt == (Message("user", cut),)


def test_text_that_happens_to_be_json_stays_as_it_was_typed() -> None:
    """In a message with a role, braces do not make structure."""
    typed = '{"b": 1,  "a": 2}'
    flat = span_of({"llm.input_messages.0.message.content": typed})
    current = span_of(
        {"gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": typed}]}])}
    )
    assert read_conversation(flat).prompt == read_conversation(current).prompt == (Message("user", typed),)


IMAGE = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    "span",
    [
        span_of(
            {
                "gen_ai.input.messages": [
                    {
                        "role": "user",
                        "parts": [
                            {"type": "text", "content": "Look:"},
                            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": b"\0\0\0"},
                        ],
                    }
                ]
            }
        ),
        span_of(
            {
                "gen_ai.prompt": json.dumps(
                    [
                        {
                            "role": "user",
                            "content": [
                                {"type": "text", "text": "Look:"},
                                {"type": "image_url", "image_url": {"url": IMAGE}},
                            ],
                        }
                    ]
                )
            }
        ),
        span_of(
            {
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.contents.0.message_content.type": "text",
                "llm.input_messages.0.message.contents.0.message_content.text": "Look:",
                "llm.input_messages.0.message.contents.1.message_content.type": "image",
                "llm.input_messages.0.message.contents.1.message_content.image.image.url": IMAGE,
            }
        ),
    ],
    ids=["current", "OpenAI", "OpenInference"],
)
def test_media_count_as_data_uris(span: Span) -> None:
    """Two prompts that differ in the image only are two prompts."""
    assert read_conversation(span).prompt == (Message("user", f"Look:\n{IMAGE}"),)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("hello", [("user", "hello")]),
        (["a", "b"], [("user", "a\nb")]),
        (
            [{"role": "Developer", "content": "x"}, {"role": "ai", "content": "y"}],
            [("system", "x"), ("assistant", "y")],
        ),
        ({"contents": [{"role": "model", "parts": [{"text": "hi"}]}]}, [("assistant", "hi")]),
        ({"messages": [[{"role": "human", "content": "hi"}]]}, [("user", "hi")]),
        ([{"role": "user", "content": [{"toolResult": {"content": [{"text": "ok"}]}}]}], [("user", "ok")]),
        ([{"role": "user", "content": [{"toolUse": {"name": "f", "input": {}}}]}], [("user", "[tool_call] f {}")]),
        (
            [{"role": "user", "content": [{"custom": {"b": [1], "a": None}}]}],
            [("user", '{"custom":{"a":null,"b":[1]}}')],
        ),
        ([{"role": "user", "content": 5}], [("user", "5")]),
        ([{"role": 7, "content": "x"}], [("user", "x")]),
        ([{"role": "user", "content": ""}], []),
        ([None, 3, {"role": "user", "content": "x"}], [("user", "3"), ("user", "x")]),
        (None, []),
        ([], []),
        ({}, []),
    ],
)
def test_shapes(data: Any, expected: list[tuple[str, str]]) -> None:
    """What each shape comes down to."""
    assert messages_of(data, "user") == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "parts", "type", "text", "tool_calls", "function", "message", "messages", "choices"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_breaks_the_reader(data: Any) -> None:
    """Any JSON is some list of messages, and has a canonical text."""
    span = span_of({"gen_ai.input.messages": json.dumps(data), "output.value": json.dumps(data)})
    conversation = read_conversation(span)
    for message in (*conversation.system, *conversation.prompt, *conversation.completion):
        assert isinstance(message.role, str)
        assert isinstance(message.text, str)
        assert message.text
    assert isinstance(canonical_text(conversation.prompt), str)


def test_deep_nesting_is_text() -> None:
    """The JSON parser runs out of stack, and says so."""
    deep = "[" * 100_000
    assert parse(deep) == deep


@pytest.mark.parametrize("levels", [200, 400, 900])
def test_what_can_be_parsed_but_not_walked_is_absent(levels: int) -> None:
    """Some hundred levels are no conversation, and no exception either."""
    deep = '{"message":' * levels + "[]" + "}" * levels
    assert read_conversation(span_of({"gen_ai.input.messages": deep})).prompt in ((), (Message("user", deep),))


def test_absurd_indexes_are_not_messages() -> None:
    """An index of thousands of digits is no index."""
    span = span_of({f"llm.input_messages.{'9' * 5000}.message.content": "x"})
    assert read_conversation(span).prompt == ()


def test_canonical_text_is_reproducible_json() -> None:
    """As documented, so that anybody can compute a hash."""
    assert canonical_text([Message("user", 'é "q"')]) == '[["user","é \\"q\\""]]'
