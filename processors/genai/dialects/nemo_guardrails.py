"""NVIDIA NeMo Guardrails. Actions' parameters come one attribute each."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.roles import Format, Role

NEMO_GUARDRAILS: Final = Dialect(
    "nemo_guardrails",
    title="NVIDIA NeMo Guardrails",
    keys=(
        # Content
        Key("guardrails.request.input", Role.PROMPT, Format.PLAIN),
        Key("guardrails.rail.input", Role.PROMPT, Format.PLAIN),
        Key("action.param.*", Role.PROMPT, Format.PLAIN),
        Key("guardrails.request.output", Role.COMPLETION, Format.PLAIN),
        Key("guardrails.rail.reason", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Quality
        Key("rail.stop", Role.GUARDRAIL, Format.BOOL),
        Key("rail.type", Role.GUARDRAIL, Format.PLAIN),
        Key("rail.name", Role.GUARDRAIL, Format.PLAIN),
        Key("rail.decisions", Role.GUARDRAIL, Format.STRING_ARRAY),
    ),
    events=(
        ContentEvent("guardrails.utterance.user.finished", Role.PROMPT),
        ContentEvent("guardrails.utterance.bot.finished", Role.COMPLETION),
    ),
    scopes=("nemo_guardrails*",),
    markers=(
        "guardrails.*",
        "rail.type",
    ),
)
