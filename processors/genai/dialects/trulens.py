"""TruLens and Snowflake AI Observability. Evaluations are spans of their own, joined by a record id, not by the trace's.

`higher_is_better` is the only direction that any dialect gives. Costs are in whatever currency `cost_currency` names.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

TRULENS: Final = Dialect(
    "trulens",
    title="TruLens, Snowflake AI Observability",
    keys=(
        # Content
        Key("ai.observability.record_root.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("ai.observability.call.kwargs.*", Role.PROMPT, Format.JSON),
        Key("ai.observability.graph_task.input_state", Role.PROMPT, Format.JSON),
        Key("ai.observability.graph_node.input_state", Role.PROMPT, Format.JSON),
        Key("ai.observability.workflow.input_event", Role.PROMPT, Format.JSON),
        Key("ai.observability.record_root.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("ai.observability.record_root.ground_truth_output", Role.COMPLETION, Format.PLAIN),
        Key("ai.observability.call.return", Role.COMPLETION, Format.JSON),
        Key("ai.observability.graph_task.output_state", Role.COMPLETION, Format.JSON),
        Key("ai.observability.graph_node.output_state", Role.COMPLETION, Format.JSON),
        Key("ai.observability.graph_node.latest_message", Role.COMPLETION, Format.PLAIN),
        Key("ai.observability.workflow.output_event", Role.COMPLETION, Format.JSON),
        Key("ai.observability.mcp.input_arguments", Role.TOOL_ARGS, Format.JSON),
        Key("ai.observability.mcp.output_content", Role.TOOL_RESULT, Format.JSON),
        Key("ai.observability.coding_agent.diff", Role.TOOL_RESULT, Format.PLAIN),
        Key("ai.observability.retrieval.query_text", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("ai.observability.reranking.query_text", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("ai.observability.retrieval.retrieved_contexts", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("ai.observability.reranking.input_context_texts", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("ai.observability.reranking.output_context_texts", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("ai.observability.eval.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("ai.observability.eval.criteria", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Text of programs, and what is personal by itself
        Key("ai.observability.*.error", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("ai.observability.cost.num_prompt_tokens", Role.TOK_IN, Format.INT),
        Key("ai.observability.cost.num_completion_tokens", Role.TOK_OUT, Format.INT),
        Key("ai.observability.cost.num_tokens", Role.TOK_TOTAL, Format.INT),
        Key("ai.observability.cost.num_reasoning_tokens", Role.TOK_REASONING, Format.INT),
        # The call
        Key("ai.observability.cost.model", Role.MODEL_REQ, Format.PLAIN),
        Key("ai.observability.generation.time_to_first_token_ms", Role.TTFT, Format.MILLISECONDS),
        Key("ai.observability.mcp.output_is_error", Role.ERROR, Format.BOOL, when="=true"),
        # Quality
        Key("ai.observability.eval.score", Role.SCORE, Format.DOUBLE),
        Key("ai.observability.eval_root.score", Role.SCORE, Format.DOUBLE),
        Key("ai.observability.guardrail.score", Role.SCORE, Format.DOUBLE),
        Key("ai.observability.eval.metric_name", Role.SCORE_NAME, Format.PLAIN),
        Key("ai.observability.eval_root.metric_name", Role.SCORE_NAME, Format.PLAIN),
        Key("ai.observability.eval.target_record_id", Role.SCORE_TARGET, Format.PLAIN),
        Key("ai.observability.eval_root.higher_is_better", Role.SCORE_DIRECTION, Format.BOOL),
        Key("ai.observability.guardrail.name", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("ai.observability.guardrail.passed", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("ai.observability.guardrail.threshold", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        # Whose call it is
        Key("ai.observability.conversation_id", Role.SESSION_ID, Format.PLAIN),
        Key("ai.observability.prompt.id", Role.PROMPT_NAME, Format.PLAIN),
        Key("ai.observability.prompt.slug", Role.PROMPT_NAME, Format.PLAIN),
        Key("ai.observability.prompt.version_id", Role.PROMPT_VERSION, Format.PLAIN),
        # The rest
        Key("ai.observability.cost.cost", Role.MISC, Format.DOUBLE),  # in `ai.observability.cost.cost_currency`
        Key("ai.observability.record_id", Role.MISC, Format.PLAIN),
        Key("ai.observability.span_type", Role.MISC, Format.PLAIN),
        Key("ai.observability.cost.cost_currency", Role.MISC, Format.PLAIN),
    ),
    scopes=("trulens*",),
    markers=("ai.observability.*",),
)
