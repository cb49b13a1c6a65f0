"""AutoGen core. Its spans hold names only. Content is in the log record bodies of the logger `autogen_core.events`, one JSON
string with a `type` (`LLMCall`, `ToolCall`, `Message`, …), and reaches OTLP where the application bridges Python's `logging`.
The keys below are fields of such a body.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

AUTOGEN: Final = Dialect(
    "autogen",
    title="AutoGen core",
    keys=(
        # Content
        Key("messages", Role.PROMPT, Format.JSON, "LLMCall"),
        Key("response", Role.COMPLETION, Format.JSON, "LLMCall"),
        # Usage
        Key("prompt_tokens", Role.TOK_IN, Format.INT, "LLMCall"),
        Key("completion_tokens", Role.TOK_OUT, Format.INT, "LLMCall"),
    ),
    scopes=("autogen*",),
)
