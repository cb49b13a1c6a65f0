from __future__ import annotations

import pytest

from processors.prices.names import references
from processors.prices.price import Tokens
from processors.prices.price_list import PriceList

PRICES = PriceList()


@pytest.mark.parametrize(
    ("provider", "model", "like"),
    [
        ("openai", "gpt-4o", ("openai", "gpt-4o")),
        ("OpenAI", "gpt-4o", ("openai", "gpt-4o")),
        ("openai", "openai/gpt-4o", ("openai", "gpt-4o")),
        (None, "gpt-4o", ("openai", "gpt-4o")),
        (None, "openai/gpt-4o", ("openai", "gpt-4o")),
        ("litellm", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("langchain", "gpt-4o", ("openai", "gpt-4o")),
        ("my-gateway", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("azure.ai.openai", "gpt-4o", ("azure", "gpt-4o")),
        ("azure.ai.inference", "gpt-4o", ("azure", "gpt-4o")),
        ("az.ai.inference", "gpt-4o", ("azure", "gpt-4o")),
        ("gcp.gemini", "models/gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("gcp.gen_ai", "gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("gcp.vertex_ai", "publishers/google/models/gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("x_ai", "grok-4", ("x-ai", "grok-4")),
        (
            "aws.bedrock",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            ("aws", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ),
        ("aws.bedrock", "claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        ("mistral_ai", "mistral-large-latest", ("mistral", "mistral-large-latest")),
        ("groq", "llama-3.3-70b-versatile", ("groq", "llama-3.3-70b-versatile")),
    ],
)
def test_names_on_spans_lead_to_the_price(provider: str | None, model: str, like: tuple[str, str]) -> None:
    """The price is that of the model under its plain name."""
    found, plain = PRICES.find(references(provider, (model,))), PRICES.find([like])
    assert found is not None
    assert plain is not None
    used, time = Tokens(123_456, 7_890, 1000, 100), 1_767_225_600 * 10**9
    assert found.at(time)(used) == plain.at(time)(used)


@pytest.mark.parametrize("provider", ["ollama", "vllm", "sglang", "unheard-of"])
def test_servers_of_open_models_have_no_list_price(provider: str) -> None:
    """What a model costs at its maker's says nothing about one's own machines."""
    assert PRICES.find(references(provider, ("deepseek-chat", "gpt-4o"))) is None


@pytest.mark.parametrize("provider", ["ollama", "vLLM", "sglang"])
def test_nor_under_their_makers_names(provider: str) -> None:
    """Open models are often named `maker/model`."""
    assert PRICES.find(references(provider, ("deepseek/deepseek-chat", "openai/gpt-4o"))) is None


def test_the_most_exact_reference_comes_first() -> None:
    """The name as it is, before any guess."""
    assert next(references("openrouter", ("openai/gpt-4o",))) == ("openrouter", "openai/gpt-4o")
    assert list(references("x_ai", ("grok-4", "grok"))) == [("x-ai", "grok-4"), ("x-ai", "grok")]
