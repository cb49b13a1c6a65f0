"""HoneyHive: one attribute per parameter, with an underscore in the prefix."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

HONEYHIVE: Final = Dialect(
    "honeyhive",
    title="HoneyHive",
    keys=(
        # Content
        Key("honeyhive_inputs.*", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("honeyhive_outputs.*", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("honeyhive_metadata.*", Role.METADATA, Format.PLAIN),
        Key("honeyhive.metadata", Role.METADATA, Format.JSON),
        Key("honeyhive_config.*", Role.METADATA, Format.PLAIN),
        Key("honeyhive_feedback.*", Role.METADATA, Format.PLAIN),
        Key("honeyhive_metrics.*", Role.METADATA, Format.PLAIN),
        # Whose call it is
        Key("honeyhive.session_id", Role.SESSION_ID, Format.PLAIN),
        Key("honeyhive.project", Role.TENANT, Format.PLAIN),
    ),
    scopes=("honeyhive*",),
    markers=("honeyhive*",),
)
