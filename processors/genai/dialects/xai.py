"""xAI SDK for Python, which writes spans of its own: one attribute for each message, its tool calls as JSON in one more.

Reasoning is counted beside the output; the total tells. Finish reasons are those of its protocol, `REASON_STOP`.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

XAI: Final = Dialect(
    "xai",
    title="xAI SDK, Python",
    keys=(
        # Content
        Key("gen_ai.prompt.#.tool_calls", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.completion.#.tool_calls", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.completion.#.reasoning_content", Role.COMPLETION, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.cached_prompt_text_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.prompt_text_tokens", Role.TOK_MODALITY, Format.INT),
        Key("gen_ai.usage.prompt_image_tokens", Role.TOK_MODALITY, Format.INT),
        # The rest
        Key("gen_ai.usage.cost_in_usd_ticks", Role.MISC, Format.INT),  # USD / 10^10
    ),
    scopes=("xai_sdk*",),
)
