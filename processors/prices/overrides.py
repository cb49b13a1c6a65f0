"""`cost.prices:` the user's own prices, which come before the built-in list."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from processors.genai.model_call import ModelCall
from processors.prices.names import canonical_provider, references
from processors.prices.price import Cost, Tokens
from processors.prices.price_list import ListedModel, PriceList
from processors.prices.token_price import Rate, TokenPrice
from processors.section import StrictModel
from processors.values import glob_regex

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]

_WHOLE: Final = ("input_per_million", "output_per_million", "per_request", "per_second")
_PRICES: Final = (*_WHOLE[:2], "cache_read_per_million", "cache_write_per_million", *_WHOLE[2:])


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
    per_second: Usd | None = None
    """USD for each second from a call's start to its end, on top: what hardware costs that is paid by the hour."""
    same_as: Annotated[str, Field(pattern=r"^[^/]+/.+$")] | None = None
    """`provider/model` of the built-in price list whose prices hold here too."""

    @model_validator(mode="after")
    def _one_kind_of_price(self) -> Self:
        given = [name for name in _PRICES if getattr(self, name) is not None]
        if self.same_as and given:
            raise ValueError(f"same_as takes the place of prices: leave out {', '.join(given)}")
        if self.same_as is None and not set(_WHOLE) & set(given):
            raise ValueError(f"a price is needed: {', '.join(_WHOLE[:-1])} or {_WHOLE[-1]}, or else same_as")
        return self


class Override:
    """A `PriceOverride` at work."""

    def __init__(self, section: PriceOverride, price_list: PriceList) -> None:
        self._provider = glob_regex((section.provider.lower(),))
        self._model = glob_regex((section.model.lower(),))
        self.price: OwnPrice | ListedModel | None
        """None where `same_as` names no model of the list: calls that fit have no cost."""
        self.price = OwnPrice(section) if section.same_as is None else same_as_model(section.same_as, price_list)

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


class OwnPrice:
    """Prices that the user gave. What has no price among them is free."""

    def __init__(self, section: PriceOverride) -> None:
        rates = {"input": _rate(section.input_per_million or 0.0), "output": _rate(section.output_per_million or 0.0)}
        if section.cache_read_per_million is not None:
            rates["cache_read"] = _rate(section.cache_read_per_million)
        if section.cache_write_per_million is not None:
            rates["cache_write"] = _rate(section.cache_write_per_million)
        self._price = TokenPrice(rates, Decimal(repr(section.per_request or 0.0)))
        self.per_second = section.per_second or 0.0
        """USD."""
        self.needs_tokens = any(getattr(section, name) is not None for name in _PRICES if name.endswith("_per_million"))
        """Without token counts there is no cost."""

    def cost(self, tokens: Tokens, duration_s: float) -> Cost | None:
        cost = self._price(tokens)
        if cost is None or not self.per_second:
            return cost
        return cost._replace(total=cost.total + self.per_second * duration_s)


def _rate(price: float) -> Rate:
    return Rate(Decimal(repr(price)))
