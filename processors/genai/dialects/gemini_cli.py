"""Gemini CLI, and Qwen Code, which is a fork of it. Each call makes two log records, `gemini_cli.api_response` and the semantic
conventions' one; the name is the attribute `event.name`, the body a sentence.

On spans the messages are Gemini's own, cut at 10,000 characters. Thoughts are counted beside the output.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role


def _event_keys(prefix: str) -> tuple[Key, ...]:
    """Bare words, on the events of either program."""
    return (
        Key("prompt", Role.PROMPT, Format.PLAIN, f"{prefix}.user_prompt"),
        Key("reasoning", Role.COMPLETION, Format.PLAIN, f"{prefix}.model_routing"),
        Key("request_text", Role.PROMPT, Format.JSON, f"{prefix}.api_request"),
        Key("user_prompt", Role.PROMPT, Format.PLAIN, f"{prefix}.conseca.*"),
        Key("response_text", Role.COMPLETION, Format.PLAIN_OR_JSON, f"{prefix}.api_response"),
        Key("function_args", Role.TOOL_ARGS, Format.JSON, f"{prefix}.tool_call"),
        Key("error", Role.ERROR_TEXT, Format.PLAIN, f"{prefix}.*"),
        Key("input_token_count", Role.TOK_IN, Format.INT, f"{prefix}.*"),
        Key("output_token_count", Role.TOK_OUT, Format.INT, f"{prefix}.*"),
        Key("total_token_count", Role.TOK_TOTAL, Format.INT, f"{prefix}.*"),
        Key("cached_content_token_count", Role.TOK_CACHE_READ, Format.INT, f"{prefix}.*"),
        Key("thoughts_token_count", Role.TOK_REASONING, Format.INT, f"{prefix}.*"),
        Key("tool_token_count", Role.TOK_OTHER, Format.INT, f"{prefix}.*"),
        Key("model", Role.MODEL_REQ, Format.PLAIN, f"{prefix}.*"),
        Key("model_name", Role.MODEL_REQ, Format.PLAIN, f"{prefix}.*"),
        Key("finish_reasons", Role.FINISH, Format.STRING_ARRAY, f"{prefix}.*"),
        Key("phases", Role.MISC, Format.JSON, f"{prefix}.startup_stats"),
        Key("status_code", Role.ERROR, Format.INT, f"{prefix}.*", when=">=400"),
        Key("prompt_id", Role.SESSION_ID, Format.PLAIN, f"{prefix}.*"),
    )


GEMINI_CLI: Final = Dialect(
    "gemini_cli",
    title="Gemini CLI, Qwen Code",
    keys=(
        *chain.from_iterable(_event_keys(prefix) for prefix in ("gemini_cli", "qwen-code")),
        Key("installation.id", Role.USER_ID, Format.PLAIN),
    ),
    scopes=(
        "gemini-cli*",
        "qwen-code*",
    ),
    reasoning_beside_output=True,
)
