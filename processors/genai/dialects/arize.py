"""Arize AX: evaluations and annotations as columns. The name in between may hold dots."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

ARIZE: Final = Dialect(
    "arize",
    title="Arize AX evaluations and annotations",
    keys=(
        # Content
        Key("eval.*.explanation", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("annotation.*.text", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("annotation.notes", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Quality
        Key("eval.*.score", Role.SCORE, Format.DOUBLE),
        Key("annotation.*.score", Role.SCORE, Format.DOUBLE),
        Key("eval.*.label", Role.SCORE_LABEL, Format.PLAIN),
        Key("annotation.*.label", Role.SCORE_LABEL, Format.PLAIN),
    ),
    markers=(
        "eval.*.score",
        "annotation.*.score",
    ),
)
