"""Vercel AI SDK 7 (`@ai-sdk/otel`): the semantic conventions' keys, messages as JSON. `ai.generateText` is an `invoke_agent`.

What it adds on request (`ai.usage.*`, headers, `ai.settings.context.*`) is listed with the versions before.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect

VERCEL_AI_V7: Final = Dialect(
    "vercel_ai_v7",
    title="Vercel AI SDK 7 (`@ai-sdk/otel`)",
    keys=(),
    scopes=(
        "gen_ai",
        "@ai-sdk/*",
    ),
)
