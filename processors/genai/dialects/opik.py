"""Opik: what applications write for it onto spans of any dialect."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OPIK: Final = Dialect(
    "opik",
    title="Opik, beside any other dialect",
    keys=(
        # Content
        Key("opik.metadata", Role.METADATA, Format.JSON),
        Key("opik.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        # Whose call it is
        Key("opik.tags", Role.TAGS, Format.STRING_ARRAY),
    ),
    markers=("opik.*",),
)
