"""Vercel AI SDK: `ai.*` of versions 3 to 6, and of 7 with `LegacyOpenTelemetry`.

Content and usage are there twice: on the outer span (`ai.generateText`) and on the inner one (`.doGenerate`), which is
the call. `ai.prompt.tools` is an array of strings that are JSON. Versions 4 and 5 with Anthropic count cached tokens
beside the input, all others within it.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.roles import Format, Role

VERCEL_AI: Final = Dialect(
    "vercel_ai",
    title="Vercel AI SDK, `ai` 3 to 6, and 7 with `LegacyOpenTelemetry`",
    keys=(
        # Content
        Key("ai.prompt", Role.PROMPT, Format.JSON),
        Key("ai.prompt.messages", Role.PROMPT, Format.JSON),
        Key("ai.value", Role.PROMPT, Format.JSON),
        Key("ai.values", Role.PROMPT, Format.STRING_ARRAY),
        Key("ai.documents", Role.PROMPT, Format.STRING_ARRAY),
        Key("ai.request.text", Role.PROMPT, Format.PLAIN),
        Key("ai.decision.state", Role.PROMPT, Format.JSON),
        Key("ai.decision.questions", Role.PROMPT, Format.JSON),
        Key("ai.response.text", Role.COMPLETION, Format.PLAIN),
        Key("ai.response.object", Role.COMPLETION, Format.JSON),
        Key("ai.response.reasoning", Role.COMPLETION, Format.PLAIN),
        Key("ai.response.files", Role.COMPLETION, Format.JSON),
        Key("ai.result.text", Role.COMPLETION, Format.PLAIN),
        Key("ai.result.object", Role.COMPLETION, Format.PLAIN),
        Key("ai.decision.answers", Role.COMPLETION, Format.JSON),
        Key("ai.toolCall.args", Role.TOOL_ARGS, Format.JSON),
        Key("ai.toolCall.input", Role.TOOL_ARGS, Format.JSON),
        Key("ai.response.toolCalls", Role.TOOL_ARGS, Format.JSON),
        Key("ai.result.toolCalls", Role.TOOL_ARGS, Format.JSON),
        Key("ai.toolCall.result", Role.TOOL_RESULT, Format.JSON),
        Key("ai.toolCall.output", Role.TOOL_RESULT, Format.JSON),
        Key("ai.prompt.tools", Role.TOOL_DEFS, Format.STRING_ARRAY),
        Key("ai.prompt.toolChoice", Role.TOOL_DEFS, Format.JSON),
        Key("ai.schema", Role.TOOL_DEFS, Format.JSON),
        Key("ai.schema.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("ai.embedding", Role.EMBEDDING_TEXT, Format.JSON),
        Key("ai.embeddings", Role.EMBEDDING_TEXT, Format.STRING_ARRAY),
        Key("ai.telemetry.metadata.*", Role.METADATA, Format.PLAIN),
        Key("ai.settings.context.*", Role.METADATA, Format.PLAIN),
        Key("ai.response.providerMetadata", Role.METADATA, Format.JSON),  # raw usage of the provider among it
        # Text of programs, and what is personal by itself
        Key("ai.request.headers.*", Role.HEADERS, Format.PLAIN),
        # Usage
        Key("ai.usage.promptTokens", Role.TOK_IN, Format.INT),
        Key("ai.usage.inputTokens", Role.TOK_IN, Format.INT),
        Key("ai.usage.tokens", Role.TOK_IN, Format.INT),  # of embeddings
        Key("ai.usage.completionTokens", Role.TOK_OUT, Format.INT),
        Key("ai.usage.outputTokens", Role.TOK_OUT, Format.INT),
        Key("ai.usage.totalTokens", Role.TOK_TOTAL, Format.INT),
        Key("ai.usage.cachedInputTokens", Role.TOK_CACHE_READ, Format.INT),
        Key("ai.usage.inputTokenDetails.cacheReadTokens", Role.TOK_CACHE_READ, Format.INT),
        Key("ai.usage.inputTokenDetails.cacheWriteTokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("ai.usage.reasoningTokens", Role.TOK_REASONING, Format.INT),
        Key("ai.usage.outputTokenDetails.reasoningTokens", Role.TOK_REASONING, Format.INT),
        Key("ai.usage.inputTokenDetails.noCacheTokens", Role.TOK_IN_UNCACHED, Format.INT),
        # The call
        Key("ai.model.id", Role.MODEL_REQ, Format.PLAIN),
        Key("ai.response.model", Role.MODEL_RESP, Format.PLAIN),
        Key("ai.model.provider", Role.PROVIDER, Format.PLAIN),
        Key("ai.operationId", Role.OP, Format.PLAIN),
        Key("operation.name", Role.OP, Format.PLAIN, scoped=True),
        Key("ai.response.finishReason", Role.FINISH, Format.PLAIN),
        Key("ai.finishReason", Role.FINISH, Format.PLAIN),  # before 4
        Key("ai.response.msToFirstChunk", Role.TTFT, Format.MILLISECONDS),
        Key("ai.stream.msToFirstChunk", Role.TTFT, Format.MILLISECONDS),
        # Whose call it is
        Key("ai.telemetry.metadata.userId", Role.USER_ID, Format.PLAIN),
        Key("ai.telemetry.metadata.sessionId", Role.SESSION_ID, Format.PLAIN),
        Key("ai.telemetry.functionId", Role.TAGS, Format.PLAIN),
        Key("resource.name", Role.TAGS, Format.PLAIN, scoped=True),
        Key("ai.telemetry.metadata.tags", Role.TAGS, Format.STRING_ARRAY),
        Key("ai.telemetry.metadata.langfusePrompt", Role.PROMPT_NAME, Format.JSON),  # {name, version}
        # The rest
        Key("ai.response.id", Role.MISC, Format.PLAIN),
        Key("ai.response.timestamp", Role.MISC, Format.PLAIN),
        Key("ai.toolCall.id", Role.MISC, Format.PLAIN),
        Key("ai.toolCall.name", Role.MISC, Format.PLAIN),
        Key("ai.settings.*", Role.MISC, Format.PLAIN),
    ),
    events=(
        ContentEvent("ai.stream.firstChunk", Role.COMPLETION),
        ContentEvent("ai.stream.finish", Role.COMPLETION),
    ),
    scopes=("ai",),
    markers=(
        "ai.operationId",
        "ai.model.*",
        "ai.prompt*",
        "ai.response.*",
        "ai.usage.*",
        "ai.toolCall.*",
        "ai.telemetry.*",
        "ai.settings.*",
    ),
)
