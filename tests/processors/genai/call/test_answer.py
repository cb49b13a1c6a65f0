from __future__ import annotations

import json
from typing import Any

import pytest

from processors.genai.call.answer import Answer, filled
from processors.genai.call.usage import Counts
from tests.processors.genai.spans import any_value

LANGCHAIN = {
    "generations": [
        [
            {
                "text": "Hi",
                "generation_info": {"finish_reason": "stop"},
                "message": {
                    "kwargs": {
                        "content": "Hi",
                        "response_metadata": {"model_name": "gpt-4o-2024-08-06"},
                        "usage_metadata": {
                            "input_tokens": 9,
                            "output_tokens": 5,
                            "input_token_details": {"cache_read": 4},
                            "output_token_details": {"reasoning": 3},
                        },
                    }
                },
            }
        ]
    ],
    "llm_output": None,
}
RESPONSE = {"object": "response", "status": "completed", "incomplete_details": None, "output": [{"type": "message"}]}
SMOLAGENTS = {
    "content": "Hi",
    "raw": "ChatCompletion(choices=[Choice(finish_reason='tool_calls', index=0)], model='gpt-4o-2024-08-06', "
    "usage=CompletionUsage(prompt_tokens=9, cached_tokens=4, reasoning_tokens=3))",
}
MODELS: dict[str, tuple[Any, str | None]] = {
    "OpenAI": ({"model": "gpt-4o-2024-08-06", "choices": []}, "gpt-4o-2024-08-06"),
    "Gemini": ({"candidates": [], "modelVersion": "gemini-2.5-pro"}, "gemini-2.5-pro"),
    "LangChain": (LANGCHAIN, "gpt-4o-2024-08-06"),
    "repr": (SMOLAGENTS, "gpt-4o-2024-08-06"),
    "a list of them": ({"replies": ["ChatMessage(_meta={'model': 'gpt-4o-2024-08-06'})"]}, "gpt-4o-2024-08-06"),
    "another model in a repr": ({"raw": "create(model='gpt-4o-mini')"}, None),
    "two models in a repr": ({"raw": "model='gpt-4o' model='gpt-4o-2024-08-06'"}, None),
    "a repr in a text": ({"content": "create(model='gpt-4o-2024-08-06')", "r": ""}, None),
    "a tool's argument": ({"tool_calls": [{"args": {"model": "T"}}], "content": [{"model": "T"}]}, None),
    "the application's": ({"metadata": {"model": "T"}}, None),
    "no text": ({"model": ""}, None),
    "a schema": ({"model": {"type": "string"}}, None),
    "too long": ({"model": "m" * 257}, None),
    "a text": ('the "model" is good', None),
    "cut": ('{"model": "gpt-4o', None),
}


def answer(value: Any) -> Answer:
    return Answer(any_value(value if isinstance(value, str) else json.dumps(value)))


@pytest.mark.parametrize(("value", "expected"), MODELS.values(), ids=MODELS.keys())
def test_models(value: Any, expected: str | None) -> None:
    """Of the answer, and not of anything that a user, a tool or the model speaks of."""
    assert answer(value).model("openai/gpt-4o") == expected


def test_structured_answers() -> None:
    """As they are sent by those who know that attributes have structure."""
    found = Answer(any_value({"model": "m", "finish_reason": "stop"}))
    assert (found.model(None), found.finish_reasons()) == ("m", ("stop",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (LANGCHAIN, ("stop",)),
        ({"choices": [{"finish_reason": "stop"}, {"finish_reason": "stop"}]}, ("stop",)),
        (RESPONSE, ("stop",)),
        (RESPONSE | {"output": [{"type": "message"}, {"type": "function_call"}]}, ("tool_call",)),
        (RESPONSE | {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, ("length",)),
        (RESPONSE | {"status": "failed"}, ("error",)),
        (RESPONSE | {"status": "in_progress"}, ()),
        (SMOLAGENTS, ("tool_call",)),
        ({"replies": ["ChatMessage(_meta={'finish_reason': 'length'})"]}, ("length",)),
        ({"raw": "finish_reason='stop', text='finish_reason=\\'length\\''; finish_reason='length'"}, ()),
        ({"content": "finish_reason='length'"}, ()),
        ({"replies": [1, None]}, ()),
        ("text", ()),
    ],
)
def test_finish_reasons(value: Any, expected: tuple[str, ...]) -> None:
    """In JSON, or in a repr if only one is there."""
    assert answer(value).finish_reasons() == expected


def test_usage_that_the_span_lacks() -> None:
    """All of it, or the parts; what the span says stays."""
    assert answer(LANGCHAIN).usage(Counts()) == Counts(input=9, output=5, cache_read=4, reasoning=3)
    known = Counts(input=8, output=5, cache_read=0)
    assert answer(LANGCHAIN).usage(known) == Counts(input=8, output=5, cache_read=0, reasoning=3)
    assert answer(LANGCHAIN).usage(Counts(1, 1, cache_read=1, reasoning=1)).cache_read == 1
    assert answer(SMOLAGENTS).usage(Counts(input=9)) == Counts(input=9, cache_read=4, reasoning=3)
    assert answer(SMOLAGENTS).usage(Counts(input=8)) == Counts(input=8), "of another call"
    assert answer("text").usage(Counts(input=8)) == Counts(input=8)
    assert answer("text").usage(Counts()) == Counts()


def test_the_search_ends() -> None:
    """However deep the answer is."""
    deep: Any = {"model": "m", "usage": {"input_tokens": 1}}
    for _ in range(300):
        deep = [deep]
    assert (answer(deep).model(None), answer(deep).usage(Counts())) == (None, Counts())


def test_filled() -> None:
    """Zero is said."""
    assert filled(Counts(0, None), Counts(1, 2)) == Counts(0, 2)
