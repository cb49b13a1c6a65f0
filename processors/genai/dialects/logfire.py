"""Pydantic Logfire SDK: its integrations of model providers, and its own attributes on every span.

Up to semantic-conventions version 1 requests and responses are whole in bare keys; from 2 on in the conventions' keys.
`logfire.msg` is a template with the values filled in. Any other attribute is the application's: what looks like content
there is treated as such, under any key. Pending spans repeat what the span itself will bring.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LOGFIRE: Final = Dialect(
    "logfire",
    title="Pydantic Logfire SDK",
    keys=(
        # Content
        Key("request_data", Role.PROMPT, Format.JSON, scoped=True),
        Key("events", Role.PROMPT, Format.JSON_MESSAGES, scoped=True),
        Key("response_data", Role.COMPLETION, Format.JSON, scoped=True),
        Key("logfire.msg", Role.METADATA, Format.PLAIN),
        Key("logfire.logging_args", Role.METADATA, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("logfire.msg_template", Role.STATEMENT, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.raw", Role.USAGE, Format.JSON),  # as the provider wrote it
        # The call
        Key("logfire.level_num", Role.ERROR, Format.INT, when=">=17"),
        # Whose call it is
        Key("logfire.tags", Role.TAGS, Format.STRING_ARRAY),
        # The rest
        Key("logfire.json_schema", Role.MISC, Format.JSON),
        Key("logfire.span_type", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "logfire",
        "logfire.*",
    ),
    markers=("logfire.*",),
)
