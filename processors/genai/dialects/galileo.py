"""Galileo: the semantic conventions' keys, and its own names of projects and data sets. Scores stay on its server."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

GALILEO: Final = Dialect(
    "galileo",
    title="Galileo",
    keys=(
        # Content
        Key("galileo.dataset.input", Role.PROMPT, Format.PLAIN),
        Key("galileo.dataset.output", Role.COMPLETION, Format.PLAIN),
        Key("galileo.dataset.metadata", Role.METADATA, Format.JSON),
        # Whose call it is
        Key("galileo.session.id", Role.SESSION_ID, Format.PLAIN),
        Key("galileo.project.name", Role.TENANT, Format.PLAIN),
        # The rest
        Key("galileo.logstream.name", Role.MISC, Format.PLAIN),
        Key("galileo.experiment.id", Role.MISC, Format.PLAIN),
    ),
    scopes=("galileo*",),
    markers=("galileo.*",),
)
