"""OpenInference (Arize, Phoenix), openinference-semantic-conventions 0.1.42.

Lists are flattened into one attribute per index and field, a message's role in a sibling of its content. The same
content is often there twice or thrice: flattened, whole in `input.value`, and in the `gen_ai.*` keys too.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

_PART: Final = "llm.*_messages.#.message.contents.#.message_content"

OPENINFERENCE: Final = Dialect(
    "openinference",
    title="OpenInference: Arize, Phoenix, `openinference-instrumentation-*`",
    keys=(
        # Content
        Key("llm.input_messages.#.message.content", Role.PROMPT, Format.PLAIN_OR_JSON),  # by role also system, tool
        Key("llm.input_messages.#.message.contents.#.message_content.text", Role.PROMPT, Format.PLAIN),
        Key("llm.prompts.#.prompt.text", Role.PROMPT, Format.PLAIN),
        Key("llm.prompts.#", Role.PROMPT, Format.PLAIN),
        Key("llm.prompts", Role.PROMPT, Format.JSON),
        Key("input.value", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("llm.output_messages.#.message.content", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("llm.output_messages.#.message.contents.#.message_content.text", Role.COMPLETION, Format.PLAIN),
        Key("llm.choices.#.completion.text", Role.COMPLETION, Format.PLAIN),
        Key("output.value", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("llm.prompt_template.template", Role.PROMPT_TEMPLATE, Format.PLAIN),
        Key("llm.prompt_template.variables", Role.PROMPT_VARS, Format.JSON),
        Key("llm.tools.#.tool.json_schema", Role.TOOL_DEFS, Format.JSON),
        Key("llm.tools.#.tool.name", Role.TOOL_DEFS, Format.PLAIN),
        Key("llm.tools.#.tool.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("tool.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("tool.json_schema", Role.TOOL_DEFS, Format.JSON),
        Key("llm.invocation_parameters", Role.TOOL_DEFS, Format.JSON),
        Key("embedding.invocation_parameters", Role.TOOL_DEFS, Format.JSON),
        Key("llm.*_messages.#.message.tool_calls.#.tool_call.function.arguments", Role.TOOL_ARGS, Format.JSON),
        Key(
            "llm.*_messages.#.message.contents.#.tool_call.function.arguments", Role.TOOL_ARGS, Format.JSON
        ),  # Anthropic
        Key("llm.*_messages.#.message.function_call_arguments_json", Role.TOOL_ARGS, Format.JSON),
        Key("tool.parameters", Role.TOOL_ARGS, Format.JSON),
        Key("llm.function_call", Role.TOOL_ARGS, Format.JSON),
        Key("retrieval.documents.#.document.content", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("retrieval.documents.#.document.metadata", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("reranker.input_documents.#.document.content", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("reranker.input_documents.#.document.metadata", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("reranker.output_documents.#.document.content", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("reranker.output_documents.#.document.metadata", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("input.documents.#.document.content", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("input.documents.#.document.url", Role.RETRIEVAL_DOCS, Format.URI),
        Key("input.documents.#.document.name", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("output.documents.#.document.content", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("output.documents.#.document.url", Role.RETRIEVAL_DOCS, Format.URI),
        Key("output.documents.#.document.name", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("reranker.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("embedding.embeddings.#.embedding.text", Role.EMBEDDING_TEXT, Format.PLAIN),
        Key("embedding.embeddings.#.embedding.vector", Role.EMBEDDING_TEXT, Format.DOUBLE_ARRAY),
        Key(f"{_PART}.image.image.url", Role.MEDIA, Format.DATA_URI),
        Key(f"{_PART}.audio.audio.url", Role.MEDIA, Format.DATA_URI),
        Key(f"{_PART}.audio.audio.transcript", Role.MEDIA, Format.PLAIN),
        Key(f"{_PART}.video.video.url", Role.MEDIA, Format.DATA_URI),
        Key(f"{_PART}.document.document.url", Role.MEDIA, Format.DATA_URI),
        Key(f"{_PART}.document.document.content", Role.MEDIA, Format.PLAIN),
        Key("input.images.#.image.url", Role.MEDIA, Format.DATA_URI),
        Key("output.images.#.image.url", Role.MEDIA, Format.DATA_URI),
        Key("llm.input_messages.#.message.name", Role.METADATA, Format.PLAIN),  # a participant's, or a function's
        Key("metadata", Role.METADATA, Format.JSON),
        Key("metadata.*", Role.METADATA, Format.PLAIN),
        Key("*annotations.#.annotation.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("*annotations.#.annotation.metadata", Role.SCORE_EXPLANATION, Format.JSON),
        Key("*evaluations.#.evaluation.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("*evaluations.#.evaluation.metadata", Role.SCORE_EXPLANATION, Format.JSON),
        Key("crew_agents", Role.SYSTEM_PROMPT, Format.JSON),  # CrewAI, like the next ones
        Key("crew_tasks", Role.PROMPT, Format.JSON),
        Key("crew_inputs", Role.PROMPT, Format.JSON),
        Key("task_output", Role.COMPLETION, Format.JSON),
        Key("flow_inputs", Role.PROMPT, Format.JSON),
        # Usage
        Key("llm.token_count.prompt", Role.TOK_IN, Format.INT),
        Key("decision.token_count.input", Role.TOK_IN, Format.INT),
        Key("llm.token_count.completion", Role.TOK_OUT, Format.INT),
        Key("decision.token_count.output", Role.TOK_OUT, Format.INT),
        Key("llm.token_count.total", Role.TOK_TOTAL, Format.INT),
        Key("llm.token_count.prompt_details.cache_read", Role.TOK_CACHE_READ, Format.INT),
        Key("llm.token_count.prompt_details.cache_input", Role.TOK_CACHE_READ, Format.INT),
        Key("llm.token_count.prompt_details.cache_write", Role.TOK_CACHE_WRITE, Format.INT),
        Key("llm.token_count.prompt_details.audio", Role.TOK_AUDIO_IN, Format.INT),
        Key("llm.token_count.completion_details.reasoning", Role.TOK_REASONING, Format.INT),
        Key("llm.token_count.completion_details.audio", Role.TOK_AUDIO_OUT, Format.INT),
        # Cost
        Key("llm.cost.total", Role.COST, Format.USD),
        Key("llm.cost.prompt", Role.COST_IN, Format.USD),
        Key("llm.cost.completion", Role.COST_OUT, Format.USD),
        Key("llm.cost.prompt_details.*", Role.COST_DETAIL, Format.USD),
        Key("llm.cost.completion_details.*", Role.COST_DETAIL, Format.USD),
        # The call
        Key("llm.request.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("llm.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("embedding.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("reranker.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("decision.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("llm.response.model_name", Role.MODEL_RESP, Format.PLAIN),
        Key("llm.provider", Role.PROVIDER, Format.PLAIN),  # who serves the model
        Key("llm.system", Role.PROVIDER, Format.PLAIN),  # who made it
        Key("openinference.span.kind", Role.OP, Format.PLAIN),
        Key("llm.finish_reason", Role.FINISH, Format.PLAIN),
        Key("llm.response.finish_reasons", Role.FINISH, Format.STRING_ARRAY),  # Java
        Key("llm.stop_reason", Role.FINISH, Format.PLAIN),  # Bedrock's, in JavaScript
        Key("llm.output_messages.#.message.finish_reason", Role.FINISH, Format.PLAIN),  # Strands
        # Quality; `document.score` is a document's relevance to a query, and says nothing about the answer
        Key("annotations.#.annotation.score", Role.SCORE, Format.DOUBLE),
        Key("evaluations.#.evaluation.score", Role.SCORE, Format.DOUBLE),
        Key("trace.annotations.#.annotation.score", Role.SCORE, Format.DOUBLE),
        Key("trace.evaluations.#.evaluation.score", Role.SCORE, Format.DOUBLE),
        Key("session.annotations.#.annotation.score", Role.SCORE, Format.DOUBLE),
        Key("session.evaluations.#.evaluation.score", Role.SCORE, Format.DOUBLE),
        Key("document.score", Role.MISC, Format.DOUBLE),
        Key("*.document.score", Role.MISC, Format.DOUBLE),
        Key("*annotations.#.annotation.name", Role.SCORE_NAME, Format.PLAIN),
        Key("*evaluations.#.evaluation.name", Role.SCORE_NAME, Format.PLAIN),
        Key("*annotations.#.annotation.label", Role.SCORE_LABEL, Format.PLAIN),
        Key("*evaluations.#.evaluation.label", Role.SCORE_LABEL, Format.PLAIN),
        # Whose call it is
        Key("user.id", Role.USER_ID, Format.PLAIN),
        Key("session.id", Role.SESSION_ID, Format.PLAIN),
        Key("agent.name", Role.AGENT, Format.PLAIN),
        Key("graph.node.id", Role.AGENT, Format.PLAIN),
        Key("graph.node.name", Role.AGENT, Format.PLAIN),
        Key("graph.node.parent_id", Role.AGENT, Format.PLAIN),
        Key("openinference.project.name", Role.TENANT, Format.PLAIN),
        Key("tag.tags", Role.TAGS, Format.STRING_ARRAY),
        Key("prompt.id", Role.PROMPT_NAME, Format.PLAIN),
        Key("prompt.vendor", Role.PROMPT_NAME, Format.PLAIN),
        Key("prompt.url", Role.PROMPT_NAME, Format.URI),
        Key("llm.prompt_template.version", Role.PROMPT_VERSION, Format.PLAIN),
        # The rest
        Key("llm.*_messages.#.message.role", Role.MISC, Format.PLAIN),
        Key("llm.output_messages.#.message.name", Role.MISC, Format.PLAIN),
        Key("llm.*_messages.#.message.tool_call_id", Role.MISC, Format.PLAIN),
        Key("llm.*_messages.#.message.tool_calls.#.tool_call.id", Role.MISC, Format.PLAIN),
        Key("llm.*_messages.#.message.tool_calls.#.tool_call.function.name", Role.MISC, Format.PLAIN),
        Key("llm.*_messages.#.message.contents.#.message_content.type", Role.MISC, Format.PLAIN),
        Key("retrieval.documents.#.document.id", Role.MISC, Format.PLAIN),
        Key("input.mime_type", Role.MISC, Format.PLAIN),
        Key("output.mime_type", Role.MISC, Format.PLAIN),
        Key("tool.name", Role.MISC, Format.PLAIN),
        Key("tool_call.id", Role.MISC, Format.PLAIN),
    ),
    scopes=("openinference*", "@arizeai/openinference*"),
    markers=("openinference.span.kind", "llm.input_messages.*", "llm.output_messages.*", "llm.model_name"),
)
