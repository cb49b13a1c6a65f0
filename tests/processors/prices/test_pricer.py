from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import genai_prices
import pytest
from genai_prices import data_snapshot

from processors.genai.model_call import ModelCall, read_model_call
from processors.prices import pricer as module
from processors.prices.overrides import PriceOverride
from processors.prices.pricer import Pricer
from tests.processors.genai.spans import span_of

TIME = datetime(2026, 11, 1, 12, tzinfo=UTC)
NANO = int(TIME.timestamp()) * 10**9


def call_of(provider: str | None, model: str, values: dict[str, Any] | None = None) -> ModelCall:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": 1_000_000,
        "gen_ai.usage.output_tokens": 100_000,
    }
    if provider is not None:
        attributes["gen_ai.provider.name"] = provider
    call = read_model_call(span_of(attributes | (values or {})))
    assert call is not None
    return call


def own(*prices: dict[str, Any]) -> Iterable[PriceOverride]:
    return [PriceOverride(**price) for price in prices]


PRICER = Pricer()


def test_every_model_of_the_list_by_its_name() -> None:
    """From the names on a span to the cost: what `genai_prices.calc_price` says of the same names, on each model."""
    template = call_of("openai", "gpt-4o", {"gen_ai.usage.cache_read.input_tokens": 250_000})
    usage = genai_prices.Usage(input_tokens=1_000_000, output_tokens=100_000, cache_read_tokens=250_000)
    priced = 0
    for provider in data_snapshot.get_snapshot().providers:
        for model in provider.models:
            try:
                expected = genai_prices.calc_price(
                    usage, model.id, provider_id=provider.id, genai_request_timestamp=TIME
                ).total_price
            except LookupError:  # some ids are not among what they match
                continue
            call = template._replace(provider=provider.id, request_model=model.id)
            got = PRICER.priced(call, NANO)
            if got is None:
                assert expected == 0, (provider.id, model.id)  # known without a price
            else:
                assert got == float(expected), (provider.id, model.id)
            priced += got is not None
    assert priced > 2000


def test_a_cost_that_came_with_the_span_is_its_cost() -> None:
    """Zero too."""
    for reported in (0.125, 0.0):
        call = call_of("openai", "gpt-4o", {"gen_ai.usage.cost": reported})
        assert PRICER.priced(call, NANO) == reported
        assert PRICER.price(call, NANO) == ((reported, None, None), "reported")


@pytest.mark.parametrize(
    ("tier", "usd"),
    [("default", 2.8), ("auto", 2.8), ("priority", 4.9), ("batch", 1.4), ("PRIORITY", 4.9)],
)
def test_service_tiers(tier: str, usd: float) -> None:
    """The tier that answered; the one that was asked for if the answer does not say."""
    for key in ("openai.response.service_tier", "openai.request.service_tier", "gen_ai.openai.response.service_tier"):
        assert PRICER.priced(call_of("openai", "gpt-4.1", {key: tier}), NANO) == usd
    both = {"openai.request.service_tier": "priority", "openai.response.service_tier": "default"}
    assert PRICER.priced(call_of("openai", "gpt-4.1", both), NANO) == 2.8


def test_seconds_and_requests() -> None:
    """A price for the hardware or for the call needs no token counts."""
    pricer = Pricer(own({"provider": "vllm", "model": "*", "per_second": 0.001, "per_request": 0.5}))
    call = call_of("vllm", "llama")
    assert pricer.priced(call, NANO, 20.0) == pytest.approx(0.52)
    assert pricer.priced(call._replace(input_tokens=None, output_tokens=None), NANO, 20.0) == pytest.approx(0.52)


def test_a_price_for_tokens_needs_their_counts() -> None:
    """Whatever else is in it."""
    pricer = Pricer(own({"provider": "vllm", "model": "*", "per_request": 0.5, "input_per_million": 1}))
    call = call_of("vllm", "llama")
    assert pricer.priced(call, NANO) == 1.5
    assert pricer.priced(call._replace(input_tokens=None, output_tokens=None), NANO) is None


def test_own_prices_are_exact() -> None:
    """In decimals, as the list's are."""
    pricer = Pricer(own({"provider": "*", "model": "*", "input_per_million": 0.1, "output_per_million": 0.7}))
    call = call_of("a", "b")._replace(input_tokens=3_000_000, output_tokens=1_000_000)
    assert pricer.priced(call, NANO) == 1.0


def test_what_is_remembered_is_bounded() -> None:
    """Model names are made by apps; a very long one is not even looked up."""
    pricer = Pricer()
    for number in range(module._MAX_MODELS + 10):
        pricer._known[("openai", None, f"model-{number}")] = None
    pricer.priced(call_of("openai", "gpt-4o"), NANO)
    assert len(pricer._known) == 1
    assert pricer.priced(call_of("openai", "gpt-4o" + "x" * 300), NANO) is None
    assert len(pricer._known) == 1
