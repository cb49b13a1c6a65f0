from __future__ import annotations

import pytest

from processors.prices.names import references
from processors.prices.price_list import PriceList

PRICES = PriceList()


@pytest.mark.parametrize(
    ("provider", "model", "listed"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("OpenAI", "gpt-4o", "openai/gpt-4o"),
        ("openai", "openai/gpt-4o", "openai/gpt-4o"),
        (None, "gpt-4o", "openai/gpt-4o"),
        (None, "openai/gpt-4o", "openai/gpt-4o"),
        ("my-gateway", "openai/gpt-4o", "openai/gpt-4o"),
        ("openai.responses", "gpt-4.1", "openai/gpt-4.1"),
        ("openai.completion", "gpt-3.5-turbo-instruct", "openai/gpt-3.5-turbo-instruct"),
        ("openai", "ft:gpt-4o-2024-08-06:org::id", "openai/ft:gpt-4o"),
        (None, "text-embedding-3-large", "openai/text-embedding-3-large"),
        (None, "chatgpt-4o-latest", "openai/chatgpt-4o-latest"),
        # Versions
        ("openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("openai", "gpt-5.2-20251211", "openai/gpt-5.2"),
        ("openai", "gpt-5.5-2026-04-01", "openai/gpt-5.5"),
        ("openai", "gpt-4o-latest", "openai/gpt-4o"),
        ("openai", "gpt-4o@2024-08-06", "openai/gpt-4o"),
        ("anthropic", "claude-3-5-sonnet-latest", "anthropic/claude-3-5-sonnet"),
        ("gcp.vertex_ai", "gemini-2.5-pro@default", "google/gemini-2.5-pro"),
        # Azure
        ("azure", "gpt-4o", "azure/gpt-4o"),
        ("azure.ai.openai", "gpt-4o", "azure/gpt-4o"),
        ("azure.ai.inference", "gpt-4o", "azure/gpt-4o"),
        ("az.ai.inference", "gpt-4o", "azure/gpt-4o"),
        ("az.ai.openai", "gpt-4o", "azure/gpt-4o"),
        ("azure_openai", "gpt-4o", "azure/gpt-4o"),
        ("azure-openai.chat", "gpt-4o", "azure/gpt-4o"),
        ("azure.ai.openai", "claude-sonnet-4-5", "azure/claude-sonnet-4-5"),
        ("azure.ai.inference", "mistral-large-2411", "mistral/mistral-large"),
        # Google
        ("gcp.gemini", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gcp.gen_ai", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gcp.vertex.agent", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("GoogleGenerativeAI", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gcp.vertex_ai", "publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        (
            "vertex_ai",
            "projects/p/locations/us-central1/publishers/anthropic/models/claude-sonnet-4-5@20250929",
            "google/claude-sonnet-4-5",
        ),
        ("vertex.anthropic.messages", "claude-sonnet-4-5@20250929", "google/claude-sonnet-4-5"),
        ("google_anthropic_vertex", "claude-sonnet-4-5", "google/claude-sonnet-4-5"),
        # Bedrock
        (
            "aws.bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "bedrock_converse",
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            "aws/global.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
        (
            "AWS",
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "amazon-bedrock",
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
            "aws/amazon.nova-pro-v1:0",
        ),
        (
            "strands-agents",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (None, "amazon.nova-lite-v1:0", "aws/amazon.nova-lite-v1:0"),
        ("aws.bedrock", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("aws.bedrock", "ca.anthropic.claude-sonnet-5", "aws/regional.anthropic.claude-sonnet-5-v1:0"),
        (
            "aws",
            "arn:aws:bedrock:x:1:inference-profile/sa.anthropic.claude-opus-5",
            "aws/regional.anthropic.claude-opus-5",
        ),
        # By their addresses
        ("api.x.ai", "grok-3", "x-ai/grok-3"),
        ("api.deepseek.com", "deepseek-chat", "deepseek/deepseek-chat"),
        ("api.groq.com", "llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"),
        ("api.mistral.ai", "mistral-large-latest", "mistral/mistral-large"),
        # Elastic
        ("elastic", "anthropic-claude-4.5-sonnet", "anthropic/claude-sonnet-4-5"),
        ("elastic", "anthropic-claude-3.7-sonnet", "anthropic/claude-3-7-sonnet-latest"),
        ("elastic", "openai-gpt-oss-120b", "openai/gpt-oss-120b"),
        ("elastic", "google-gemini-2.5-flash", "google/gemini-2.5-flash"),
        # Others
        ("OPEN_AI", "gpt-4o", "openai/gpt-4o"),
        ("OTHER", "gpt-4o", "openai/gpt-4o"),
        ("fireworks-ai", "deepseek-v3p2", "fireworks/deepseek-v3p2"),
        ("x_ai", "grok-4", "x-ai/grok-4-0709"),
        ("xai.chat", "grok-4-0709", "x-ai/grok-4-0709"),
        ("mistral_ai", "mistral-large-latest", "mistral/mistral-large"),
        ("mistral.chat", "mistral-medium-latest", "mistral/mistral-medium-latest"),
        ("moonshot", "kimi-k2", "moonshotai/kimi-k2"),
        ("voyage", "voyage-3-large", "voyageai/voyage-3-large"),
        ("Cohere", "command-r-plus", "cohere/command-r-plus"),
        (None, "sonar-pro", "perplexity/sonar-pro"),
        # Who serves others' models at prices of their own
        ("groq", "llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"),
        ("groq.chat", "openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("togetherai", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "together/meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "openrouter/anthropic/claude-sonnet-4.5"),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct:free", "openrouter/meta-llama/llama-3.3-70b-instruct:free"),
        # Frameworks and gateways
        ("langchain", "gpt-4o", "openai/gpt-4o"),
        ("litellm", "openai/gpt-4o", "openai/gpt-4o"),
        ("litellm", "azure/gpt-4o", "azure/gpt-4o"),
        ("litellm", "openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o"),
        (
            "litellm",
            "bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("litellm_proxy", "xai/grok-4", "x-ai/grok-4-0709"),
        ("gateway", "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        ("pydantic-ai", "openai:gpt-4o", "openai/gpt-4o"),
        ("pydantic-ai", "google-gla:gemini-2.5-pro", "google/gemini-2.5-pro"),
        (None, "bedrock:us.amazon.nova-pro-v1:0", "aws/amazon.nova-pro-v1:0"),
        ("openai", "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
    ],
)
def test_names_on_spans_lead_to_the_price(provider: str | None, model: str, listed: str) -> None:
    """Whatever a provider calls itself, and however a model is spelled."""
    found = PRICES.find(references(provider, (model,)))
    assert found is not None
    assert found.name == listed


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


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("litellm", "ollama/gpt-4o"),
        ("litellm", "hosted_vllm/deepseek/deepseek-chat"),
        (None, "ollama/deepseek-chat"),
        (None, "deepseek-r1:7b"),
        ("langchain", "gemma3:latest"),
        ("deepinfra", "openai/gpt-oss-120b"),
        ("ibm.watsonx.ai", "mistralai/mistral-large"),
        ("huggingface", "openai/gpt-oss-120b"),
    ],
)
def test_a_makers_price_is_not_a_hosts(provider: str | None, model: str) -> None:
    """Neither on one's own machines, nor where somebody else serves an open model."""
    assert PRICES.find(references(provider, (model,))) is None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("azure.ai.openai", "my-deployment"),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"),
        ("openai", "no-such-model-2026-01-01"),
        ("function", "gpt-4o"),
        ("elastic", "jina-embeddings-v3"),
        ("elastic", "gpt-4o"),
    ],
)
def test_names_that_say_nothing_have_no_price(provider: str, model: str) -> None:
    """A policy can say what they stand for."""
    assert PRICES.find(references(provider, (model,))) is None


def test_what_is_in_the_list_comes_before_guesses() -> None:
    """A snapshot that the list does not know gives way to the name that was asked for."""
    found = PRICES.find(references("openai", ("gpt-4o-2099-01-01", "gpt-4o-mini")))
    assert found is not None
    assert found.name == "openai/gpt-4o-mini"
