"""Firebase Genkit. Keys have colons; usage is only inside `genkit:output`."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

GENKIT: Final = Dialect(
    "genkit",
    title="Firebase Genkit",
    keys=(
        # Content
        Key("genkit:input", Role.PROMPT, Format.JSON),
        Key("genkit:init", Role.PROMPT, Format.JSON),
        Key("genkit:output", Role.COMPLETION, Format.JSON),
        Key("genkit:metadata:*", Role.METADATA, Format.PLAIN),
        # The call
        Key("genkit:type", Role.OP, Format.PLAIN),
        Key("genkit:state", Role.ERROR, Format.PLAIN, when="=error"),
        # The rest
        Key("genkit:metadata:subtype", Role.MISC, Format.PLAIN),
        Key("genkit:path", Role.MISC, Format.PLAIN),
        Key("genkit:name", Role.MISC, Format.PLAIN),
    ),
    scopes=("genkit*",),
    markers=("genkit:*",),
)
