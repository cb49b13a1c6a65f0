"""Patronus evaluations. `eval.<name>.*` with a name between is Arize's."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

PATRONUS: Final = Dialect(
    "patronus",
    title="Patronus",
    keys=(
        # Content
        Key("eval.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("eval.text_output", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("eval.metadata", Role.SCORE_EXPLANATION, Format.JSON),
        # Quality
        Key("eval.score", Role.SCORE, Format.DOUBLE),
        Key("eval.pass", Role.GUARDRAIL, Format.BOOL),
    ),
    scopes=("patronus*",),
    markers=("eval.score",),
)
