"""Token counts as the semantic conventions want them: cache within the input, reasoning within the output.

Some instrumentations count cache and reasoning beside. What decides, in this order:
 1. A part larger than its whole lies beside it.
 2. The AI SDK before version 6 passes Anthropic's and Bedrock's counts on, which are beside, and adds up a total
    without them.
 3. Arithmetic, where there is a total: the sum that equals it tells what it is a sum of.
 4. What is known of the dialect that the input count came in.
 5. Else parts are within.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from processors.genai.call.values import as_count


class Counts(NamedTuple):
    """What a span says, before anything is made of it; None: nothing."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    input_uncached: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    audio_input: int | None = None
    audio_output: int | None = None
    audio_cache_read: int | None = None


class Usage(NamedTuple):
    input: int | None
    """Cache reads and writes included."""
    output: int | None
    """Reasoning included."""
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    audio_cache_read: int = 0


class Beside(NamedTuple):
    """What is known beforehand of where a span's parts lie."""

    cache: bool = False
    """Cache counts are beside the input, in this dialect."""
    cache_for_certain: bool = False
    """… whatever the total says."""
    reasoning: bool = False


NOTHING: Final = Beside()


def usage_of(counts: Counts, beside: Beside, *, embeds: bool = False) -> Usage:
    """`embeds`: the operation has no output, so that the total is the input."""
    tokens_in, tokens_out, total, uncached, read, write, reasoning, audio_in, audio_out, audio_read = counts
    read, write, reasoning = read or 0, write or 0, reasoning or 0
    cached = read + write
    cache_beside, reasoning_beside = beside.cache, beside.reasoning
    if total is not None or tokens_in is None:
        added_up = tokens_in is None and uncached is not None
        tokens_in, tokens_out = _wholes(counts, cached, embeds=embeds)
        if total is not None and tokens_in is not None and tokens_out is not None and not beside.cache_for_certain:
            cache_beside, reasoning_beside = _by_total(total, tokens_in + tokens_out, cached, reasoning, beside)
        if added_up:
            cache_beside = False
    if cached and (cache_beside or beside.cache_for_certain or cached > (tokens_in or 0)):
        tokens_in = (tokens_in or 0) + cached
    if reasoning and (reasoning_beside or reasoning > (tokens_out or 0)):
        tokens_out = (tokens_out or 0) + reasoning
    return Usage(tokens_in, tokens_out, read, write, reasoning, audio_in or 0, audio_out or 0, audio_read or 0)


def with_thoughts(counts: Counts) -> Counts:
    """Gemini's total has the thoughts, which its output has not; older instrumentations do not name them."""
    total, known = counts.total or 0, (counts.input or 0) + (counts.output or 0)
    if counts.reasoning is not None or counts.input is None or counts.output is None or total <= known:
        return counts
    return counts._replace(reasoning=total - known)


def _wholes(counts: Counts, cached: int, *, embeds: bool) -> tuple[int | None, int | None]:
    tokens_in, tokens_out, total = counts.input, counts.output, counts.total
    if tokens_in is None and counts.input_uncached is not None:
        tokens_in = counts.input_uncached + cached
    if total is not None:
        if tokens_in is None and tokens_out is not None and total >= tokens_out:
            tokens_in = total - tokens_out
        elif tokens_out is None and tokens_in is not None and total > tokens_in and not embeds:
            tokens_out = total - tokens_in
        elif embeds and tokens_in is None and tokens_out is None:
            tokens_in = total
    return tokens_in, tokens_out


def _by_total(total: int, sum_: int, cached: int, reasoning: int, beside: Beside) -> tuple[bool, bool]:
    """Whether cache and reasoning lie beside their wholes, given that `total` counts all once."""
    if total == sum_ or not (cached or reasoning):
        return False, False
    if reasoning and total == sum_ + reasoning and not (beside.cache and cached == reasoning):
        return False, True
    if cached and total == sum_ + cached:
        return True, False
    if cached and reasoning and total == sum_ + cached + reasoning:
        return True, True
    return beside.cache, beside.reasoning


_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "input": (
        "input",
        "input_tokens",
        "prompt_tokens",
        "promptTokens",
        "inputTokens",
        "prompt",
        "prompt_token_count",
        "promptTokenCount",
    ),
    "output": (
        "output",
        "output_tokens",
        "completion_tokens",
        "completionTokens",
        "outputTokens",
        "completion",
        "candidates_token_count",
        "candidatesTokenCount",
    ),
    "total": ("total", "total_tokens", "totalTokens", "tokens", "total_token_count", "totalTokenCount"),
    "cache_read": (
        "cache_read_input_tokens",
        "input_cached_tokens",
        "cached_input_tokens",
        "cache_read_tokens",
        "cachedInputTokens",
        "cacheReadInputTokens",
        "cacheReadTokens",
        "prompt_cached_tokens",
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cachedContentTokens",
        "cached_content_token_count",
        "cachedContentTokenCount",
        "input_cache_read",
        "cache_read",
    ),
    "cache_write": (
        "cache_creation_input_tokens",
        "input_cache_creation_tokens",
        "cache_creation_tokens",
        "cache_write_tokens",
        "cacheCreationInputTokens",
        "cacheWriteInputTokens",
        "cacheWriteTokens",
        "prompt_cache_creation_tokens",
        "input_cache_creation",
        "cache_creation",
        "cache_write",
    ),
    "reasoning": (
        "reasoning_tokens",
        "output_reasoning_tokens",
        "completion_reasoning_tokens",
        "reasoningTokens",
        "thoughtsTokens",
        "thoughts_token_count",
        "thoughtsTokenCount",
        "output_reasoning",
        "reasoning",
    ),
    "audio_input": ("input_audio_tokens", "prompt_audio_tokens", "input_audio"),
    "audio_output": ("output_audio_tokens", "completion_audio_tokens", "output_audio"),
}
_DETAILS_IN: Final = ("prompt_tokens_details", "input_tokens_details", "input_token_details", "inputTokenDetails")
_DETAILS_OUT: Final = (
    "completion_tokens_details",
    "output_tokens_details",
    "output_token_details",
    "outputTokenDetails",
)
_BUCKETS: Final = frozenset({"input", "output"})
"""Langfuse's own names: there each key is a bucket, and none is part of another."""


def counts_in(tree: Any) -> Counts | None:
    """The counts of a usage object, under the names of providers and frameworks; None if it has none."""
    if not isinstance(tree, Mapping):
        return None
    inner = tree.get("usage") or tree.get("tokens")
    if isinstance(inner, Mapping):
        tree = inner
    details_in, details_out = _details(tree, _DETAILS_IN), _details(tree, _DETAILS_OUT)
    found = {fact: _first(tree, names) for fact, names in _NAMES.items()}
    for fact in ("cache_read", "cache_write"):
        if found[fact] is None:
            found[fact] = _first(details_in, _NAMES[fact])
    if found["reasoning"] is None:
        found["reasoning"] = _first(details_out, _NAMES["reasoning"])
    for fact, details in (("audio_input", details_in), ("audio_output", details_out)):
        if found[fact] is None:
            found[fact] = _first(details, ("audio", "audio_tokens", "audioTokens"))
    counts = Counts(**found)
    return counts if any(count is not None for count in counts) else None


def has_buckets(tree: Any) -> bool:
    """Whether an object names its counts as Langfuse does, which adds them all up."""
    return isinstance(tree, Mapping) and not _BUCKETS.isdisjoint(tree)


def _details(tree: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    return next((inner for inner in map(tree.get, names) if isinstance(inner, Mapping)), {})


def _first(tree: Mapping[str, Any], names: Iterable[str]) -> int | None:
    return next(
        (count for count in (as_count(tree[name]) for name in names if name in tree) if count is not None), None
    )


_IN_REPR: Final = {
    fact: re.compile(rf"\b{name}['\"]?\s*[:=]\s*(\d{{1,9}})\b")
    for fact, name in (("input", "prompt_tokens"), ("cache_read", "cached_tokens"), ("reasoning", "reasoning_tokens"))
}


def counts_in_repr(text: str, tokens_in: int) -> Counts:
    """Cache and reasoning in the Python repr of a response, as OpenInference writes those of Haystack and smolagents.

    Only where the same text says as many input tokens as the span does: anybody can write a text with numbers in it.
    """
    found = {fact: set(pattern.findall(text)) for fact, pattern in _IN_REPR.items()}
    if found["input"] != {str(tokens_in)}:
        return Counts()
    only = {fact: int(next(iter(values))) for fact, values in found.items() if fact != "input" and len(values) == 1}
    return Counts(**only)
