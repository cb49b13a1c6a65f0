"""CrewAI's own tracing (1.15). JSON is cut so that it stays valid; `<key>.truncated` and `<key>.original_size_bytes` say so."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

CREWAI: Final = Dialect(
    "crewai",
    title="CrewAI",
    keys=(
        # Content
        Key("crewai.crew.inputs", Role.PROMPT, Format.JSON),
        Key("crewai.flow.inputs", Role.PROMPT, Format.JSON),
        Key("crewai.task.description", Role.PROMPT, Format.PLAIN),
        Key("crewai.task.expected_output", Role.PROMPT, Format.PLAIN),
        Key("crewai.conversation.content", Role.PROMPT, Format.PLAIN),
        Key("crewai.conversation.user_message", Role.PROMPT, Format.PLAIN),
        Key("crewai.method.params", Role.PROMPT, Format.JSON),
        Key("crewai.method.state", Role.PROMPT, Format.JSON),
        Key("crewai.human_feedback.message", Role.PROMPT, Format.PLAIN),
        Key("crewai.crew.output", Role.COMPLETION, Format.PLAIN),
        Key("crewai.crew.result", Role.COMPLETION, Format.PLAIN),
        Key("crewai.crew.tasks_output", Role.COMPLETION, Format.PLAIN),
        Key("crewai.flow.result", Role.COMPLETION, Format.JSON),
        Key("crewai.task.output", Role.COMPLETION, Format.PLAIN),
        Key("crewai.method.result", Role.COMPLETION, Format.JSON),
        Key("crewai.reasoning.plan", Role.COMPLETION, Format.PLAIN),
        Key("crewai.human_feedback.feedback", Role.COMPLETION, Format.PLAIN),
        Key("crewai.agent.role", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("crewai.agent.goal", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("crewai.agent.backstory", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("crewai.mcp.tool_args", Role.TOOL_ARGS, Format.JSON),
        Key("crewai.mcp.tool_result", Role.TOOL_RESULT, Format.JSON),
        Key("crewai.knowledge.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("crewai.knowledge.task_prompt", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("crewai.knowledge.retrieved_knowledge", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("crewai.memory.query", Role.MEMORY, Format.PLAIN),
        Key("crewai.memory.results", Role.MEMORY, Format.JSON),
        Key("crewai.memory.content", Role.MEMORY, Format.JSON),
        Key("crewai.memory.value", Role.MEMORY, Format.JSON),
        Key("crewai.memory.metadata", Role.MEMORY, Format.JSON),
        Key("crewai.guardrail.result", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("crewai.guardrail.error", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("crewai.guardrail.description", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("crewai.policy.reason", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        # Text of programs, and what is personal by itself
        Key("crewai.tool.failure.reason", Role.ERROR_TEXT, Format.PLAIN),
        Key("crewai.tool.failure.message", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("crewai.crew.usage_metrics", Role.TOK_AGGREGATE, Format.JSON),
        Key("crewai.flow.aggregated_crew_usage_metrics", Role.TOK_AGGREGATE, Format.JSON),
        # The call
        Key("crewai.guardrail.success", Role.ERROR, Format.BOOL, when="=false"),
        Key("crewai.tool.failure.code", Role.ERROR, Format.PLAIN),
        # Quality
        Key("crewai.guardrail.type", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("crewai.guardrail.retry_count", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("crewai.policy.decision", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("crewai.policy.blocking", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        # Whose call it is
        Key("crewai.principal.id", Role.USER_ID, Format.PLAIN),
        Key("crewai.subject", Role.USER_ID, Format.PLAIN),
        # The rest
        Key("crewai.*.truncated", Role.MISC, Format.BOOL),
        Key("crewai.*.original_size_bytes", Role.MISC, Format.INT),
    ),
    scopes=("crewai*",),
    markers=("crewai.*",),
)
