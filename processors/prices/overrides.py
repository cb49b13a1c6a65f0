"""`cost.prices:` the user's own prices, which come before the built-in list."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from processors.genai.model_call import ModelCall
from processors.prices.names import canonical_provider, references
from processors.prices.price import Cost, Tokens
from processors.prices.price_list import ListedModel, PriceList
from processors.section import StrictModel
from processors.values import glob_regex

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]

_MILLION: Final = Decimal(1_000_000)
_PRICES: Final = (
    "input_per_million",
    "output_per_million",
    "cache_read_per_million",
    "cache_write_per_million",
    "per_request",
)


class PriceOverride(StrictModel):
    """What the models of one provider cost. The first override that fits a call is used."""

    provider: Name
    """Glob, without regard to case: the provider as spans name it (`azure.ai.openai`), or its usual name (`azure`)."""
    model: Name
    """Glob, without regard to case: the model that was asked for, or the one that answered."""
    input_per_million: Usd | None = None
    """USD for a million input tokens; absent: 0."""
    output_per_million: Usd | None = None
    """USD for a million output tokens; absent: 0."""
    cache_read_per_million: Usd | None = None
    """USD for a million tokens read from a cache; absent: they cost what input costs."""
    cache_write_per_million: Usd | None = None
    """USD for a million tokens written to a cache; absent: they cost what input costs."""
    per_request: Usd | None = None
    """USD for each call, on top."""
    same_as: Annotated[str, Field(pattern=r"^[^/]+/.+$")] | None = None
    """`provider/model` of the built-in price list whose prices hold here too."""

    @model_validator(mode="after")
    def _one_kind_of_price(self) -> Self:
        given = [name for name in _PRICES if getattr(self, name) is not None]
        if self.same_as and given:
            raise ValueError(f"same_as takes the place of prices: leave out {', '.join(given)}")
        if self.same_as is None and not {"input_per_million", "output_per_million", "per_request"} & set(given):
            raise ValueError("a price is needed: input_per_million, output_per_million or per_request, or else same_as")
        return self


class Override:
    """A `PriceOverride` at work."""

    def __init__(self, section: PriceOverride, price_list: PriceList) -> None:
        self._provider = glob_regex((section.provider.lower(),))
        self._model = glob_regex((section.model.lower(),))
        self.listed: ListedModel | None = None
        self.linear: LinearPrice | None = None
        if section.same_as is None:
            self.linear = LinearPrice(section)
        else:
            self.listed = same_as_model(section.same_as, price_list)

    def fits(self, call: ModelCall) -> bool:
        names = ((call.provider or "").lower(), canonical_provider(call.provider) or "")
        models = (call.request_model, call.response_model)
        return any(self._provider.fullmatch(name) for name in names if self._provider) and any(
            self._model.fullmatch(model.lower()) for model in models if model and self._model
        )


def same_as_model(same_as: str, price_list: PriceList) -> ListedModel | None:
    """What `same_as` points at; None if the built-in list has no such model."""
    provider, _, model = same_as.partition("/")
    return price_list.find(references(provider, (model,)))


class LinearPrice:
    def __init__(self, section: PriceOverride) -> None:
        self._input = _rate(section.input_per_million)
        self._output = _rate(section.output_per_million)
        self._cache_read = _rate(section.cache_read_per_million, self._input)
        self._cache_write = _rate(section.cache_write_per_million, self._input)
        self._fee = _rate(section.per_request)

    def __call__(self, tokens: Tokens) -> Cost:
        uncached = tokens.input - tokens.cache_read - tokens.cache_write
        cost_in = self._input * uncached + self._cache_read * tokens.cache_read + self._cache_write * tokens.cache_write
        cost_in /= _MILLION
        cost_out = self._output * tokens.output / _MILLION
        return Cost(float(cost_in + cost_out + self._fee), float(cost_in), float(cost_out))


def _rate(price: float | None, default: Decimal = Decimal(0)) -> Decimal:
    return default if price is None else Decimal(repr(price))
