from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.genai.call.usage import (
    NOTHING,
    Beside,
    Counts,
    Usage,
    counts_in,
    counts_in_repr,
    has_buckets,
    usage_of,
    with_thoughts,
)

CACHE_BESIDE = Beside(cache=True)
CERTAIN = Beside(cache_for_certain=True)
REASONING_BESIDE = Beside(reasoning=True)

# What was said, what is known of the dialect; input and output as the conventions have them.
CASES: dict[str, tuple[Counts, Beside, int | None, int | None]] = {
    "within": (Counts(100, 20, cache_read=40, reasoning=5), NOTHING, 100, 20),
    "larger than the whole": (Counts(60, 20, cache_read=70), NOTHING, 130, 20),
    "the dialect's rule": (Counts(60, 20, cache_read=40), CACHE_BESIDE, 100, 20),
    "a total that includes it": (Counts(60, 20, 120, cache_read=40), NOTHING, 100, 20),
    "a total against the dialect's rule": (Counts(100, 20, 120, cache_read=40), CACHE_BESIDE, 100, 20),
    "for certain, against the total": (Counts(100, 20, 120, cache_read=40), CERTAIN, 140, 20),
    "reasoning beside, by the total": (Counts(100, 15, 120, reasoning=5), NOTHING, 100, 20),
    "reasoning beside, by the rule": (Counts(100, 15, reasoning=5), REASONING_BESIDE, 100, 20),
    "both beside, by the total": (Counts(60, 15, 120, cache_read=30, cache_write=10, reasoning=5), NOTHING, 100, 20),
    "a total that fits nothing": (Counts(60, 20, 999, cache_read=40), CACHE_BESIDE, 100, 20),
    "the uncached part": (Counts(None, 20, input_uncached=60, cache_read=40), CACHE_BESIDE, 100, 20),
    "output by the total": (Counts(100, None, 120), NOTHING, 100, 20),
    "input by the total": (Counts(None, 20, 120), NOTHING, 100, 20),
    "a total alone": (Counts(None, None, 120), NOTHING, None, None),
    "nothing": (Counts(), NOTHING, None, None),
}


@pytest.mark.parametrize(("counts", "beside", "expected_in", "expected_out"), CASES.values(), ids=CASES.keys())
def test_parts_come_within_their_wholes(
    counts: Counts, beside: Beside, expected_in: int | None, expected_out: int | None
) -> None:
    """By size, by the total, by the dialect."""
    usage = usage_of(counts, beside)
    assert (usage.input, usage.output) == (expected_in, expected_out)


def test_embeddings_have_input_only() -> None:
    """So their total is it."""
    assert usage_of(Counts(total=7), NOTHING, embeds=True)[:2] == (7, None)
    assert usage_of(Counts(7, None, 7), NOTHING, embeds=True)[:2] == (7, None)


OBJECTS: dict[str, tuple[Any, Counts | None]] = {
    "OpenAI": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        Counts(100, 20, 120, cache_read=40, reasoning=5, audio_input=3),
    ),
    "Anthropic": (
        {"input_tokens": 60, "output_tokens": 20, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 10},
        Counts(60, 20, cache_read=30, cache_write=10),
    ),
    "LangChain": (
        {"input_tokens": 100, "input_token_details": {"cache_read": 40}, "output_token_details": {"reasoning": 5}},
        Counts(100, cache_read=40, reasoning=5),
    ),
    "AI SDK": ({"inputTokens": "100", "outputTokens": 20, "cachedInputTokens": 40}, Counts(100, 20, cache_read=40)),
    "one level down": ({"usage": {"input": 1}}, Counts(1)),
    "no counts": ({"input_tokens": "many"}, None),
    "no object": ([1], None),
}


@pytest.mark.parametrize(("tree", "expected"), OBJECTS.values(), ids=OBJECTS.keys())
def test_usage_objects(tree: Any, expected: Counts | None) -> None:
    """Under the names of providers and frameworks."""
    assert counts_in(tree) == expected


def test_buckets() -> None:
    """Langfuse's own names are of parts that add up; providers' names are not."""
    assert has_buckets({"input": 1})
    assert not has_buckets({"input_tokens": 1})
    assert not has_buckets([])


def test_details_in_a_repr() -> None:
    """Where the text is of the same call: it names as many input tokens."""
    text = "ChatMessage(_meta={'usage': {'prompt_tokens': 100, 'prompt_tokens_details': {'cached_tokens': 40}}})"
    assert counts_in_repr(text, 100) == Counts(cache_read=40)
    assert counts_in_repr(text, 99) == Counts()
    assert counts_in_repr("usage=Usage(prompt_tokens=7, reasoning_tokens=3, cached_tokens=0)", 7) == Counts(
        cache_read=0, reasoning=3
    )
    assert counts_in_repr(text + "'cached_tokens': 99", 100) == Counts(), "which of the two?"


def test_thoughts_that_only_the_total_tells_of() -> None:
    """What is named, and what adds up, stays."""
    said = Counts(input=5, output=845, total=2023)
    assert usage_of(with_thoughts(said), NOTHING) == Usage(5, 2018, reasoning=1173)
    for other in (Counts(input=5, output=3, total=8), Counts(total=8), Counts(input=5, output=3, total=9, reasoning=1)):
        assert with_thoughts(other) == other


counts = st.none() | st.integers(0, 50)


@settings(max_examples=100)
@given(st.builds(Counts, *[counts] * 7), st.builds(Beside, st.booleans(), st.booleans(), st.booleans()))
def test_no_part_is_larger_than_its_whole(said: Counts, beside: Beside) -> None:
    """Whatever was said: a price would fail on it."""
    usage = usage_of(said, beside)
    assert usage.cache_read + usage.cache_write <= (usage.input or 0)
    assert usage.reasoning <= (usage.output or 0)
