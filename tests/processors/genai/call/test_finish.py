from __future__ import annotations

import pytest

from processors.genai.call.finish import finish_reason, finish_reasons_within

REASONS = {
    "stop": "stop",
    "end_turn": "stop",
    "STOP": "stop",
    "FinishReason.STOP": "stop",
    "FINISH_REASON_STOP": "stop",
    "FinishReasonStop": "stop",
    "REASON_STOP": "stop",
    "EndTurn": "stop",
    "REASON_MAX_LEN": "length",
    "CompletionsFinishReason.TOKEN_LIMIT_REACHED": "length",
    "toolUse": "tool_call",
    "REASON_TOOL_CALLS": "tool_call",
    "FINISH_REASON_UNSPECIFIED": None,
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "tool-calls": "tool_call",
    "tool_use": "tool_call",
    "function_call": "tool_call",
    "SAFETY": "content_filter",
    "content-filter": "content_filter",
    "guardrail_intervened": "content_filter",
    "refusal": "content_filter",
    "error": "error",
    "pause_turn": "pause_turn",
    "": None,
    "unknown": None,
    "null": None,
}


@pytest.mark.parametrize(("word", "expected"), REASONS.items())
def test_providers_words_become_one(word: str, expected: str | None) -> None:
    """In the words of the conventions; a new one stays as it is."""
    assert finish_reason(word) == expected


def test_reasons_in_an_answer() -> None:
    """Those of the answer itself, not of a text that speaks of them."""
    answer = (
        '[{"role": "assistant", "parts": [{"content": "\\"finish_reason\\": \\"length\\""}], "finish_reason": "stop"}]'
    )
    assert finish_reasons_within(answer) == ("stop",)
    assert finish_reasons_within('{"stop_reason":"tool_use"}') == ("tool_call",)
    assert finish_reasons_within("text") == ()
