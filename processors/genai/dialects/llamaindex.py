"""LlamaIndex's own OTel package. Span events are named by the event's class, with its fields flattened into bare keys."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LLAMAINDEX: Final = Dialect(
    "llamaindex",
    title="LlamaIndex (`llama-index-observability-otel`)",
    keys=(
        # Streamed answers, one event each piece
        Key("response*", Role.CHUNK, Format.PLAIN_OR_JSON, "LLM*InProgressEvent"),
        Key("delta", Role.CHUNK, Format.PLAIN, "StreamChatDeltaReceivedEvent"),
        # Content
        Key("messages", Role.PROMPT, Format.PLAIN_OR_JSON, "LLM*StartEvent"),
        Key("prompt", Role.PROMPT, Format.PLAIN_OR_JSON, "LLM*StartEvent"),
        Key("template", Role.PROMPT, Format.PLAIN_OR_JSON, "LLM*StartEvent"),
        Key("template_args.*", Role.PROMPT, Format.PLAIN_OR_JSON, "LLM*StartEvent"),
        Key("query*", Role.PROMPT, Format.PLAIN_OR_JSON, "Query*Event"),
        Key("response*", Role.COMPLETION, Format.PLAIN_OR_JSON, "LLM*EndEvent"),
        Key("output", Role.COMPLETION, Format.PLAIN_OR_JSON, "LLM*EndEvent"),
        Key("response*", Role.COMPLETION, Format.PLAIN_OR_JSON, "SynthesizeEndEvent"),
        Key("arguments", Role.TOOL_ARGS, Format.PLAIN_OR_JSON, "AgentToolCallEvent"),
        Key("tool.*", Role.TOOL_ARGS, Format.PLAIN_OR_JSON, "AgentToolCallEvent"),
        Key("nodes", Role.RETRIEVAL_DOCS, Format.JSON, "RetrievalEndEvent"),
        Key("nodes", Role.RETRIEVAL_DOCS, Format.JSON, "ReRank*Event"),
        Key("chunks", Role.EMBEDDING_TEXT, Format.JSON, "EmbeddingEndEvent"),
        Key("embeddings", Role.EMBEDDING_TEXT, Format.JSON, "EmbeddingEndEvent"),
        # Whose call it is
        Key("llamaindex.*", Role.TAGS, Format.PLAIN),
    ),
    scopes=(
        "llamaindex*",
        "llama_index*",
    ),
    markers=("llamaindex.*",),
)
