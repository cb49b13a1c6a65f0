"""Replicate by OpenLLMetry: an answer that is a list has an attribute for each item, which are pieces of one text.

A whole answer stands under the first index, so there it is read as one.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

REPLICATE: Final = Dialect(
    "replicate",
    title="Replicate by OpenLLMetry: answers in pieces",
    keys=(
        Key("gen_ai.completion.0.content", Role.COMPLETION, Format.PLAIN, scoped=True),
        Key("gen_ai.completion.#.content", Role.CHUNK, Format.PLAIN, scoped=True),
    ),
    scopes=("opentelemetry.instrumentation.replicate",),
)
