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
        Key("braintrust.metrics.*", Role.USAGE, Format.DOUBLE),
        # Quality
        Key("braintrust.scores.*", Role.SCORE, Format.DOUBLE),
        # Whose call it is
        Key("braintrust.parent", Role.TENANT, Format.PLAIN),
        Key("braintrust.tags", Role.TAGS, Format.STRING_ARRAY),
    ),
    scopes=("braintrust*",),
    markers=("braintrust.*",),
)
