from __future__ import annotations

from typing import Any

import pytest

from processors.genai.conversation.shapes import is_conversation, messages_of
from tests.processors.genai.conversation.chats import lc


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("hello", [("user", "hello")]),
        (["a", "b"], [("user", "a\nb")]),
        (
            [{"role": "Developer", "content": "x"}, {"role": "ai", "content": "y"}],
            [("system", "x"), ("assistant", "y")],
        ),
        ([{"role": "ChatRole.USER", "content": "x"}], [("user", "x")]),
        ({"contents": [{"role": "model", "parts": [{"text": "hi"}]}]}, [("assistant", "hi")]),
        ({"contents": "hi", "systemInstruction": {"parts": [{"text": "s"}]}}, [("system", "s"), ("user", "hi")]),
        ({"messages": [[{"role": "human", "content": "hi"}]]}, [("user", "hi")]),
        ({"messages": '[{"role": "user", "content": "hi"}]'}, [("user", "hi")]),
        ({"message": "c", "chat_history": [{"role": "CHATBOT", "message": "b"}]}, [("assistant", "b"), ("user", "c")]),
        ({"prompt": "hi", "system": "s", "model": "m"}, [("system", "s"), ("user", "hi")]),
        ({"inputs": {"input": "hi"}, "tags": []}, [("user", "hi")]),
        ({"args": ["hi"], "kwargs": {}}, [("user", "hi")]),
        ({"preamble": "s", "message": "hi"}, [("system", "s"), ("user", "hi")]),
        ({"items": [{"type": "message", "role": "user", "content": ["hi"]}]}, [("user", "hi")]),
        ({"items": ["hi"]}, [("user", '{"items":["hi"]}')]),
        ([{"role": "tool", "content": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]}],
         [("assistant", "[tool_call] f {}")]),
        ([{"role": "assistant", "tool_calls": [{"function": {"name": "Sky", "arguments": "{}"}}]},
          {"role": "sky", "content": "blue"}, {"role": "sea", "content": "deep"}],
         [("assistant", "[tool_call] Sky {}"), ("tool", "blue"), ("sea", "deep")]),
        ([{"role": "model", "content": [{"toolRequest": {"name": "f", "input": {"a": 1}}}]},
          {"role": "tool", "content": [{"toolResponse": {"name": "f", "output": "ok"}}]}],
         [("assistant", '[tool_call] f {"a":1}'), ("tool", "ok")]),
        ([{"role": "tool", "parts": [{"type": "tool_call_response",
                                      "response": '{"type": "function_result", "call_id": "c", "result": "ok"}'}]}],
         [("tool", "ok")]),
        ({"type": "text", "value": "hi"}, [("user", "hi")]),
        ([lc("HumanMessageChunk", content="hi")], [("user", "hi")]),
        ([{"type": "human", "data": {"content": "hi"}}], [("user", "hi")]),
        ([{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "s"},
                                        {"part_kind": "user-prompt", "content": "hi"}]}],
         [("system", "s"), ("user", "hi")]),
        ([{"_role": "user", "_content": [{"text": "hi"}]}], [("user", "hi")]),
        ([{"role": "user", "content": [{"toolResult": {"content": [{"text": "ok"}]}}]}], [("tool", "ok")]),
        ([{"role": "user", "content": [{"type": "tool_result", "content": "1"}, {"type": "text", "text": "go on"}]}],
         [("tool", "1"), ("user", "go on")]),
        ([{"role": "user", "content": [{"toolUse": {"name": "f", "input": {}}}]}], [("assistant", "[tool_call] f {}")]),
        ([{"role": "assistant", "content": "a", "function_call": {"name": "f", "arguments": "{}"}}],
         [("assistant", "a\n[tool_call] f {}")]),
        ([{"role": "user", "content": [{"custom": {"b": [1], "a": None}}]}],
         [("user", '{"custom":{"a":null,"b":[1]}}')]),
        ([{"role": "assistant", "content": None, "refusal": "no"}], [("assistant", "no")]),
        ([{"role": "user", "content": 5}], [("user", "5")]),
        ([{"role": 7, "content": "x"}], [("user", "x")]),
        ([{"role": "user", "text": "hi", "files": []}], [("user", "hi")]),
        ([{"role": "user", "text": "hi", "content": "hi"}], [("user", "hi")]),
        ([{"role": "user", "content": ""}], []),
        ([{"role": "tool", "content": {"type": "function", "function": {"name": "f", "parameters": {}}}}], []),
        ([None, 3, {"role": "user", "content": "x"}], [("user", "3\nx")]),
        ([{"role": "assistant", "content": "It i", "finish_reason": ""},
          {"role": "assistant", "content": "s on", "finish_reason": "stop"}], [("assistant", "It is on")]),
        (
            {"text": "a", "toolCalls": [{"toolName": "f", "args": {}}], "files": []},
            [("user", "a"), ("assistant", "[tool_call] f {}")],
        ),
        ({"question": "why"}, [("user", '{"question":"why"}')]),
        (None, []),
        ([], []),
        ({}, []),
    ],
)  # fmt: skip
def test_shapes(data: Any, expected: list[tuple[str, str]]) -> None:
    """What each shape comes down to."""
    assert messages_of(data, "user") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([{"role": "user"}], True),
        ({"messages": []}, True),
        ({"choices": []}, True),
        ([[lc("HumanMessage")]], True),
        ([{"type": "function_call"}], True),
        ([{"type": "text", "text": "x"}], False),
        ({"question": "why"}, False),
        ({"type": []}, False),
        ("text", False),
        (None, False),
    ],
)
def test_what_says_itself_that_it_is_messages(data: Any, expected: bool) -> None:  # noqa: FBT001  # the answer
    """Text and free-form JSON do not."""
    assert is_conversation(data) is expected


def test_nesting_beyond_the_stack_is_nothing() -> None:
    """And no exception."""
    data: Any = "x"
    for _ in range(5000):
        data = {"message": data}
    assert messages_of(data, "user") == []
