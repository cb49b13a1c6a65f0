"""genai-otel-instrument. Its evaluators run in the process and write on the call's span; higher is worse in all of them.
`gen_ai.usage.token_count_estimated` says that a count is a guess.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

GENAI_OTEL_INSTRUMENT: Final = Dialect(
    "genai_otel_instrument",
    title="genai-otel-instrument",
    keys=(
        # Content
        Key("gen_ai.request.first_message", Role.PROMPT, Format.STRINGIFIED),
        Key("gen_ai.prompt.content", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.prompt.#", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.response", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.completion.content", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.completion.#", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.rag.context", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("gen_ai.context", Role.RETRIEVAL_DOCS, Format.PLAIN),
        Key("evaluation.hallucination.response.claims", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("evaluation.hallucination.response.unsupported_claims", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("evaluation.hallucination.response.citations", Role.SCORE_EXPLANATION, Format.PLAIN),
        Key("evaluation.pii.*.redacted", Role.SCORE_EXPLANATION, Format.PLAIN),
        # Cost
        Key("gen_ai.usage.cost.total", Role.COST, Format.USD),
        Key("gen_ai.usage.cost.prompt", Role.COST_IN, Format.USD),
        Key("gen_ai.usage.cost.completion", Role.COST_OUT, Format.USD),
        Key("gen_ai.usage.cost.reasoning", Role.COST_DETAIL, Format.USD),
        Key("gen_ai.usage.cost.cache_read", Role.COST_DETAIL, Format.USD),
        Key("gen_ai.usage.cost.cache_write", Role.COST_DETAIL, Format.USD),
        # Quality
        Key("evaluation.hallucination.response.score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.toxicity.prompt.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.toxicity.response.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.bias.prompt.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.bias.response.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.restricted_topics.prompt.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.restricted_topics.response.max_score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.pii.prompt.score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.pii.response.score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.prompt_injection.score", Role.SCORE, Format.DOUBLE),
        Key("evaluation.*.detected", Role.GUARDRAIL, Format.BOOL),
        Key("evaluation.*.blocked", Role.GUARDRAIL, Format.BOOL),
        Key("guardrail.blocked", Role.GUARDRAIL, Format.BOOL),
        Key("guardrails.validation.passed", Role.GUARDRAIL, Format.BOOL),
    ),
    scopes=("genai_otel*",),
    markers=("evaluation.completed",),
)
