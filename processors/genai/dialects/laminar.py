"""Laminar (`lmnr`): OpenLLMetry's keys, and its own input and output."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LAMINAR: Final = Dialect(
    "laminar",
    title="Laminar (`lmnr`)",
    keys=(
        # Content
        Key("lmnr.span.input", Role.PROMPT, Format.JSON),
        Key("gen_ai.prompt.#.reasoning", Role.PROMPT, Format.PLAIN),
        Key("lmnr.span.output", Role.COMPLETION, Format.JSON),
        Key("gen_ai.request.instructions", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("lmnr.sdk.raw.response", Role.RAW, Format.JSON),
        Key("lmnr.association.properties.*", Role.METADATA, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.reasoning_output_tokens", Role.TOK_REASONING, Format.INT),
        Key("gen_ai.usage.audio_input_tokens", Role.TOK_AUDIO_IN, Format.INT),
        Key("gen_ai.usage.audio_output_tokens", Role.TOK_AUDIO_OUT, Format.INT),
        # The call
        Key("lmnr.span.type", Role.OP, Format.PLAIN),
        # Whose call it is
        Key("lmnr.association.properties.user_id", Role.USER_ID, Format.PLAIN),
        Key("lmnr.event.user_id", Role.USER_ID, Format.PLAIN),
        Key("lmnr.association.properties.session_id", Role.SESSION_ID, Format.PLAIN),
        Key("lmnr.event.session_id", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("lmnr.span.*", Role.MISC, Format.PLAIN),
    ),
    scopes=("lmnr*",),
    markers=("lmnr.*",),
)
