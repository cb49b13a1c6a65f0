"""VoltAgent. Input and output are bare words; `usage.cost` is what OpenRouter charged. Spans inherit the agent's `entity.type`."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

VOLTAGENT: Final = Dialect(
    "voltagent",
    title="VoltAgent",
    keys=(
        # Content
        Key("input", Role.PROMPT, Format.PLAIN_OR_JSON, scoped=True),
        Key("agent.messages", Role.PROMPT, Format.JSON),
        Key("agent.messages.ui", Role.PROMPT, Format.JSON),
        Key("llm.messages", Role.PROMPT, Format.JSON),
        Key("agent.context", Role.PROMPT, Format.JSON),
        Key("output", Role.COMPLETION, Format.PLAIN_OR_JSON, scoped=True),
        Key("agent.summary.text", Role.COMPLETION, Format.PLAIN),
        Key("agent.workingMemory.finalContent", Role.COMPLETION, Format.PLAIN),
        Key("llm.tools", Role.TOOL_DEFS, Format.JSON),
        Key("tool.search.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("agent.stateSnapshot", Role.RAW, Format.JSON),
        # Usage
        Key("usage.prompt_tokens", Role.TOK_IN, Format.INT, scoped=True),
        Key("llm.usage.prompt_tokens", Role.TOK_IN, Format.INT),
        Key("usage.completion_tokens", Role.TOK_OUT, Format.INT, scoped=True),
        Key("llm.usage.completion_tokens", Role.TOK_OUT, Format.INT),
        Key("usage.total_tokens", Role.TOK_TOTAL, Format.INT, scoped=True),
        Key("usage.cached_tokens", Role.TOK_CACHE_READ, Format.INT, scoped=True),
        Key("usage.reasoning_tokens", Role.TOK_REASONING, Format.INT, scoped=True),
        # Cost
        Key("usage.cost", Role.COST, Format.USD, scoped=True),
        Key("usage.cost_details.*", Role.COST_DETAIL, Format.USD, scoped=True),
        # The call
        Key("ai.model.name", Role.MODEL_REQ, Format.PLAIN),
        Key("span.type", Role.OP, Format.PLAIN, scoped=True),
        Key("ai.response.finish_reason", Role.FINISH, Format.PLAIN),
        # Whose call it is
        Key("entity.name", Role.AGENT, Format.PLAIN, scoped=True),
        Key("subagent.name", Role.AGENT, Format.PLAIN, scoped=True),
        Key("voltagent.conversation_id", Role.SESSION_ID, Format.PLAIN),
        Key("prompt.name", Role.PROMPT_NAME, Format.PLAIN, scoped=True),
        Key("prompt.version", Role.PROMPT_VERSION, Format.PLAIN, scoped=True),
        Key("prompt.version_id", Role.PROMPT_VERSION, Format.PLAIN, scoped=True),
        # The rest
        Key("entity.type", Role.MISC, Format.PLAIN, scoped=True),
    ),
    scopes=(
        "voltagent*",
        "@voltagent/*",
    ),
    markers=("voltagent.*",),
)
