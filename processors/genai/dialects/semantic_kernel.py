"""Semantic Kernel, Python. Messages are log records of Python's `logging`, named in the attribute `event.name`; the body is JSON."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.roles import Format, Role

SEMANTIC_KERNEL: Final = Dialect(
    "semantic_kernel",
    title="Semantic Kernel, Python and .NET",
    keys=(
        # Content
        Key("sk.available_functions", Role.TOOL_DEFS, Format.PLAIN),  # separated by commas
        # Usage
        Key("gen_ai.response.prompt_tokens", Role.TOK_IN, Format.INT),  # until 2025
        Key("gen_ai.response.completion_tokens", Role.TOK_OUT, Format.INT),
        Key("gen_ai.response.input_tokens", Role.TOK_IN, Format.INT),  # Microsoft.Extensions.AI, until June 2025
        Key("gen_ai.response.output_tokens", Role.TOK_OUT, Format.INT),
        # The rest
        Key("CHAT_MESSAGE_INDEX", Role.MISC, Format.INT),
    ),
    events=(ContentEvent("gen_ai.prompt", Role.PROMPT),),
    scopes=("semantic_kernel*", "Microsoft.SemanticKernel*"),
    markers=("sk.*",),
)
