"""Pydantic AI, instrumentation versions 1 to 6.

The whole history is on the agent's span and again on every chat span. Version 1 had bare keys and JSON lists of events.
Sums on an agent's span are `gen_ai.aggregated_usage.*`; before version 2 they were `gen_ai.usage.*`, and counted twice.
`gen_ai.usage.details.*` repeats parts of the counts.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

PYDANTIC_AI: Final = Dialect(
    "pydantic_ai",
    title="Pydantic AI, instrumentation versions 1 to 6",
    keys=(
        # Content
        Key("pydantic_ai.all_messages", Role.PROMPT, Format.JSON_MESSAGES),
        Key("all_messages_events", Role.PROMPT, Format.JSON_MESSAGES, scoped=True),
        Key("events", Role.PROMPT, Format.JSON_MESSAGES, scoped=True),
        Key("pydantic_ai.decision.state", Role.PROMPT, Format.JSON),
        Key("pydantic_ai.decision.questions", Role.PROMPT, Format.JSON),
        Key("final_result", Role.COMPLETION, Format.PLAIN_OR_JSON, scoped=True),
        Key("pydantic_ai.decision.answers", Role.COMPLETION, Format.JSON),
        Key("tool_arguments", Role.TOOL_ARGS, Format.JSON, scoped=True),
        Key("tool_response", Role.TOOL_RESULT, Format.PLAIN_OR_JSON, scoped=True),
        Key("model_request_parameters", Role.TOOL_DEFS, Format.JSON, scoped=True),
        Key("pydantic_ai.tool.deferral.metadata", Role.TOOL_DEFS, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("pydantic_ai.tool.retry.cause", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.details.cache_read_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.details.cache_write_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.details.reasoning_tokens", Role.TOK_REASONING, Format.INT),
        Key("gen_ai.usage.details.*", Role.TOK_OTHER, Format.INT),
        Key("gen_ai.aggregated_usage.*", Role.TOK_AGGREGATE, Format.INT),
        # Whose call it is
        Key("gen_ai.agent.call.id", Role.AGENT, Format.PLAIN),
        Key("agent_name", Role.AGENT, Format.PLAIN, scoped=True),
        # The rest
        Key("pydantic_ai.tool.failure_stage", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "pydantic-ai*",
        "pydantic_ai*",
    ),
    markers=("pydantic_ai.*",),
)
