"""Flue, and OpenRouter's broadcasts (`service.name` is `openrouter`), which have the completion as JSON in `gen_ai.completion`."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

FLUE: Final = Dialect(
    "flue",
    title="Flue, OpenRouter broadcasts",
    keys=(
        # Content
        Key("flue.turn.input", Role.PROMPT, Format.JSON),
        Key("flue.task.prompt", Role.PROMPT, Format.PLAIN),
        Key("flue.workflow.payload", Role.PROMPT, Format.JSON),
        Key("flue.turn.output", Role.COMPLETION, Format.JSON),
        Key("flue.task.result", Role.COMPLETION, Format.PLAIN),
        Key("flue.operation.result", Role.COMPLETION, Format.JSON),
        Key("flue.workflow.result", Role.COMPLETION, Format.JSON),
        Key("flue.tool.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("flue.tool.result", Role.TOOL_RESULT, Format.JSON),
        # The rest
        Key("openrouter.source", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "flue*",
        "openrouter*",
    ),
    markers=(
        "flue.*",
        "openrouter.*",
    ),
)
