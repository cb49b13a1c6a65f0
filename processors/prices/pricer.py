"""What a model call cost: as reported with it, or by the user's prices, or by the built-in list."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from processors.genai.model_call import ModelCall
from processors.prices.names import references
from processors.prices.overrides import Override, OwnPrice, PriceOverride
from processors.prices.price import Cost, Tokens
from processors.prices.price_list import ListedModel, PriceList
from processors.prices.service_tier import normal_tier

REPORTED: Final = "reported"
POLICY: Final = "policy"

_MAX_MODELS: Final = 4096
_MAX_NAME_CHARS: Final = 256
_MAX_REFERENCES: Final = 48
"""Of one call: names are made by apps, and a look-up takes 0.1 ms."""

_Known = tuple[OwnPrice | ListedModel, str] | None


class Pricer:
    """Prices calls; remembers what each (provider, model) led to, unknown ones included.

    Creating one loads the price list (see `PriceList`). Light enough for every span that comes in: 2 µs a call.
    """

    def __init__(self, prices: Iterable[PriceOverride] = ()) -> None:
        self._price_list = PriceList()
        self._overrides = [Override(override, self._price_list) for override in prices]
        self._list_source = f"genai-prices@{self._price_list.version}"
        self._known: dict[tuple[str | None, str | None, str | None], _Known] = {}

    def priced(self, call: ModelCall, time_unix_nano: int, duration_s: float = 0.0) -> float | None:
        """USD; None where the cost is unknown. Only a call that `is_single` has a cost of its own: others sum up."""
        if call.reported_cost is not None:
            return call.reported_cost
        found = self.price(call, time_unix_nano, duration_s)
        return None if found is None else found[0].total

    def price(self, call: ModelCall, time_unix_nano: int, duration_s: float = 0.0) -> tuple[Cost, str] | None:
        """The cost of a call that began at that time, and where the cost is from; None where it is unknown."""
        if call.reported_cost is not None:
            return Cost(call.reported_cost), REPORTED
        key = (call.provider, call.response_model, call.request_model)
        try:
            known = self._known[key]
        except KeyError:
            known = self._find(key, call)
        if known is None:
            return None
        price, source = known
        if isinstance(price, ListedModel):
            if not call.has_usage:
                return None
            tier = call.service_tier
            cost = price.cost(Tokens.of(call), time_unix_nano, None if tier is None else normal_tier(tier))
        else:
            if price.needs_tokens and not call.has_usage:
                return None
            cost = price.cost(Tokens.of(call), duration_s)
        return None if cost is None else (cost, source)

    def _find(self, key: tuple[str | None, str | None, str | None], call: ModelCall) -> _Known:
        if any(name and len(name) > _MAX_NAME_CHARS for name in key):
            return None
        if len(self._known) >= _MAX_MODELS:
            self._known.clear()
        known = self._known[key] = self._looked_up(call)
        return known

    def _looked_up(self, call: ModelCall) -> _Known:
        for override in self._overrides:
            if override.fits(call):
                return (override.price, POLICY) if override.price is not None else None
        models = tuple(dict.fromkeys(model for model in (call.response_model, call.request_model) if model))
        listed = self._price_list.find(islice(references(call.provider, models), _MAX_REFERENCES))
        return (listed, self._list_source) if listed is not None else None
