"""pydantic-evals. Online: log records named `gen_ai.evaluation.result`, with all baggage copied in. Offline: bare keys on spans.
An `error.type` on a result is the evaluator's, not the application's.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

PYDANTIC_EVALS: Final = Dialect(
    "pydantic_evals",
    title="pydantic-evals",
    keys=(
        # Content
        Key("inputs", Role.PROMPT, Format.JSON, scoped=True),
        Key("expected_output", Role.PROMPT, Format.JSON, scoped=True),
        Key("output", Role.COMPLETION, Format.JSON, scoped=True),
        Key("gen_ai.evaluation.evaluator.source", Role.SCORE_EXPLANATION, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("scores", Role.SCORE_DETAILS, Format.JSON, scoped=True),
        Key("assertions", Role.SCORE_DETAILS, Format.JSON, scoped=True),
        Key("labels", Role.SCORE_DETAILS, Format.JSON, scoped=True),
        # Quality
        Key("gen_ai.evaluation.target", Role.SCORE_TARGET, Format.PLAIN),
    ),
    scopes=("pydantic-evals*",),
)
