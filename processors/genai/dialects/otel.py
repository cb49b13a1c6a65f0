"""OpenTelemetry GenAI semantic conventions, current: semconv 1.37 to 1.41, then open-telemetry/semantic-conventions-genai.

Spans carry structured fields as JSON strings, log events as AnyValue; the specification wants AnyValue on spans too.
Only `gen_ai.prompt.variable.*` of all `gen_ai.prompt.*` is content: `.name` and `.version` name a prompt template.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OTEL: Final = Dialect(
    "otel",
    title="OpenTelemetry GenAI semantic conventions from 1.37 on",
    keys=(
        # Content
        Key("gen_ai.input.messages", Role.PROMPT, Format.JSON_MESSAGES),
        Key("gen_ai.output.messages", Role.COMPLETION, Format.JSON_MESSAGES),
        Key("gen_ai.system_instructions", Role.SYSTEM_PROMPT, Format.JSON_PARTS),
        Key("gen_ai.tool.definitions", Role.TOOL_DEFS, Format.JSON),
        Key("gen_ai.tool.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.agent.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.tool.call.arguments", Role.TOOL_ARGS, Format.PLAIN_OR_JSON),
        Key("gen_ai.tool.call.result", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("gen_ai.prompt.variable.*", Role.PROMPT_VARS, Format.PLAIN_OR_JSON),
        Key("gen_ai.retrieval.query.text", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.retrieval.documents", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("gen_ai.memory.query.text", Role.MEMORY, Format.PLAIN),
        Key("gen_ai.memory.records", Role.MEMORY, Format.JSON),
        Key("gen_ai.evaluation.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Content kept elsewhere
        Key("gen_ai.input.messages_ref", Role.CONTENT_REF, Format.URI),
        Key("gen_ai.output.messages_ref", Role.CONTENT_REF, Format.URI),
        Key("gen_ai.system_instructions_ref", Role.CONTENT_REF, Format.URI),
        Key("gen_ai.tool.definitions_ref", Role.CONTENT_REF, Format.URI),
        # Usage
        Key("gen_ai.usage.input_tokens", Role.TOK_IN, Format.INT),
        Key("gen_ai.usage.output_tokens", Role.TOK_OUT, Format.INT),
        Key("gen_ai.usage.cache_read.input_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.cache_write.input_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.cache_creation.input_tokens", Role.TOK_CACHE_WRITE, Format.INT),  # until 1.41
        Key("gen_ai.usage.reasoning.output_tokens", Role.TOK_REASONING, Format.INT),
        Key("gen_ai.usage.audio.input_tokens", Role.TOK_AUDIO_IN, Format.INT),
        Key("gen_ai.usage.audio.output_tokens", Role.TOK_AUDIO_OUT, Format.INT),
        Key("gen_ai.usage.audio.cache_read.input_tokens", Role.TOK_AUDIO_CACHE_READ, Format.INT),
        Key("gen_ai.usage.text.input_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.image.input_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.video.input_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.text.output_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.image.output_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.text.cache_read.input_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.image.cache_read.input_tokens", Role.TOK_MODALITY, Format.INT),
        # The call
        Key("gen_ai.request.model", Role.MODEL_REQ, Format.PLAIN),
        Key("gen_ai.response.model", Role.MODEL_RESP, Format.PLAIN),
        Key("gen_ai.provider.name", Role.PROVIDER, Format.PLAIN),
        Key("gen_ai.operation.name", Role.OP, Format.PLAIN),
        Key("gen_ai.response.finish_reasons", Role.FINISH, Format.STRING_ARRAY),
        Key("gen_ai.response.time_to_first_chunk", Role.TTFT, Format.SECONDS),
        Key("error.type", Role.ERROR, Format.PLAIN),
        Key("gen_ai.response.status", Role.ERROR, Format.PLAIN, when="=failed"),
        Key("anthropic.message.stop_reason", Role.FINISH, Format.PLAIN),  # the Anthropic SDK's own spans
        # Quality
        Key("gen_ai.evaluation.score.value", Role.SCORE, Format.DOUBLE),
        Key("gen_ai.evaluation.name", Role.SCORE_NAME, Format.PLAIN),
        Key("gen_ai.evaluation.score.label", Role.SCORE_LABEL, Format.PLAIN),
        # Whose call it is
        Key("gen_ai.conversation.id", Role.SESSION_ID, Format.PLAIN),
        Key("gen_ai.agent.name", Role.AGENT, Format.PLAIN),
        Key("gen_ai.agent.id", Role.AGENT, Format.PLAIN),
        Key("gen_ai.agent.version", Role.AGENT, Format.PLAIN),
        Key("gen_ai.workflow.name", Role.AGENT, Format.PLAIN),
        Key("gen_ai.prompt.name", Role.PROMPT_NAME, Format.PLAIN),
        Key("gen_ai.prompt.version", Role.PROMPT_VERSION, Format.PLAIN),
        # The rest
        Key("gen_ai.response.id", Role.MISC, Format.PLAIN),
        Key("gen_ai.request.previous_response.id", Role.MISC, Format.PLAIN),
        Key("gen_ai.request.reasoning.level", Role.MISC, Format.PLAIN),
        Key("gen_ai.request.stream", Role.MISC, Format.BOOL),
        Key("gen_ai.request.stream_cursor", Role.MISC, Format.PLAIN),
        Key("gen_ai.request.choice.count", Role.MISC, Format.INT),
        Key("gen_ai.request.max_tokens", Role.MISC, Format.INT),
        Key("gen_ai.request.temperature", Role.MISC, Format.DOUBLE),
        Key("gen_ai.request.top_p", Role.MISC, Format.DOUBLE),
        Key("gen_ai.request.top_k", Role.MISC, Format.DOUBLE),
        Key("gen_ai.request.seed", Role.MISC, Format.INT),
        Key("gen_ai.request.stop_sequences", Role.MISC, Format.STRING_ARRAY),
        Key("gen_ai.request.frequency_penalty", Role.MISC, Format.DOUBLE),
        Key("gen_ai.request.presence_penalty", Role.MISC, Format.DOUBLE),
        Key("gen_ai.request.encoding_formats", Role.MISC, Format.STRING_ARRAY),
        Key("gen_ai.conversation.compacted", Role.MISC, Format.BOOL),
        Key("gen_ai.data_source.id", Role.MISC, Format.PLAIN),
        Key("gen_ai.embeddings.dimension.count", Role.MISC, Format.INT),
        Key("gen_ai.output.type", Role.MISC, Format.PLAIN),
        Key("gen_ai.retrieval.top_k", Role.MISC, Format.INT),
        Key("openai.api.type", Role.MISC, Format.PLAIN),
        Key("openai.request.service_tier", Role.MISC, Format.PLAIN),
        Key("openai.response.service_tier", Role.MISC, Format.PLAIN),
        Key("openai.response.system_fingerprint", Role.MISC, Format.PLAIN),
        Key("anthropic.response.service_tier", Role.MISC, Format.PLAIN),
        Key("aws.bedrock.guardrail.id", Role.MISC, Format.PLAIN),
        Key("aws.bedrock.knowledge_base.id", Role.MISC, Format.PLAIN),
        Key("azure.resource_provider.namespace", Role.MISC, Format.PLAIN),
        Key("gcp.gen_ai.operation.config.*", Role.MISC, Format.PLAIN),
        Key("gen_ai.tool.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.tool.type", Role.MISC, Format.PLAIN),
        Key("gen_ai.tool.call.id", Role.MISC, Format.PLAIN),
        Key("server.address", Role.MISC, Format.PLAIN),
        Key("server.port", Role.MISC, Format.INT),
    ),
    scopes=(
        "opentelemetry.instrumentation.openai_v2*",
        "opentelemetry.instrumentation.google_genai*",
        "opentelemetry.instrumentation.vertexai*",
        "opentelemetry.instrumentation.genai.*",
        "opentelemetry.instrumentation.genai_*",
        "opentelemetry.util.genai*",
        "com.anthropic.sdk.*",
        "Experimental.Microsoft.Extensions.AI*",
        "io.opentelemetry.openai*",
        "github.com/openai/*",
    ),
    markers=("gen_ai.*",),
)
