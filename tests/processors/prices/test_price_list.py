from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import genai_prices
from genai_prices import data_snapshot
from genai_prices.units import _get_registry
from hypothesis import given
from hypothesis import strategies as st

from processors.prices import price_list as module
from processors.prices.price import Tokens
from processors.prices.price_list import PriceList

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRICES = PriceList()
MODELS = [(provider.id, model) for provider in data_snapshot.get_snapshot().providers for model in provider.models]


def expected_total(provider: str, model: str, tokens: Tokens, time: datetime) -> float | None:
    try:
        price = genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=tokens.input,
                output_tokens=tokens.output,
                cache_read_tokens=tokens.cache_read,
                cache_write_tokens=tokens.cache_write,
                output_reasoning_tokens=tokens.reasoning,
                input_audio_tokens=tokens.audio_input,
                output_audio_tokens=tokens.audio_output,
                cache_audio_read_tokens=tokens.audio_cache_read,
            ),
            model,
            provider_id=provider,
            genai_request_timestamp=time,
        )
    except ValueError:
        return None
    return float(price.total_price)


@st.composite
def tokens(draw: st.DrawFn, *, audio: bool) -> Tokens:
    counts = st.integers(0, 2_000_000) | st.sampled_from([0, 1, 127_999, 128_000, 128_001, 200_000, 200_001, 272_001])
    tokens_in, tokens_out = draw(counts), draw(counts)
    read = draw(st.integers(0, tokens_in))
    write = draw(st.integers(0, tokens_in - read))
    reasoning = draw(st.integers(0, tokens_out))
    if not audio:
        return Tokens(tokens_in, tokens_out, read, write, reasoning)
    audio_in = draw(st.integers(0, tokens_in))
    return Tokens(
        tokens_in,
        tokens_out,
        read,
        write,
        reasoning,
        audio_in,
        draw(st.integers(0, tokens_out)),
        draw(st.integers(0, min(audio_in, read))),
    )


times = st.integers(
    int(datetime(2023, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
)
VARYING = [
    (provider, model)
    for provider, model in MODELS
    if isinstance(model.prices, list) or any(not hasattr(value, "as_tuple") for value in model.prices.__dict__.values())
]


@given(st.sampled_from(MODELS) | st.sampled_from(VARYING), tokens(audio=False), times)
def test_costs_are_those_of_the_package(model: tuple[str, Any], used: Tokens, time_s: int) -> None:
    """To the last digit: over all models, tiers, dates, times of day and kinds of tokens."""
    provider, info = model
    listed = PRICES.find([(provider, info.id)])
    if listed is None:  # some ids are not among what they match
        return
    cost = listed.at(time_s * 10**9)(used)
    expected = expected_total(provider, info.id, used, EPOCH + timedelta(seconds=time_s))
    if cost is None:
        assert not expected
    else:
        assert cost.total == expected


AUDIO = [
    (provider, model)
    for provider, model in MODELS
    if "audio" in str(vars(model.prices) if not isinstance(model.prices, list) else vars(model.prices[-1].prices))
]


@given(st.sampled_from(AUDIO), tokens(audio=True), times)
def test_costs_with_audio(model: tuple[str, Any], used: Tokens, time_s: int) -> None:
    """The same; where the package finds the audio counts at odds with the others, they are left out."""
    provider, info = model
    listed = PRICES.find([(provider, info.id)])
    if listed is None:
        return
    cost = listed.at(time_s * 10**9)(used)
    time = EPOCH + timedelta(seconds=time_s)
    expected = expected_total(provider, info.id, used, time)
    if expected is None:
        expected = expected_total(provider, info.id, Tokens(*used[:5]), time)
    if cost is None:
        assert not expected
    else:
        assert cost.total == expected


def latest(model: Any) -> dict[str, Any]:
    prices = model.prices[-1].prices if isinstance(model.prices, list) else model.prices
    return dict(prices.__dict__)


def assert_same(provider: str, model: str, used: Tokens) -> None:
    """As of 2026-11-01."""
    time = datetime(2026, 11, 1, tzinfo=UTC)
    listed = PRICES.find([(provider, model)])
    if listed is not None:
        cost = listed.at(int(time.timestamp()) * 10**9)(used)
        assert (cost.total if cost else 0.0) == expected_total(provider, model, used, time)


def test_tiers_begin_above_their_threshold() -> None:
    """At it, one below and one above, for every model with tiers."""
    tiered = [
        (provider, model.id, tier.start)
        for provider, model in MODELS
        for price in latest(model).values()
        for tier in getattr(price, "tiers", ())
    ]
    assert len(tiered) > 100
    for provider, model, start in tiered:
        for tokens_in in (start - 1, start, start + 1):
            assert_same(provider, model, Tokens(tokens_in, 1000, tokens_in // 2))


def test_reasoning_with_a_price_of_its_own() -> None:
    """It is taken out of the output."""
    models = [(provider, model.id) for provider, model in MODELS if "output_reasoning_mtok" in latest(model)]
    assert models
    for provider, model in models:
        assert_same(provider, model, Tokens(1000, 1000, reasoning=400))


def test_only_what_has_a_price_makes_a_cost() -> None:
    """Output of a model that is priced by its input alone has none; together they have the input's."""
    provider, model = next((provider, model) for provider, model in MODELS if latest(model).keys() == {"input_mtok"})
    listed = PRICES.find([(provider, model.id)])
    assert listed is not None
    assert listed.at(10**18)(Tokens(0, 1000)) is None
    assert listed.at(10**18)(Tokens(1000, 1000)) == listed.at(10**18)(Tokens(1000, 0)) is not None


def test_prices_change_within_the_day() -> None:
    """Some models are cheaper at night."""
    hourly = next(
        (provider, model)
        for provider, model in MODELS
        if isinstance(model.prices, list) and any(hasattr(price.constraint, "start_time") for price in model.prices)
    )
    listed = PRICES.find([(hourly[0], hourly[1].id)])
    assert listed is not None
    day = datetime(2025, 6, 1, tzinfo=UTC)
    used = Tokens(1_000_000, 1_000_000)
    totals = set()
    for hour in range(24):
        time = day + timedelta(hours=hour)
        cost = listed.at(int(time.timestamp()) * 10**9)(used)
        assert cost is not None
        assert cost.total == expected_total(hourly[0], hourly[1].id, used, time)
        totals.add(cost.total)
    assert len(totals) > 1


def test_every_price_key_of_the_package_is_accounted_for() -> None:
    """A release that prices what spans report in a new way must be looked at, not mispriced."""
    listed = {
        key
        for _, model in MODELS
        for prices in ([price.prices for price in model.prices] if isinstance(model.prices, list) else [model.prices])
        for key in prices.__dict__
    }
    assert listed <= module._KNOWN
    assert set(module._KNOWN) <= {unit.price_key for unit in _get_registry().units.values()}


def test_models_without_a_token_price_have_no_cost() -> None:
    """The package says 0."""
    listed = PRICES.find([("cerebras", "qwen-3-coder-480b")])
    assert listed is not None
    assert listed.at(0)(Tokens(1000, 1000)) is None


def test_unknown_models_are_not_found() -> None:
    """Neither under a provider nor without one."""
    assert PRICES.find([("openai", "no-such-model"), (None, "no-such-model"), ("nobody", "gpt-4o")]) is None


def test_the_first_reference_in_the_list_is_taken() -> None:
    """Whatever comes after it."""
    listed = PRICES.find([("openai", "no-such-model"), ("openai", "gpt-4o-mini"), ("openai", "gpt-4o")])
    assert listed is not None
    cost = listed.at(10**18)(Tokens(1_000_000, 0))
    assert cost is not None
    assert cost.total == 0.15
