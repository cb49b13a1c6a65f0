"""Sentry's AI monitoring: keys of its own under `gen_ai.*`, and `ai.*` before 2.30.

Counts are the semantic conventions', with cached and reasoning tokens under names of their own.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

SENTRY: Final = Dialect(
    "sentry",
    title="Sentry SDKs",
    keys=(
        # Content
        Key("gen_ai.request.messages", Role.PROMPT, Format.JSON_MESSAGES),
        Key("gen_ai.embeddings.input", Role.EMBEDDING_TEXT, Format.PLAIN_OR_JSON),
        Key("ai.input_messages", Role.PROMPT, Format.JSON_MESSAGES),
        Key("ai.texts", Role.PROMPT, Format.JSON),
        Key("ai.preamble", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.response.text", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.response.object", Role.COMPLETION, Format.JSON),
        Key("ai.responses", Role.COMPLETION, Format.JSON),
        Key("ai.citations", Role.COMPLETION, Format.JSON),
        Key("ai.tool_calls", Role.TOOL_ARGS, Format.JSON),
        Key("ai.function_call", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.tool.message", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("gen_ai.request.available_tools", Role.TOOL_DEFS, Format.JSON),
        Key("ai.tools", Role.TOOL_DEFS, Format.JSON),
        Key("ai.search_queries", Role.RETRIEVAL_QUERY, Format.JSON),
        Key("ai.search_results", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("ai.metadata", Role.METADATA, Format.JSON),
        # Usage
        Key("gen_ai.usage.input_tokens.cached", Role.TOK_CACHE_READ, Format.INT),
        Key("ai.prompt_tokens.used", Role.TOK_IN, Format.INT),
        Key("ai.completion_tokens.used", Role.TOK_OUT, Format.INT),
        Key("ai.total_tokens.used", Role.TOK_TOTAL, Format.INT),
        # The call
        Key("ai.model_id", Role.MODEL_REQ, Format.PLAIN),
        Key("ai.finish_reason", Role.FINISH, Format.PLAIN),
        # Whose call it is
        Key("gen_ai.pipeline.name", Role.AGENT, Format.PLAIN),
        Key("ai.pipeline.name", Role.AGENT, Format.PLAIN),
        Key("ai.tags", Role.TAGS, Format.JSON),
        # The rest
        Key("gen_ai.response.streaming", Role.MISC, Format.BOOL),
        Key("ai.streaming", Role.MISC, Format.BOOL),
        Key("ai.generation_id", Role.MISC, Format.PLAIN),
        Key("ai.response_format", Role.MISC, Format.PLAIN),
        Key("ai.seed", Role.MISC, Format.PLAIN),
        Key("ai.temperature", Role.MISC, Format.DOUBLE),
        Key("ai.top_k", Role.MISC, Format.DOUBLE),
        Key("ai.top_p", Role.MISC, Format.DOUBLE),
        Key("ai.warnings", Role.MISC, Format.JSON),
    ),
    scopes=("sentry*", "@sentry/*"),
    markers=("ai.input_messages", "ai.responses", "ai.model_id", "ai.pipeline.name"),
)
