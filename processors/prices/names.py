"""From the names that spans give providers and models to those of the price list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_ALIASES: Final = {
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.x.ai": "x-ai",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure-ai": "azure",
    "azure-openai": "azure",
    "azure.ai.foundry": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "codestral": "mistral",
    "dashscope": "alibaba",
    "fireworks-ai": "fireworks",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "gcp_gen_ai": "google",
    "grok": "x-ai",
    "kimi": "moonshotai",
    "moonshot": "moonshotai",
    "novita-ai": "novita",
    "novita_ai": "novita",
    "open_ai": "openai",
    "togetherai": "together",
    "voyage": "voyageai",
    "x_ai": "x-ai",
    "xai": "x-ai",
    "z_ai": "zai",
    "zhipu": "zhipuai",
}
"""Only what the price list does not resolve itself; it knows gcp.gemini, aws.bedrock, mistral_ai and many more."""

_CLOUDS: Final = (("bedrock", "aws"), ("vertex", "google"), ("azure", "azure"))
"""Where a cloud is named beside a model's maker (`vertex.anthropic.messages`, `azure_anthropic`), it sends the bill."""

_KIND_OF_CALL: Final = re.compile(
    r"(?<=.)[.](?:chat|responses|completion|completions|messages|embedding|embeddings|text|language)$"
)
"""Vercel's AI SDK adds it: `groq.chat`, `openai.responses`."""

_FRAMEWORKS: Final = frozenset(
    {
        "ag2",
        "agno",
        "ai-sdk",
        "autogen",
        "beeai",
        "crewai",
        "dspy",
        "gateway",
        "github",
        "haystack",
        "instructor",
        "langchain",
        "langgraph",
        "litellm",
        "litellm_proxy",
        "llama_index",
        "llamaindex",
        "mastra",
        "microsoft.agent_framework",
        "nemo-guardrails",
        "openai_agents",
        "other",
        "portkey",
        "pydantic-ai",
        "pydantic_ai",
        "semantic_kernel",
        "smolagents",
        "spring_ai",
        "strands",
        "strands-agents",
        "vercel",
        "_other",
    }
)
"""Frameworks and gateways that put their own name where the provider's belongs: the model alone says who was asked."""

_SELF_HOSTED: Final = frozenset(
    {
        "llama.cpp",
        "llama_cpp",
        "llamafile",
        "lm_studio",
        "lmstudio",
        "localai",
        "ollama",
        "ollama_chat",
        "sglang",
        "tgi",
    }
    | {"triton", "vllm", "hosted_vllm", "xinference"}
)
"""Servers of open models. What their models cost elsewhere says nothing about what they cost here."""

_HOSTS: Final = frozenset(
    {"alibaba", "anyscale", "baseten", "cerebras", "cloudflare", "databricks", "deepinfra", "fireworks", "friendliai"}
    | {"groq", "huggingface", "hyperbolic", "ibm.watsonx.ai", "lambda", "modal", "nebius", "novita", "nscale", "nvidia"}
    | {"nvidia_nim", "oci", "ovhcloud", "replicate", "sambanova", "snowflake", "together", "watsonx"}
)
"""Who serves others' models at prices of their own: `openai/gpt-oss-120b` there is not what it is at its maker's."""

_RESELLERS: Final = frozenset({"aws", "azure", "google"})
"""Clouds that serve others' models too, some under the maker's name for them and at the maker's price."""

_BEDROCK: Final = re.compile(
    r"(?:arn:aws[a-z-]*:bedrock:|(?:[a-z]{2,6}(?:-gov)?\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen"
    r"|writer)\.)"
)
"""How model ids of Amazon Bedrock begin, with the region that a profile belongs to or without."""

_REGION: Final = re.compile(r"(?:.*/)?(?!global\.)[a-z]{2,6}(?:-gov)?\.([a-z0-9]+\..+)")
"""Models cost the same in all of Bedrock's regions that the price list names, but it does not name them all."""

_MAKERS: Final = (
    ("openai", re.compile(r"text-embedding-|chatgpt-|ft:(?:gpt|o\d|davinci|babbage)|davinci-|babbage-|codex-|dall-e-")),
    ("cohere", re.compile(r"embed-|rerank-|c4ai-")),
    ("perplexity", re.compile(r"sonar(?:-|$)")),
)
"""Models whose maker the price list does not tell from the name."""

_BEFORE_COLON: Final = re.compile(r"([a-z][a-z_-]*):(?!free$)(.+)", re.DOTALL)
"""Pydantic AI and LangChain: `openai:gpt-4o`. Behind the colons of Bedrock's ids and of Ollama's tags is no model."""
_COLON_PROVIDERS: Final = frozenset(
    {"anthropic", "azure", "bedrock", "bedrock_converse", "cerebras", "cohere", "deepseek", "fireworks", "gateway"}
    | {"google", "google-gla", "google-vertex", "google_genai", "google_vertexai", "grok", "groq", "litellm", "mistral"}
    | {"mistralai", "moonshotai", "openai", "openai-chat", "openai-responses", "openrouter", "perplexity", "together"}
    | {"vercel", "xai"}
)

_OPEN_MODEL: Final = re.compile(
    rf"(?:.*/)?(?:{'|'.join(map(re.escape, sorted(_SELF_HOSTED)))})/|[^/]*:(?:latest|\d+(?:\.\d+)?[bm](?:-|$))",
    re.IGNORECASE,
)
"""`ollama/llama3`, `deepseek-r1:7b`: on one's own machine."""

_ELASTIC: Final = re.compile(r"(anthropic|google|openai)-(.+)")
"""Elastic's inference service puts the maker before the model: `openai-gpt-4.1`. Its own models begin with `jina-` or `elser`."""
_CLAUDE: Final = re.compile(r"claude-(\d+(?:\.\d+)?)-([a-z]+)")
"""`claude-4.5-sonnet`, where Anthropic says `claude-sonnet-4.5` from version 4 on."""

_VERSION: Final = re.compile(r"(?:-latest|[-@](?:20\d\d-[01]\d-[0-3]\d|20\d\d[01]\d[0-3]\d|latest|default))$")
"""A snapshot that the price list may not have yet; the model's own price stands in."""


def canonical_provider(provider: str | None) -> str | None:
    """The price list's name for a provider, as far as it is known here; lower case."""
    if not provider:
        return None
    name = provider.strip().lower()
    if name in _ALIASES:
        return _ALIASES[name]
    name = _KIND_OF_CALL.sub("", name)
    cloud = next((owner for part, owner in _CLOUDS if part in name), None)
    return cloud or _ALIASES.get(name, name)


def references(provider: str | None, models: tuple[str, ...]) -> Iterator[tuple[str | None, str]]:
    """(provider, model) pairs to look up, the most exact first; a provider of None is for the price list to find.

    `models` are what answered and what was asked for. Nothing is offered for servers of open models.
    """
    name = canonical_provider(provider)
    if name in _SELF_HOSTED:
        return
    if name == "elastic":
        yield from _of_elastic(models)
        return
    if name in _FRAMEWORKS:
        name = None
    for undated in (False, True):
        for model in models:
            for spelling in _versions(model, undated=undated):
                yield from _without_provider(spelling) if name is None else _at(name, spelling)
    if name in _RESELLERS:
        for model in models:
            yield from _without_provider(model)


def _of_elastic(models: tuple[str, ...]) -> Iterator[tuple[str | None, str]]:
    for model in models:
        named = _ELASTIC.fullmatch(model)
        if named:
            yield named[1], named[2]
            if turned := _CLAUDE.fullmatch(named[2]):
                yield named[1], f"claude-{turned[2]}-{turned[1]}"


def _versions(model: str, *, undated: bool) -> Iterator[str]:
    if not undated:
        yield model
        if "@" in model:
            yield model.replace("@", "-")
    elif (bare := _VERSION.sub("", model)) != model:
        yield bare


def _at(provider: str, model: str) -> Iterator[tuple[str | None, str]]:
    yield provider, model
    yield from ((provider, spelling) for spelling in _spellings(model))
    region = _REGION.fullmatch(model) if provider == "aws" else None
    if region:
        yield provider, f"us.{region[1]}"
    if provider == "fireworks" and "/" not in model:
        yield provider, f"accounts/fireworks/models/{model}"
    if provider not in _HOSTS and not _OPEN_MODEL.match(model):
        yield from _prefixed(model)


def _without_provider(model: str) -> Iterator[tuple[str | None, str]]:
    if _OPEN_MODEL.match(model):
        return
    yield from _prefixed(model)
    if _BEDROCK.match(model):
        yield from _at("aws", model)
    yield from ((maker, model) for maker, names in _MAKERS if names.match(model))
    yield None, model
    yield from ((None, spelling) for spelling in _spellings(model))


def _prefixed(model: str) -> Iterator[tuple[str | None, str]]:
    """`openai/gpt-4o`, `litellm_proxy/openai/gpt-4o`, `openai:gpt-4o`: the provider comes with the model."""
    prefix, slash, rest = model.partition("/")
    if slash and prefix not in {"models", "publishers", "projects", "accounts"}:
        yield from _from_prefix(prefix, rest)
    colon = _BEFORE_COLON.fullmatch(model)
    if colon and colon[1] in _COLON_PROVIDERS:
        yield from _from_prefix(colon[1], colon[2])


def _from_prefix(prefix: str, model: str) -> Iterator[tuple[str | None, str]]:
    provider = canonical_provider(prefix)
    if provider in _FRAMEWORKS:
        yield from _without_provider(model)
    else:
        yield provider, model
        yield from ((provider, spelling) for spelling in _spellings(model))


def _spellings(model: str) -> Iterator[str]:
    """`models/gemini-2.5-pro`, `publishers/google/models/…`, `openai/gpt-4o`: the last part is the model's name."""
    _, slash, last = model.rpartition("/")
    if slash and last:
        yield last
