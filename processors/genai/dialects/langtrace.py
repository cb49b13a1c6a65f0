"""Langtrace. Messages are span events with JSON lists; before, `llm.prompts` and `llm.responses`."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LANGTRACE: Final = Dialect(
    "langtrace",
    title="Langtrace",
    keys=(
        # Content
        Key("llm.responses", Role.COMPLETION, Format.JSON),
        Key("llm.completions", Role.COMPLETION, Format.JSON),
        Key("db.response", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("db.query.match.metadata", Role.RETRIEVAL_DOCS, Format.PLAIN),
        # Text of programs, and what is personal by itself
        Key("db.query", Role.STATEMENT, Format.PLAIN),
        Key("db.filter", Role.STATEMENT, Format.PLAIN),
        Key("langgraph.graph.state", Role.RAW, Format.JSON),
        # Usage
        Key("llm.token.counts", Role.USAGE, Format.JSON),  # until June 2024, like the model
        Key("llm.token.counts.prompt", Role.TOK_IN, Format.INT),
        Key("llm.token.counts.completion", Role.TOK_OUT, Format.INT),
        Key("gen_ai.usage.cached_tokens", Role.TOK_CACHE_READ, Format.INT),
        # The call
        Key("llm.model", Role.MODEL_REQ, Format.PLAIN),
        Key("langtrace.service.name", Role.PROVIDER, Format.PLAIN),  # LiteLLM's logger names it nowhere else
        # Quality
        Key("user.feedback.rating", Role.SCORE, Format.INT),
    ),
    scopes=(
        "langtrace*",
        "@langtrase/*",
    ),
    markers=("langtrace.*",),
)
