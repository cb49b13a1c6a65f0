"""AgentOps. Values are cut at 1,000 characters, JSON too. The bare words are agents' and workflows' own fields."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

AGENTOPS: Final = Dialect(
    "agentops",
    title="AgentOps",
    keys=(
        # Content
        Key("agentops.entity.input", Role.PROMPT, Format.JSON),
        Key("agentops.*.input", Role.PROMPT, Format.JSON),
        Key("agent.initial_message", Role.PROMPT, Format.PLAIN),
        Key("agent.task", Role.PROMPT, Format.PLAIN),
        Key("workflow.input", Role.PROMPT, Format.JSON),
        Key("agentops.entity.output", Role.COMPLETION, Format.JSON),
        Key("agentops.*.output", Role.COMPLETION, Format.JSON),
        Key("workflow.output", Role.COMPLETION, Format.JSON),
        Key("workflow.final_output", Role.COMPLETION, Format.PLAIN),
        Key("agent.reasoning", Role.COMPLETION, Format.PLAIN),
        Key("agent.instruction", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("agent.system_instruction", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.request.system_instruction", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.request.tools.#.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("tool.formatted_args", Role.TOOL_ARGS, Format.PLAIN),
        Key("tool.result", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("tool.code.stdout", Role.TOOL_RESULT, Format.PLAIN),
        Key("tool.code.stderr", Role.TOOL_RESULT, Format.PLAIN),
        Key("gen_ai.request.functions.#.name", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.request.functions.#.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.request.functions.#.parameters", Role.TOOL_DEFS, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("gen_ai.request.headers", Role.HEADERS, Format.JSON),
        Key("http.request.headers", Role.HEADERS, Format.JSON),
        # The call
        Key("gen_ai.streaming.time_to_first_token", Role.TTFT, Format.SECONDS),
        # Whose call it is
        Key("workflow.user_id", Role.USER_ID, Format.PLAIN),
        Key("workflow.session_id", Role.SESSION_ID, Format.PLAIN),
    ),
    scopes=("agentops*", "openai", "anthropic"),
    markers=("agentops.*",),
)
