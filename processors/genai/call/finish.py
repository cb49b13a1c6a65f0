"""Why a model stopped, in the words of the semantic conventions, whatever the provider says."""

from __future__ import annotations

import re
from typing import Final

from processors.genai.memo import KeyMemo

_REASONS: Final = {
    "stop": (
        *("stop", "stopped", "stop_sequence", "stop_token", "end_turn", "eos", "eos_token", "endoftext"),
        *("complete", "completed", "finish", "end", "done"),
    ),
    "length": (
        "length",
        "max_tokens",
        "max_output_tokens",
        "max_completion_tokens",
        "max_length",
        "model_length",
        "token_limit",
        "token_limit_reached",
        "max_len",
        "max_context",
        "model_context_window_exceeded",
        "error_max_turns",
        "incomplete",
    ),
    "tool_call": ("tool_call", "tool_calls", "tool_use", "function_call", "tool_execution"),
    "content_filter": (
        "content_filter",
        "content_filtered",
        "safety",
        "image_safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "refusal",
        "guardrail_intervened",
        "guardrails",
        "error_toxic",
        "blocked",
        "eval_guard_blocked",
    ),
    "error": (
        "error",
        "failed",
        "malformed_function_call",
        "model_error",
        "malformed_model_output",
        "network_error",
        "unexpected_tool_call",
    ),
}
_BY_WORD: Final = {word: reason for reason, words in _REASONS.items() for word in words}
_UNSAID: Final = frozenset({"", "none", "null", "unknown", "other", "unspecified", "invalid"})
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _finish_reason(word: str) -> str | None:
    word = _HUMP.sub("_", word.strip().rpartition(".")[2]).lower().replace("-", "_").replace(" ", "_")
    word = word.removeprefix("finish_").removeprefix("stop_reason_").removeprefix("reason_")
    if word in _UNSAID:
        return None
    return _BY_WORD.get(word, word[:64])


_KNOWN: Final = KeyMemo(_finish_reason)


def finish_reason(word: str) -> str | None:
    """`stop`, `length`, `tool_call`, `content_filter` or `error`; else the word itself, in lower case with `_`.

    None where nothing is said. `FinishReason.MAX_TOKENS`, `FinishReasonMaxTokens`, `max-tokens` and `MAX_TOKENS` are all
    `length`.
    """
    return _KNOWN[word]


_IN_JSON: Final = re.compile(
    r'eason(?:(?<="finish_reason)|(?<="stop_reason)|(?<="finishReason)|(?<="stopReason))"\s*:\s*"([A-Za-z_. -]{1,64})"'
)
_MAX_ANSWERS: Final = 16


def finish_reasons_within(answer: str) -> tuple[str, ...]:
    """Those in an answer that is JSON, each once. In texts within it the quotes are escaped, and so do not count."""
    found = (finish_reason(word) for word in _IN_JSON.findall(answer)[:_MAX_ANSWERS])
    return tuple(dict.fromkeys(reason for reason in found if reason is not None))
