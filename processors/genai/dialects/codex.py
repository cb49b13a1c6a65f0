"""OpenAI Codex CLI. All is in log records and span events, and numbers are strings. An event's own name is a line of source;
what it is called is the attribute `event.name`. Tool arguments and outputs are always sent; the prompt is
`[REDACTED]` unless it is asked for.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

CODEX: Final = Dialect(
    "codex",
    title="OpenAI Codex CLI",
    keys=(
        # Content
        Key("prompt", Role.PROMPT, Format.PLAIN, "codex.user_prompt"),
        Key("arguments", Role.TOOL_ARGS, Format.JSON, "codex.tool_result"),
        Key("output", Role.TOOL_RESULT, Format.PLAIN, "codex.tool_result"),
        # Text of programs, and what is personal by itself
        Key("error.message", Role.ERROR_TEXT, Format.PLAIN, "codex.*"),
        # Usage
        Key("input_token_count", Role.TOK_IN, Format.INT, "codex.sse_event"),
        Key("output_token_count", Role.TOK_OUT, Format.INT, "codex.*"),
        Key("cached_token_count", Role.TOK_CACHE_READ, Format.INT, "codex.*"),
        Key("cache_write_token_count", Role.TOK_CACHE_WRITE, Format.INT, "codex.*"),
        Key("reasoning_token_count", Role.TOK_REASONING, Format.INT, "codex.*"),
        Key("tool_token_count", Role.TOK_OTHER, Format.INT, "codex.*"),
        # The call
        Key("model", Role.MODEL_REQ, Format.PLAIN, "codex.*"),
        Key("slug", Role.MODEL_REQ, Format.PLAIN, "codex.*"),
        Key("ttft_ms", Role.TTFT, Format.MILLISECONDS, "codex.*"),
        Key("success", Role.ERROR, Format.PLAIN, "codex.*", when="=false"),
        Key("http.response.status_code", Role.ERROR, Format.INT, "codex.*", when=">=400"),
        # Whose call it is
        Key("conversation.id", Role.SESSION_ID, Format.PLAIN),
    ),
    scopes=("codex*",),
)
