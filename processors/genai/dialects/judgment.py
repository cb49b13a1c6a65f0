"""Judgment (`judgeval`). Input tokens leave out what was cached."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

JUDGMENT: Final = Dialect(
    "judgment",
    title="Judgment (`judgeval`)",
    keys=(
        # Content
        Key("judgment.input", Role.PROMPT, Format.JSON),
        Key("judgment.state_before", Role.PROMPT, Format.JSON),
        Key("judgment.output", Role.COMPLETION, Format.JSON),
        Key("judgment.state_after", Role.COMPLETION, Format.JSON),
        # Usage
        Key("judgment.usage.output_tokens", Role.TOK_OUT, Format.INT),
        Key("judgment.usage.cache_read_input_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("judgment.usage.cache_creation_input_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        Key("judgment.usage.non_cached_input_tokens", Role.TOK_IN_UNCACHED, Format.INT),
        # Cost
        Key("judgment.usage.total_cost_usd", Role.COST, Format.USD),
        Key("judgment.cumulative_llm_cost", Role.COST_AGGREGATE, Format.USD),
        # The call
        Key("judgment.llm.model", Role.MODEL_REQ, Format.PLAIN),
        # Whose call it is
        Key("judgment.customer_user_id", Role.USER_ID, Format.PLAIN),
        Key("judgment.session_id", Role.SESSION_ID, Format.PLAIN),
        Key("judgment.customer_id", Role.TENANT, Format.PLAIN),
    ),
    scopes=(
        "judgeval*",
        "judgment*",
    ),
    markers=("judgment.*",),
    cache_beside_input=True,
)
