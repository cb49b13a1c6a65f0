"""Latitude: costs under several names, and its own metadata."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LATITUDE: Final = Dialect(
    "latitude",
    title="Latitude",
    keys=(
        # Content
        Key("latitude.metadata", Role.METADATA, Format.JSON),
        # Whose call it is
        Key("latitude.project", Role.TENANT, Format.PLAIN),
        Key("latitude.tags", Role.TAGS, Format.STRING_ARRAY),
        # The rest
        Key("latitude.cost.source", Role.MISC, Format.PLAIN),
    ),
    scopes=("latitude*",),
    markers=("latitude.*",),
)
