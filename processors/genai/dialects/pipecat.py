"""Pipecat, voice agents. Nearly all keys are bare words."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

PIPECAT: Final = Dialect(
    "pipecat",
    title="Pipecat",
    keys=(
        # Content
        Key("input", Role.PROMPT, Format.JSON, scoped=True),
        Key("transcript", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("text", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("output", Role.COMPLETION, Format.PLAIN_OR_JSON, scoped=True),
        Key("text_output", Role.COMPLETION, Format.PLAIN, scoped=True),
        Key("system", Role.SYSTEM_PROMPT, Format.PLAIN, scoped=True),
        Key("system_instruction", Role.SYSTEM_PROMPT, Format.PLAIN, scoped=True),
        Key("tool.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("tools", Role.TOOL_DEFS, Format.JSON, scoped=True),
        Key("tools.definitions", Role.TOOL_DEFS, Format.JSON),
        Key("tools_serialized", Role.TOOL_DEFS, Format.JSON, scoped=True),
        # The call
        Key("metrics.ttfb", Role.TTFT, Format.SECONDS, scoped=True),
        Key("response.status", Role.ERROR, Format.PLAIN, scoped=True, when="=failed"),
        # The rest
        Key("response.id", Role.MISC, Format.PLAIN, scoped=True),
    ),
    scopes=("pipecat*",),
    markers=("metrics.ttfb",),
)
