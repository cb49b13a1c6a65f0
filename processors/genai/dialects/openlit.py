"""OpenLIT. Since 2026 the semantic conventions' keys, on spans and on one log record per call; before, span events.

Agent frameworks' fields (`gen_ai.agent.goal`, `.task`, …) are its own. Providers are spelled its own way (`vertex_ai`, `xai`).
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OPENLIT: Final = Dialect(
    "openlit",
    title="OpenLIT",
    keys=(
        # Content
        Key("gen_ai.workflow.input", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.framework.pipeline.input_data", Role.PROMPT, Format.JSON),
        Key("gen_ai.framework.component.input_spec", Role.PROMPT, Format.JSON),
        Key("gen_ai.agent.human_input", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.request.speech.prompt", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.extraction.instruction", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.content.prompt", Role.PROMPT, Format.PLAIN),  # until July 2024, and no event
        Key("gen_ai.execution.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("gen_ai.message.content", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.request.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("gen_ai.browser.task.description", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.content.completion", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.execution.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.output_messages", Role.COMPLETION, Format.JSON),
        Key("gen_ai.response.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.response.audio.text", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.response.speech.diarized_transcript", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.agent.final_result", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.agent.thinking", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.agent.evaluation", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.agent.next_goal", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.agent.actions", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.agent.memory", Role.MEMORY, Format.PLAIN),
        Key("gen_ai.workflow.output", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.framework.pipeline.output_data", Role.COMPLETION, Format.JSON),
        Key("gen_ai.agent.actual_output", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.agent.finish.output", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.content.reasoning", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.content.revised_prompt", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.response.image", Role.COMPLETION, Format.DATA_URI),
        Key("gen_ai.agent.instructions", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.goal", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.context", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.role", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.task", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.expected_output", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.params", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.agent.introduction", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.task.description", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.task.expected_output", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.tool.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.tool.input_kwargs", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.tool.call.input", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.browser.action.value", Role.TOOL_ARGS, Format.PLAIN),
        Key("gen_ai.tool.args", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.agent.action.tool_input", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.response.tool_calls", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.agent.tool_results", Role.TOOL_RESULT, Format.JSON),
        Key("gen_ai.agent.tools", Role.TOOL_DEFS, Format.JSON),
        Key("gen_ai.retrieval.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.framework.query.text", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.knowledge.search.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.vectordb.search.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("gen_ai.memory.search.query", Role.MEMORY, Format.PLAIN),
        Key("gen_ai.memory.input", Role.MEMORY, Format.PLAIN),
        Key("gen_ai.memory.metadata", Role.METADATA, Format.JSON),
        Key("db.query.text", Role.RETRIEVAL_QUERY, Format.PLAIN, scoped=True),
        Key("db.filter", Role.RETRIEVAL_QUERY, Format.PLAIN, scoped=True),
        Key("db.statement", Role.RETRIEVAL_QUERY, Format.PLAIN, scoped=True),
        Key("guard.explanation", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON, "guard.evaluation"),
        # Text of programs, and what is personal by itself
        Key("gen_ai.user.name", Role.PERSONAL, Format.PLAIN),  # of coding agents
        Key("gen_ai.framework.error.message", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.action.error", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.agent.action_errors", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.browser.error.message", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.execution.error", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.extraction.error", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.response.error", Role.ERROR_TEXT, Format.PLAIN),
        Key("gen_ai.tool.error", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("gen_ai.token.usage.input", Role.TOK_IN, Format.INT),
        Key("gen_ai.token.usage.output", Role.TOK_OUT, Format.INT),
        Key("gen_ai.usage.cache.read_input_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.cache.creation_input_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.prompt_tokens_details.cache_read", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.prompt_tokens_details.cache_write", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.completion_tokens_details.reasoning", Role.TOK_REASONING, Format.INT),
        Key("gen_ai.usage.completion_tokens_details.audio", Role.TOK_AUDIO_OUT, Format.INT),
        Key("gen_ai.usage.completion_tokens_details.audio_tokens", Role.TOK_AUDIO_OUT, Format.INT),
        Key("gen_ai.usage.prompt_tokens_details.cached_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.prompt_tokens_details.cache_creation_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("gen_ai.usage.completion_tokens_details.reasoning_tokens", Role.TOK_REASONING, Format.INT),
        # Cost
        Key("gen_ai.token.cost.total", Role.COST, Format.USD),
        Key("gen_ai.token.cost.input", Role.COST_IN, Format.USD),
        Key("gen_ai.token.cost.output", Role.COST_OUT, Format.USD),
        # The call
        Key("gen_ai.llm.model", Role.MODEL_REQ, Format.PLAIN),
        Key("gen_ai.type", Role.OP, Format.PLAIN, scoped=True),  # until July 2024
        Key("gen_ai.server.time_to_first_token", Role.TTFT, Format.SECONDS),
        # Quality
        Key("guard.name", Role.GUARDRAIL, Format.PLAIN_OR_JSON, "guard.evaluation"),
        Key("guard.phase", Role.GUARDRAIL, Format.PLAIN_OR_JSON, "guard.evaluation"),
        Key("guard.action", Role.GUARDRAIL, Format.PLAIN_OR_JSON, "guard.evaluation"),
        Key("guard.score", Role.GUARDRAIL, Format.DOUBLE, "guard.evaluation"),
        Key("guard.classification", Role.GUARDRAIL, Format.PLAIN_OR_JSON, "guard.evaluation"),
        Key("guard.latency_ms", Role.GUARDRAIL, Format.DOUBLE, "guard.evaluation"),
        Key("gen_ai.agent.threat_detected", Role.GUARDRAIL, Format.BOOL),
        Key("gen_ai.agent.threat.rule_id", Role.GUARDRAIL, Format.PLAIN),
        Key("gen_ai.agent.threat.severity", Role.GUARDRAIL, Format.PLAIN),
        Key("gen_ai.agent.threat.threat_class", Role.GUARDRAIL, Format.PLAIN),
        Key("gen_ai.guardrail.triggered", Role.GUARDRAIL, Format.BOOL),
        # Whose call it is
        Key("gen_ai.request.user", Role.USER_ID, Format.PLAIN),
        Key("gen_ai.application_name", Role.TAGS, Format.PLAIN),
        Key("gen_ai.framework.tags", Role.TAGS, Format.PLAIN),
        Key("gen_ai.environment", Role.ENVIRONMENT, Format.PLAIN),
        # The rest
        Key("db.operation.cost", Role.MISC, Format.USD),  # of a database
        Key("gen_ai.agent.handoffs", Role.MISC, Format.PLAIN),  # names, separated by commas, like most of the next
        Key("gen_ai.agent.recipient", Role.MISC, Format.PLAIN),
        Key("gen_ai.agent.sender", Role.MISC, Format.PLAIN),
        Key("gen_ai.agent.type", Role.MISC, Format.PLAIN),
        Key("gen_ai.data.sources", Role.MISC, Format.PLAIN),
        Key("gen_ai.framework.component.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.graph.*", Role.MISC, Format.PLAIN),
        Key("gen_ai.groupchat.participants", Role.MISC, Format.PLAIN),
        Key("gen_ai.task.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.team.agents", Role.MISC, Format.PLAIN),
        Key("gen_ai.team.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.toolkit.functions", Role.MISC, Format.PLAIN),
        Key("gen_ai.toolkit.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.framework.error.class", Role.MISC, Format.PLAIN),
        Key("gen_ai.framework.error.type", Role.MISC, Format.PLAIN),
    ),
    scopes=("openlit*",),
    markers=(
        "openlit.*",
        "gen_ai.*",
    ),
)
