"""Splunk's fork of the GenAI utilities, with evaluators: scores from 0 to 1, of which bias, toxicity and hallucination are
worse when higher.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

SPLUNK: Final = Dialect(
    "splunk",
    title="Splunk GenAI utilities",
    keys=(
        # Content
        Key("gen_ai.embeddings.input.texts", Role.PROMPT, Format.JSON),
        Key("gen_ai.step.objective", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.agent.system_instructions", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("gen_ai.evaluation.attributes.*", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Quality
        Key("gen_ai.evaluation.passed", Role.GUARDRAIL, Format.BOOL),
        # The rest
        Key("gen_ai.step.name", Role.MISC, Format.PLAIN),
    ),
    scopes=("*splunk*",),
    markers=("gen_ai.step.name",),
)
