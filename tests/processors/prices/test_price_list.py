from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import genai_prices
import pytest
from genai_prices import data_snapshot
from genai_prices.units import _get_registry
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.prices import price_list as module
from processors.prices.price import Cost, Tokens
from processors.prices.price_list import ListedModel, PriceList
from processors.prices.service_tier import price_context

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PRICES = PriceList()
MODELS = [(provider, model) for provider in data_snapshot.get_snapshot().providers for model in provider.models]
TIERS = (None, "batch", "fast", "flex", "priority")


def expected(provider: Any, model: Any, tokens: Tokens, time: datetime, tier: str | None = None) -> Cost | None:
    """What the package says; None where it finds that the counts contradict each other."""
    usage = genai_prices.Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        output_reasoning_tokens=tokens.reasoning,
        input_audio_tokens=tokens.audio_input,
        output_audio_tokens=tokens.audio_output,
        cache_audio_read_tokens=tokens.audio_cache_read,
    )
    try:
        price = model.calc_price(usage, provider, genai_request_timestamp=time, price_context=price_context(tier))
    except ValueError:
        return None
    return Cost(float(price.total_price), float(price.input_price), float(price.output_price))


def assert_same(provider: Any, model: Any, tokens: Tokens, time: datetime = NOW, tier: str | None = None) -> None:
    listed = ListedModel(provider, model)
    got = listed.cost(tokens, (time - EPOCH) // timedelta(microseconds=1) * 1000, tier)
    want = expected(provider, model, tokens, time, tier)
    if want is None:
        want = expected(provider, model, Tokens(*tokens[:5]), time, tier)
    if got is None:
        assert not want or not want.total, listed.name
    else:
        assert got == want, listed.name


def prices_of(model: Any) -> Iterator[dict[str, Any]]:
    dated = [price.prices for price in model.prices] if isinstance(model.prices, list) else [model.prices]
    for prices in (*dated, *(variant.prices for variant in model.price_variants or ())):
        yield dict(prices.__dict__)


def moments(model: Any) -> list[datetime]:
    """Around every change of the model's prices."""
    conditions = [price.constraint for price in model.prices] if isinstance(model.prices, list) else []
    conditions += [variant.constraint for variant in model.price_variants or ()]
    dates = {condition.start_date for condition in conditions if hasattr(condition, "start_date")}
    times = {
        at.replace(tzinfo=None)
        for condition in conditions
        if hasattr(condition, "start_time")
        for at in (condition.start_time, condition.end_time)
    }
    changes = [datetime(date.year, date.month, date.day, tzinfo=UTC) for date in dates]
    changes += [datetime.combine(NOW.date(), at, tzinfo=UTC) for at in times]
    return [change + timedelta(microseconds=offset) for change in changes for offset in (-1, 0)]


PLAIN, CACHED = Tokens(1234, 567), Tokens(180_000, 567, 100_000, 3000, 99)


def test_every_model_of_the_list() -> None:
    """Plain and cached calls cost what the package says, to the last digit, total and parts."""
    assert len(MODELS) > 2000
    for provider, model in MODELS:
        for used in (PLAIN, CACHED):
            assert_same(provider, model, used)


def test_every_context_tier_of_the_list() -> None:
    """Tiers begin above their threshold: one below, at it and one above, cached or not."""
    tiered = {
        (provider.id, model.id, tier.start): (provider, model)
        for provider, model in MODELS
        for prices in prices_of(model)
        for price in prices.values()
        for tier in getattr(price, "tiers", ())
    }
    assert len(tiered) > 100
    for (_, _, start), (provider, model) in tiered.items():
        for tokens_in in (start - 1, start, start + 1):
            assert_same(provider, model, Tokens(tokens_in, 1000, tokens_in // 2))


def test_every_date_and_hour_of_the_list() -> None:
    """A microsecond before and at each change of price, also where it comes every day."""
    dated = [(provider, model, at) for provider, model in MODELS for at in moments(model)]
    assert len(dated) > 500
    for provider, model, at in dated:
        assert_same(provider, model, CACHED, at)


@pytest.mark.parametrize("tier", TIERS[1:])
def test_every_service_tier_of_the_list(tier: str) -> None:
    """Batch, flex, priority and fast calls, at every date; models without such a price cost what they always do."""
    varied = [(provider, model) for provider, model in MODELS if model.price_variants]
    assert len(varied) > 100
    for provider, model in varied:
        for at in (NOW, *moments(model)):
            assert_same(provider, model, CACHED, at, tier)


def test_every_model_with_audio() -> None:
    """Audio has its own price; counts of it that contradict the others are left out."""
    models = [each for each in MODELS if any("audio" in key for prices in prices_of(each[1]) for key in prices)]
    assert models
    for provider, model in models:
        for used in (Tokens(1000, 200, 100, 0, 0, 300, 150, 50), Tokens(10, 20, 0, 0, 0, 11), Tokens(9, 9, 5, 0, 5, 5)):
            assert_same(provider, model, used)


counts = st.integers(0, 2_000_000) | st.sampled_from([0, 1, 2**40, 2**62])


@settings(max_examples=60)
@given(
    st.sampled_from(MODELS),
    st.tuples(*[counts] * 8).map(Tokens._make),
    st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # Hypothesis wants it so
    st.sampled_from(TIERS),
)
def test_any_call(model: tuple[Any, Any], used: Tokens, time: datetime, tier: str | None) -> None:
    """The same for counts that no instrumentation would send."""
    assert_same(*model, used, time, tier)


def test_only_what_has_a_price_makes_a_cost() -> None:
    """Output of a model that is priced by its input alone has none; together they have the input's."""
    provider, model = next(
        (provider, model)
        for provider, model in MODELS
        if [set(prices) for prices in prices_of(model)] == [{"input_mtok"}]
    )
    listed = ListedModel(provider, model)
    assert listed.cost(Tokens(0, 1000), 10**18) is None
    assert listed.cost(Tokens(1000, 1000), 10**18) == listed.cost(Tokens(1000, 0), 10**18) is not None


def test_prices_change_within_the_day() -> None:
    """Some models are cheaper at night. Each part of the day is compiled once."""
    provider, model = next(
        (provider, model)
        for provider, model in MODELS
        if isinstance(model.prices, list) and any(hasattr(price.constraint, "start_time") for price in model.prices)
    )
    listed = ListedModel(provider, model)
    day = datetime(2025, 6, 1, tzinfo=UTC)
    totals = set()
    for hour in range(24):
        time = day + timedelta(hours=hour)
        cost = listed.cost(PLAIN, int(time.timestamp()) * 10**9)
        assert cost == expected(provider, model, PLAIN, time)
        totals.add(cost)
    assert 1 < len(totals) <= len(listed._by_time) < 5


def test_a_service_tier_is_the_sellers_own() -> None:
    """Azure sells OpenAI's models; that says nothing about its batch prices."""
    listed = PRICES.find([("azure", "gpt-4.1-mini")]), PRICES.find([("openai", "gpt-4.1-mini")])
    totals = []
    for model in listed:
        assert model is not None
        time = int(NOW.timestamp()) * 10**9
        totals.append((model.cost(PLAIN, time), model.cost(PLAIN, time, "batch")))
    assert totals[0][0] == totals[0][1]
    assert totals[1][0] != totals[1][1]


def test_memory_of_days_is_bounded() -> None:
    """Spans may claim any date."""
    listed = PRICES.find([("openai", "gpt-4o")])
    assert listed is not None
    for day in range(1000):
        listed.cost(PLAIN, day * 86_400 * 10**9)
    assert len(listed._by_time) <= module._MAX_TIMES


def test_every_price_key_of_the_package_is_accounted_for() -> None:
    """A release that prices what spans report in a new way must be looked at, not mispriced."""
    listed = {key for _, model in MODELS for prices in prices_of(model) for key in prices}
    assert listed <= module._KNOWN
    assert set(module._KNOWN) <= {unit.price_key for unit in _get_registry().units.values()}


def test_models_without_a_token_price_have_no_cost() -> None:
    """The package says 0."""
    listed = PRICES.find([("cerebras", "qwen-3-coder-480b")])
    assert listed is not None
    assert listed.cost(Tokens(1000, 1000), 0) is None


def test_models_listed_as_free_cost_nothing() -> None:
    """That they have no price is their price."""
    listed = PRICES.find([("openrouter", "meta-llama/llama-3.3-70b-instruct:free")])
    assert listed is not None
    assert listed.cost(Tokens(1000, 1000), 0) == Cost(0.0, 0.0, 0.0)


def test_unknown_models_are_not_found() -> None:
    """Neither under a provider nor without one."""
    assert PRICES.find([("openai", "no-such-model"), (None, "no-such-model"), ("nobody", "gpt-4o")]) is None


def test_the_first_reference_in_the_list_is_taken() -> None:
    """Whatever comes after it."""
    listed = PRICES.find([("openai", "no-such-model"), ("openai", "gpt-4o-mini"), ("openai", "gpt-4o")])
    assert listed is not None
    assert listed.name == "openai/gpt-4o-mini"
    assert listed.cost(Tokens(1_000_000, 0), 10**18) == Cost(0.15, 0.15, 0.0)
