from __future__ import annotations

from typing import Any

from processors.genai.conversation.decode import CUT
from processors.genai.conversation.indexed import Place, place_of, unflattened
from processors.genai.conversation.read import READER
from tests.processors.genai.spans import span_of


def test_the_first_index_splits_a_key() -> None:
    """What has none, or one of thousands of digits, is no part of a family; nor is what is nested without end."""
    assert place_of("gen_ai.prompt.0.content") == Place("gen_ai.prompt", ("0", "content"))
    assert place_of("gen_ai.prompt.3") == Place("gen_ai.prompt", ("3",))
    assert place_of("gen_ai.prompt.name") is None
    assert place_of(f"gen_ai.prompt.{'9' * 5000}.content") is None
    assert place_of("a." + "0." * 50 + "b") is None


def texts(values: dict[str, Any]) -> list[str]:
    return [message.text for message in READER.span(span_of(values)).prompt]


def test_messages_are_in_numerical_order() -> None:
    """10 comes after 9, though not in the alphabet."""
    values = {f"gen_ai.prompt.{index}.content": str(index) for index in (10, 9, 2)}
    assert texts(values) == ["2\n9\n10"]


def test_completions_of_text_alone() -> None:
    """`llm.prompts.0.prompt.text` and `gen_ai.prompt.0`."""
    assert texts({"llm.prompts.0.prompt.text": "Hi"}) == texts({"gen_ai.prompt.0": "Hi"}) == ["Hi"]


def test_content_may_be_json_of_parts() -> None:
    """Any other JSON is text that somebody typed; parts that were cut off make the whole unknown."""
    assert texts({"gen_ai.prompt.0.content": '[{"type": "text", "text": "Hi"}]'}) == ["Hi"]
    assert texts({"gen_ai.prompt.0.content": '{"b": 1}'}) == ['{"b":1}']
    assert texts({"gen_ai.prompt.0.content": "Hi", "gen_ai.prompt.1.content": '[{"type": "te'}) == []
    assert unflattened([(("0", "content"), '[{"type": "te')]) == [CUT]


def test_media_are_the_field_that_says_what_they_are() -> None:
    """Whichever kind."""
    part = "llm.input_messages.0.message.contents.{}.message_content"
    values = {
        f"{part.format(0)}.type": "text",
        f"{part.format(0)}.text": "Look:",
        f"{part.format(1)}.type": "image",
        f"{part.format(1)}.image.image.url": "data:image/png;base64,AAAA",
    }
    assert texts(values) == ["Look:\ndata:image/png;base64,AAAA"]


def test_a_tool_call_that_is_there_twice_counts_once() -> None:
    """OpenInference has Anthropic's in the contents, too."""
    base = "llm.input_messages.0.message"
    values = {
        f"{base}.role": "assistant",
        f"{base}.tool_calls.0.tool_call.function.name": "f",
        f"{base}.tool_calls.0.tool_call.function.arguments": '{"a": 1}',
        f"{base}.contents.0.message_content.type": "tool_use",
        f"{base}.contents.0.tool_call.function.name": "f",
        f"{base}.contents.0.tool_call.function.arguments": '{"a": 1}',
    }
    assert texts(values) == ['[tool_call] f {"a":1}']


def test_function_calls() -> None:
    """OpenInference's older fields, and OpenLLMetry's."""
    older = {
        "llm.input_messages.0.message.function_call_name": "f",
        "llm.input_messages.0.message.function_call_arguments_json": '{"a": 1}',
    }
    flat = {"gen_ai.prompt.0.function_call.name": "f", "gen_ai.prompt.0.function_call.arguments": '{"a": 1}'}
    assert texts(older) == texts(flat) == ['[tool_call] f {"a":1}']


def test_text_and_fields_in_one_place() -> None:
    """What one instrumentation writes under `0` and another under `0.content`: neither breaks the other."""
    both = {"gen_ai.prompt.0": "a", "gen_ai.prompt.0.role": "user"}
    assert texts(both) == texts(dict(reversed(both.items()))) == ["a"]
