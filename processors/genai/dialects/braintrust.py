"""Braintrust. A `*_json` value that is no valid JSON any more is thrown away by its backend."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

BRAINTRUST: Final = Dialect(
    "braintrust",
    title="Braintrust",
    keys=(
        # Content
        Key("braintrust.input", Role.PROMPT, Format.PLAIN),
        Key("braintrust.input_json", Role.PROMPT, Format.JSON),
        Key("braintrust.output", Role.COMPLETION, Format.PLAIN),
        Key("braintrust.output_json", Role.COMPLETION, Format.JSON),
        Key("braintrust.expected", Role.COMPLETION, Format.PLAIN),
        Key("braintrust.metadata", Role.METADATA, Format.JSON),
        Key("braintrust.metadata.*", Role.METADATA, Format.PLAIN),
        Key("braintrust.context_json", Role.METADATA, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("braintrust.scores", Role.SCORE_DETAILS, Format.JSON),  # {name: score}
        # Usage
        Key("braintrust.metrics", Role.USAGE, Format.JSON),
        Key("braintrust.metrics.prompt_tokens", Role.TOK_IN, Format.INT),
        Key("braintrust.metrics.completion_tokens", Role.TOK_OUT, Format.INT),
        Key("braintrust.metrics.tokens", Role.TOK_TOTAL, Format.INT),
        Key("braintrust.metrics.prompt_cached_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("braintrust.metrics.prompt_cache_creation_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("braintrust.metrics.completion_reasoning_tokens", Role.TOK_REASONING, Format.INT),
        Key("braintrust.metrics.cost", Role.COST, Format.USD),
        Key("braintrust.metrics.time_to_first_token", Role.TTFT, Format.SECONDS),
        Key("braintrust.metrics.*", Role.USAGE, Format.DOUBLE),
        # The call; what it is also in `braintrust.span_attributes`, its model in `braintrust.metadata`
        Key("braintrust.span_attributes.type", Role.OP, Format.PLAIN),
        # Quality
        Key("braintrust.scores.*", Role.SCORE, Format.DOUBLE),
        # Whose call it is
        Key("braintrust.parent", Role.TENANT, Format.PLAIN),
        Key("braintrust.tags", Role.TAGS, Format.STRING_ARRAY),
    ),
    scopes=("braintrust*",),
    markers=("braintrust.*",),
)
