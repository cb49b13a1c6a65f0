"""W&B Weave: the semantic conventions' keys, the same under `weave.*`, and a call's arguments and result under bare keys.

Large content stays elsewhere. Message events are also there as attributes, under `events.` and the name of the event.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

WEAVE: Final = Dialect(
    "weave",
    title="W&B Weave",
    keys=(
        # Content
        Key("inputs.*", Role.PROMPT, Format.JSON, scoped=True),
        Key("inputs", Role.PROMPT, Format.JSON, scoped=True),
        Key("output", Role.COMPLETION, Format.JSON, scoped=True),
        Key("weave.input.messages", Role.PROMPT, Format.JSON_MESSAGES),
        Key("weave.prompt", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("events.gen_ai.user.message", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("events.gen_ai.assistant.message", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("weave.output.messages", Role.COMPLETION, Format.JSON_MESSAGES),
        Key("weave.output", Role.COMPLETION, Format.PLAIN_OR_JSON),  # LiteLLM's
        Key("weave.completion", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("weave.reasoning_content", Role.COMPLETION, Format.PLAIN),
        Key("events.gen_ai.choice", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("weave.system_instructions", Role.SYSTEM_PROMPT, Format.JSON_PARTS),
        Key("events.gen_ai.system.message", Role.SYSTEM_PROMPT, Format.PLAIN_OR_JSON),
        Key("weave.tool.definitions", Role.TOOL_DEFS, Format.JSON),
        Key("weave.tool.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("weave.agent.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("weave.tool.call.arguments", Role.TOOL_ARGS, Format.PLAIN_OR_JSON),
        Key("weave.tool.call.result", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("events.gen_ai.tool.message", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("weave.retrieval.query.text", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("weave.compaction.summary", Role.MEMORY, Format.PLAIN),
        Key("weave.conversation.name", Role.METADATA, Format.PLAIN),
        Key("wandb.attributes", Role.METADATA, Format.JSON),
        Key("wandb.display_name", Role.METADATA, Format.PLAIN),
        # Content kept elsewhere
        Key("weave.content_refs", Role.CONTENT_REF, Format.JSON),
        # Usage
        Key("weave.usage.input_tokens", Role.TOK_IN, Format.INT),
        Key("weave.usage.output_tokens", Role.TOK_OUT, Format.INT),
        Key("weave.usage.cache_read.input_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("weave.usage.cache_creation.input_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("weave.usage.reasoning_tokens", Role.TOK_REASONING, Format.INT),
        # The call
        Key("weave.operation.name", Role.OP, Format.PLAIN),
        Key("weave.provider.name", Role.PROVIDER, Format.PLAIN),
        Key("weave.request.model", Role.MODEL_REQ, Format.PLAIN),
        Key("weave.response.model", Role.MODEL_RESP, Format.PLAIN),
        Key("weave.response.finish_reasons", Role.FINISH, Format.STRING_ARRAY),
        # Whose call it is
        Key("weave.agent.name", Role.AGENT, Format.PLAIN),
        Key("weave.conversation.id", Role.SESSION_ID, Format.PLAIN),
        Key("wandb.thread_id", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("weave.response.id", Role.MISC, Format.PLAIN),
        Key("weave.tool.name", Role.MISC, Format.PLAIN),
        Key("weave.eval.run_id", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "weave*",
        "*.weave",
    ),
    markers=("weave.*", "wandb.*"),
)
