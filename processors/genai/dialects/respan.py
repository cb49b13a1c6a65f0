"""Respan, once Keywords AI. It writes OpenLLMetry's `traceloop.*` as well."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

RESPAN: Final = Dialect(
    "respan",
    title="Respan (Keywords AI)",
    keys=(
        # Content
        Key("respan.prompt", Role.PROMPT, Format.JSON),
        Key("respan.span.tool_calls", Role.TOOL_ARGS, Format.JSON),
        Key("respan.span.tools", Role.TOOL_DEFS, Format.JSON),
        Key("respan.metadata.*", Role.METADATA, Format.PLAIN),
        Key("respan.properties", Role.METADATA, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("respan.customer_params.email", Role.PERSONAL, Format.PLAIN),
        Key("respan.customer_params.name", Role.PERSONAL, Format.PLAIN),
        # The call
        Key("llm.openai.chat_completions.streaming_time_to_first_token", Role.TTFT, Format.SECONDS),
        # Whose call it is
        Key("respan.customer_params.customer_identifier", Role.USER_ID, Format.PLAIN),
        Key("respan.threads.thread_identifier", Role.SESSION_ID, Format.PLAIN),
        Key("respan.sessions.session_identifier", Role.SESSION_ID, Format.PLAIN),
        Key("respan.environment", Role.ENVIRONMENT, Format.PLAIN),
    ),
    scopes=(
        "respan*",
        "keywordsai*",
    ),
    markers=("respan.*",),
)
