"""Haystack's own tracer, with `HAYSTACK_CONTENT_TRACING_ENABLED`. The pipeline's input and output repeat the components'.

Usage is inside `haystack.component.output`.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

HAYSTACK: Final = Dialect(
    "haystack",
    title="Haystack",
    keys=(
        # Types, not values: known, so that their length is no news
        Key("haystack.component.input_spec", Role.MISC, Format.JSON),
        Key("haystack.component.output_spec", Role.MISC, Format.JSON),
        Key("haystack.component.input_types", Role.MISC, Format.JSON),
        Key("haystack.agent.state_schema", Role.MISC, Format.JSON),
        # Content
        Key("haystack.component.input", Role.PROMPT, Format.JSON),
        Key("haystack.pipeline.input_data", Role.PROMPT, Format.JSON),
        Key("haystack.agent.input", Role.PROMPT, Format.JSON),
        Key("haystack.component.output", Role.COMPLETION, Format.JSON),
        Key("haystack.pipeline.output_data", Role.COMPLETION, Format.JSON),
        Key("haystack.agent.output", Role.COMPLETION, Format.JSON),
        Key("haystack.agent.tools", Role.TOOL_DEFS, Format.JSON),
        Key("haystack.pipeline.metadata", Role.METADATA, Format.JSON),
        # The call
        Key("haystack.component.type", Role.OP, Format.PLAIN),
        # The rest
        Key("haystack.component.name", Role.MISC, Format.PLAIN),
    ),
    scopes=("haystack*",),
    markers=("haystack.*",),
)
