from __future__ import annotations

from typing import Any

import pytest

from processors.genai.conversation.parts import Kind, pieces, tool_call, tool_result

IMAGE = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
        {"type": "blob", "mime_type": "image/png", "data": "AAAA"},
        {"type": "image_url", "image_url": {"url": IMAGE}},
        {"type": "input_image", "image_url": IMAGE},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "image", "image": IMAGE, "mediaType": "image/png"},
        {"type": "file", "data": IMAGE, "mediaType": "image/png"},
        {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"type": "uri", "uri": IMAGE},
        {"file_data": {"file_uri": IMAGE}},
    ],
)
def test_media_are_data_uris(part: dict[str, Any]) -> None:
    """Two prompts that differ in the image only are two prompts."""
    assert [tuple(piece) for piece in pieces([part])] == [(Kind.TEXT, IMAGE)]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "reasoning", "content": "hm"},
        {"type": "thinking", "thinking": "hm"},
        {"type": "redacted_thinking", "data": "x"},
        {"text": "hm", "thought": True},
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
        {"part_kind": "thinking", "content": "hm"},
        None,
    ],
)
def test_reasoning_is_left_out(part: Any) -> None:
    """Hardly any two dialects write the same of it."""
    assert list(pieces([part])) == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("text", "text"),
        ({"type": "text", "text": "x", "cache_control": {}}, "x"),
        ({"type": "refusal", "refusal": "no"}, "no"),
        ({"type": "file", "file_id": "f1"}, "f1"),
        ({"type": "custom", "b": [1.0], "a": None, "id": "1"}, '{"b":[1]}'),
        ({"part_kind": "user-prompt", "content": ["a", {"kind": "x", "url": "u"}]}, 'a\n{"kind":"x","url":"u"}'),
        ('{"b": 1,  "a": 2}', '{"a":2,"b":1}'),
        (5, "5"),
    ],
)
def test_other_parts(part: Any, expected: str) -> None:
    """Unknown kinds without identifiers; text that is JSON as JSON, for some dialects write it as structure."""
    assert [piece.text for piece in pieces([part])] == [expected]


@pytest.mark.parametrize(
    "call",
    [
        {"type": "tool_call", "name": "f", "arguments": {"b": 1, "a": 2.0}},
        {"type": "function_call", "name": "f", "arguments": '{"b":1,"a":2}'},
        {"type": "function", "function": {"name": "f", "arguments": '{ "b": 1, "a": 2 }'}},
        {"type": "tool_use", "name": "f", "input": {"a": 2, "b": 1}},
        {"toolUse": {"name": "f", "input": {"a": 2, "b": 1}}},
        {"functionCall": {"name": "f", "args": {"a": 2, "b": 1}}},
        {"type": "tool-call", "toolName": "f", "input": {"a": 2, "b": 1}},
        {"toolName": "f", "args": '{"a": 2, "b": 1}'},
        {"part_kind": "tool-call", "tool_name": "f", "args": {"a": 2, "b": 1}},
        {"block_type": "tool_call", "tool_name": "f", "tool_kwargs": {"a": 2, "b": 1}},
    ],
)
def test_tool_calls(call: dict[str, Any]) -> None:
    """In each provider's shape, with arguments as text or structure."""
    assert [tuple(piece) for piece in pieces([call])] == [(Kind.CALL, '[tool_call] f {"a":2,"b":1}')]


def test_arguments_that_are_no_json() -> None:
    """Nothing gets lost, and none are none."""
    assert tool_call({"name": "f", "arguments": "not json"}) == "[tool_call] f not json"
    assert tool_call({"name": "f", "arguments": ""}) == tool_call({"name": "f"}) == "[tool_call] f {}"


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": 2},
        '{"b": 1, "a": 2.0}',
        "{'b': 1, 'a': 2}",
        [{"type": "text", "text": '{"b": 1, "a": 2}'}],
        [{"json": {"a": 2, "b": 1}}],
        {"type": "json", "value": {"a": 2, "b": 1}},
        {"result": {"a": 2, "b": 1}},
        {"output": '{"a": 2, "b": 1}'},
        {"content": [{"type": "text", "text": '{"b": 1, "a": 2}'}], "isError": False},
    ],
)
def test_tool_results(value: Any) -> None:
    """Out of the wrappings that SDKs put around them."""
    assert tool_result(value) == '{"a":2,"b":1}'


def test_results_that_are_text() -> None:
    """As they are; several blocks in lines."""
    assert tool_result("Dry.") == tool_result({"result": "Dry."}) == "Dry."
    assert tool_result([{"text": "a"}, {"text": "b"}]) == "a\nb"
    assert tool_result(None) == ""
