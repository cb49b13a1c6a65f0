"""What a call cost, as frameworks and gateways report it on a span. A cost that is there is never replaced."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

REPORTED_COST: Final = Dialect(
    "reported_cost",
    title="frameworks and gateways that know what a call cost",
    keys=(
        Key("gen_ai.usage.cost", Role.COST, Format.USD),  # OpenLIT, OpenRouter, Langfuse, Laminar, LangWatch
        Key("gen_ai.usage.cost.amount", Role.COST, Format.USD),  # proposed for the semantic conventions
        Key("gen_ai.usage.total_cost", Role.COST, Format.USD),  # Latitude
        Key("gen_ai.usage.cost_usd", Role.COST, Format.USD),  # LangWatch
        Key("gen_ai.cost.total_tokens", Role.COST, Format.USD),  # Sentry
        Key("llm.response_cost", Role.COST, Format.USD),  # LiteLLM's callbacks
        Key("litellm.cost.total_cost", Role.COST, Format.USD),  # LiteLLM's proxy
        Key("litellm.cost.input_cost", Role.COST_IN, Format.USD),
        Key("litellm.cost.output_cost", Role.COST_OUT, Format.USD),
        Key("llm.cost.usd", Role.COST, Format.USD),  # LangWatch
        Key("langwatch.cost.usd", Role.COST, Format.USD),
        Key("operation.cost", Role.COST, Format.USD),  # Logfire, Pydantic AI
        Key("gen_ai.client.estimated_cost", Role.COST, Format.USD),  # Quarkus: `0.0021USD`
        Key("langfuse.observation.cost_details", Role.COST, Format.JSON),  # {"total": …}
        Key("mlflow.llm.cost", Role.COST, Format.JSON),  # {"total_cost": …}
        Key("langsmith.usage_metadata", Role.USAGE, Format.JSON),  # {"input_tokens": …, "total_cost": …}
        Key("gen_ai.usage.input_cost", Role.COST_IN, Format.USD),  # Laminar, Latitude
        Key("gen_ai.cost.input_tokens", Role.COST_IN, Format.USD),
        Key("gen_ai.usage.output_cost", Role.COST_OUT, Format.USD),
        Key("gen_ai.cost.output_tokens", Role.COST_OUT, Format.USD),
    ),
)
