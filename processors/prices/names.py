"""From the names that spans give providers and models to those of the price list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_ALIASES: Final = {
    "az.ai.inference": "azure",
    "azure.ai.foundry": "azure",
    "azure.ai.inference": "azure",
    "azure_ai": "azure",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "gcp_gen_ai": "google",
    "grok": "x-ai",
    "togetherai": "together",
    "voyage": "voyageai",
    "x_ai": "x-ai",
    "xai.chat": "x-ai",
    "z_ai": "zai",
    "zhipu": "zhipuai",
}
"""Only what the price list does not resolve itself; it knows gcp.vertex_ai, aws.bedrock, mistral_ai and many more."""

_FRAMEWORKS: Final = frozenset(
    {
        "autogen",
        "crewai",
        "github",
        "langchain",
        "litellm",
        "llamaindex",
        "microsoft.agent_framework",
        "nemo-guardrails",
        "openai_agents",
        "pydantic-ai",
        "semantic_kernel",
        "spring_ai",
        "strands-agents",
    }
)
"""Frameworks that put their own name where the provider's belongs: the model alone says who was asked."""

_SELF_HOSTED: Final = frozenset(
    {"llama.cpp", "llama_cpp", "lm_studio", "lmstudio", "ollama", "sglang", "tgi", "vllm", "xinference"}
)
"""Servers of open models. What their models cost elsewhere says nothing about what they cost here."""

_RESELLERS: Final = ("amazon", "aws", "az.", "azure", "bedrock", "gcp", "google", "vertex")
"""How the names of clouds begin that serve others' models, sometimes under the maker's name for them."""


def canonical_provider(provider: str | None) -> str | None:
    """The price list's name for a provider, as far as it is known here; lower case."""
    if not provider:
        return None
    name = provider.strip().lower()
    return _ALIASES.get(name, name)


def references(provider: str | None, models: tuple[str, ...]) -> Iterator[tuple[str | None, str]]:
    """(provider, model) pairs to look up, the most exact first; a provider of None is for the price list to find.

    `models` are what answered and what was asked for. Nothing is offered for servers of open models.
    """
    name = canonical_provider(provider)
    if name in _SELF_HOSTED:
        return
    if name in _FRAMEWORKS:
        name = None
    for model in models:
        if name is not None:
            yield name, model
            yield from ((name, spelling) for spelling in _spellings(model))
            if name == "azure.ai.openai":
                yield "azure", model
        else:
            yield from _without_provider(model)
    if name is not None:
        for model in models:
            prefix, slash, rest = model.partition("/")
            if slash and prefix != "models":
                yield canonical_provider(prefix), rest
    if name is not None and name.startswith(_RESELLERS):
        for model in models:
            yield from _without_provider(model)


def _without_provider(model: str) -> Iterator[tuple[str | None, str]]:
    prefix, slash, rest = model.partition("/")
    if slash and prefix != "models":
        yield canonical_provider(prefix), rest
    yield None, model
    yield from ((None, spelling) for spelling in _spellings(model))


def _spellings(model: str) -> Iterator[str]:
    """`models/gemini-2.5-pro`, `publishers/google/models/…`, `openai/gpt-4o`: the last part is the model's name."""
    _, slash, last = model.rpartition("/")
    if slash and last:
        yield last
