"""Future AGI (`fi-instrumentation`): OpenInference's ideas under `gen_ai.*`. Voice calls bring numbers and recordings."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

FUTURE_AGI: Final = Dialect(
    "future_agi",
    title="Future AGI (`traceAI`)",
    keys=(
        # Content
        Key("gen_ai.prompts", Role.PROMPT, Format.JSON),
        Key("gen_ai.input.images", Role.PROMPT, Format.JSON),
        Key("gen_ai.voice.transcript", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.guardrail.modified_output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.tool.parameters", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.computer_use.text", Role.TOOL_ARGS, Format.PLAIN),
        Key("gen_ai.computer_use.result", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("gen_ai.prompt.template.variables", Role.PROMPT_VARS, Format.JSON),
        Key("gen_ai.reranker.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.reranker.input_documents", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("gen_ai.reranker.output_documents", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("gen_ai.computer_use.screenshot", Role.MEDIA, Format.DATA_URI),
        Key("gen_ai.voice.recording.*", Role.MEDIA, Format.URI),
        Key("gen_ai.guardrail.result", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("guardrail.reasons", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("gen_ai.prompt.template.*", Role.PROMPT_TEMPLATE, Format.PLAIN),
        Key("llm.prompt_template.*", Role.PROMPT_TEMPLATE, Format.PLAIN),
        # Text of programs, and what is personal by itself
        Key("gen_ai.voice.to_number", Role.PERSONAL, Format.PLAIN),
        Key("gen_ai.voice.from_number", Role.PERSONAL, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.cache_read_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.input_tokens.cache_read", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.cache_write_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.input_tokens.cache_write", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.output_tokens.reasoning", Role.TOK_REASONING, Format.INT),
        # Cost
        Key("gen_ai.cost.total", Role.COST, Format.USD),
        Key("gen_ai.cost.input", Role.COST_IN, Format.USD),
        Key("gen_ai.cost.output", Role.COST_OUT, Format.USD),
        Key("gen_ai.cost.cache_write", Role.COST_DETAIL, Format.USD),
        Key("gen_ai.voice.cost.*", Role.COST_DETAIL, Format.USD),
        # The call
        Key("gen_ai.span.kind", Role.OP, Format.PLAIN),  # LoongSuite and Dify, too
        # Quality
        Key("gen_ai.evaluation.target_span_id", Role.SCORE_TARGET, Format.PLAIN),
        Key("gen_ai.guardrail.type", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("gen_ai.guardrail.score", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("gen_ai.guardrail.categories", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("guardrail.status", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("guardrail.failed_rule", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        # Whose call it is
        Key("gen_ai.prompt.template.name", Role.PROMPT_NAME, Format.PLAIN),
        Key("gen_ai.prompt.template.version", Role.PROMPT_VERSION, Format.PLAIN),
    ),
    scopes=(
        "fi_instrumentation*",
        "traceai*",
    ),
    markers=(
        "fi.span.kind",
        "gen_ai.span.kind",
    ),
)
