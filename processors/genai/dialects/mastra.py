"""Mastra. `mastra.<span type>.input` and `.output` on every span but the model's. Finish reasons are JSON in a string. An old
exporter has the usage on two spans, `MODEL_GENERATION` and `MODEL_INFERENCE`.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

MASTRA: Final = Dialect(
    "mastra",
    title="Mastra",
    keys=(
        # Content
        Key("mastra.*.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("mastra.*.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("mastra.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        Key("mastra.*.entry_metadata", Role.METADATA, Format.JSON),
        Key("mastra.log.*", Role.METADATA, Format.PLAIN_OR_JSON),
        # Text of programs, and what is personal by itself
        Key("mastra.log.error", Role.ERROR_TEXT, Format.JSON),
        # The call
        Key("mastra.completion_start_time", Role.TTFT, Format.TIMESTAMP),
        # Whose call it is
        Key("mastra.tags", Role.TAGS, Format.JSON),
    ),
    scopes=(
        "mastra*",
        "@mastra/*",
    ),
    markers=("mastra.*",),
)
