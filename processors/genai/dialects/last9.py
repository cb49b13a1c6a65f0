"""Last9's GenAI SDK. It writes hashes and lengths of the prompt beside it, which are no content."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LAST9: Final = Dialect(
    "last9",
    title="Last9",
    keys=(
        # Content
        Key("gen_ai.function.call.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("tool_call.input", Role.TOOL_ARGS, Format.JSON),
        Key("tool_call.function.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.tool.result", Role.TOOL_RESULT, Format.PLAIN),
        Key("gen_ai.function.call.result", Role.TOOL_RESULT, Format.PLAIN),
        Key("gen_ai.prompt.template", Role.PROMPT_TEMPLATE, Format.PLAIN),
        # Cost
        Key("gen_ai.usage.cost_input_usd", Role.COST_IN, Format.USD),
        Key("gen_ai.usage.cost_output_usd", Role.COST_OUT, Format.USD),
        Key("workflow.total_cost_usd", Role.COST_AGGREGATE, Format.USD),
        # Quality
        Key("gen_ai.quality.score", Role.SCORE, Format.DOUBLE),
        # Whose call it is
        Key("gen_ai.prompt.template_id", Role.PROMPT_NAME, Format.PLAIN),
        # The rest
        Key("gen_ai.prompt.length", Role.MISC, Format.INT),
        Key("gen_ai.prompt.truncated", Role.MISC, Format.BOOL),
        Key("gen_ai.completion.hash", Role.MISC, Format.PLAIN),
        Key("gen_ai.completion.length", Role.MISC, Format.INT),
        Key("gen_ai.completion.truncated", Role.MISC, Format.BOOL),
    ),
    scopes=("last9*",),
    markers=("last9.*",),
)
