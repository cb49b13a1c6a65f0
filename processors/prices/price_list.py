"""The built-in price list: genai-prices, looked up once per model and day instead of once per call.

Results equal `genai_prices.calc_price(…)` to the last digit, because the same decimals are added in the same order;
what cannot be compiled that way is passed to the package itself. A model that it does not know, or knows without a
price, has no cost here, where the package says 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from processors.prices.price import Cost, Tokens

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider, TieredPrices

Price = Callable[[Tokens], Cost | None]
"""The cost of so many tokens; None where nothing of what was used has a price."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_NANO: Final = 86_400 * 10**9
_MILLION: Final = Decimal(1_000_000)
_THOUSAND: Final = Decimal(1_000)
_ZERO: Final = Decimal(0)
_MAX_DAYS: Final = 64
_MAX_LOOKUPS: Final = 4096

_COMPILED: Final = {
    "input_mtok": 0,
    "output_mtok": 1,
    "cache_read_mtok": 2,
    "cache_write_mtok": 3,
    "output_reasoning_mtok": 4,
}
"""Price keys whose tokens spans report, and where `_leaves` puts their number."""

_NEVER_REPORTED: Final = frozenset(
    {
        "cache_write_5m_mtok",
        "cache_write_1h_mtok",
        "input_image_mtok",
        "input_video_mtok",
        "output_image_mtok",
        "output_video_mtok",
        "output_citation_mtok",
        "cache_image_read_mtok",
        "audio_hours",
        "input_audio_hours",
        "output_audio_hours",
        "input_mchars",
        "input_text_messages_kcount",
        "input_document_kpages",
        "input_annotated_document_kpages",
        "rerank_searches_kcount",
        "web_searches_kcount",
        "social_searches_kcount",
        "storage_searches_kcount",
        "code_executions_kcount",
    }
)
_AUDIO: Final = frozenset({"input_audio_mtok", "output_audio_mtok", "cache_audio_read_mtok"})
_REQUESTS: Final = "requests_kcount"
_PRICED: Final = frozenset(_COMPILED) | _AUDIO | {_REQUESTS}
_KNOWN: Final = _PRICED | _NEVER_REPORTED
_OUTPUT: Final = (1, 4)

Reference = tuple[str | None, str]


class PriceList:
    """Creating one loads the package, half a second and some 40 MB: only whoever prices does."""

    def __init__(self) -> None:
        import genai_prices  # noqa: PLC0415  # see the class
        from genai_prices.data_snapshot import DataSnapshot, get_snapshot  # noqa: PLC0415

        self.version = genai_prices.__version__
        self._new_snapshot = partial(DataSnapshot, get_snapshot().providers, from_auto_update=False)
        self._snapshot = self._new_snapshot()
        self._lookups = 0

    def find(self, references: Iterable[Reference]) -> ListedModel | None:
        """The first of (provider, model) that is in the list; a provider of None is found by the model."""
        for provider, model in references:
            self._lookups += 1
            if self._lookups % _MAX_LOOKUPS == 0:
                # A snapshot remembers every name it was ever asked for.
                self._snapshot = self._new_snapshot()
            try:
                return ListedModel(*self._snapshot.find_provider_model(model, None, provider, None))
            except LookupError:
                continue
        return None


class ListedModel:
    """One model of the price list, with its prices over time."""

    __slots__ = ("_by_day", "_is_hourly", "_model", "_provider")

    def __init__(self, provider: Provider, model: ModelInfo) -> None:
        self._provider = provider
        self._model = model
        self._is_hourly = isinstance(model.prices, list) and any(
            hasattr(price.constraint, "start_time") for price in model.prices
        )
        self._by_day: dict[int, Price] = {}

    def at(self, time_unix_nano: int) -> Price:
        """Its price for requests made at that time."""
        day = time_unix_nano // _DAY_NANO
        price = self._by_day.get(day)
        if price is None:
            time = _EPOCH + timedelta(microseconds=time_unix_nano // 1000)
            price = _compiled(self._provider, self._model, time)
            if not self._is_hourly:
                if len(self._by_day) >= _MAX_DAYS:
                    self._by_day.clear()
                self._by_day[day] = price
        return price


def _compiled(provider: Provider, model: ModelInfo, time: datetime) -> Price:
    listed = {key: value for key, value in model.get_prices(time).__dict__.items() if value is not None}
    if not listed.keys() & _PRICED:
        return _no_price
    terms = [(_COMPILED[key], value) for key, value in listed.items() if key in _COMPILED]
    per_request = listed.get(_REQUESTS)
    parts = frozenset(index for index, _ in terms)
    if (
        listed.keys() - _KNOWN
        or not (per_request is None or isinstance(per_request, Decimal))
        or (parts & {2, 3} and 0 not in parts)
        or (4 in parts and 1 not in parts)
    ):
        return partial(_calculated, provider, model, time)
    fee = per_request / _THOUSAND if per_request is not None else None

    def price(tokens: Tokens) -> Cost | None:
        if tokens.audio_input or tokens.audio_output or tokens.audio_cache_read:
            return _calculated(provider, model, time, tokens)
        leaves = _leaves(tokens, parts)
        if fee is None and (tokens.input or tokens.output) and not any(leaves[index] for index, _ in terms):
            return None
        total, by_direction = _ZERO, [_ZERO, _ZERO]
        for index, value in terms:
            rate = value if isinstance(value, Decimal) else _tier(value, tokens.input)
            amount = rate * leaves[index] / _MILLION
            total += amount
            by_direction[index in _OUTPUT] += amount
        if fee is not None:
            total += fee
        return Cost(float(total), float(by_direction[0]), float(by_direction[1]))

    return price


def _no_price(tokens: Tokens) -> Cost | None:  # noqa: ARG001  # the same for any
    return None


def _calculated(provider: Provider, model: ModelInfo, time: datetime, tokens: Tokens) -> Cost | None:
    """By the package; without the details if it finds that they contradict each other."""
    from genai_prices import Usage  # noqa: PLC0415  # loaded already, see PriceList

    for usage in (_detailed(tokens), _without_audio(tokens)):
        try:
            price = model.calc_price(Usage(**usage), provider, genai_request_timestamp=time)
        except ValueError:
            continue
        return Cost(float(price.total_price), float(price.input_price), float(price.output_price))
    return None


def _leaves(tokens: Tokens, parts: frozenset[int]) -> tuple[int, int, int, int, int]:
    """Tokens at each price: a part with a price of its own is taken out of the whole it belongs to."""
    read = tokens.cache_read if 2 in parts else 0
    write = tokens.cache_write if 3 in parts else 0
    reasoning = tokens.reasoning if 4 in parts else 0
    return tokens.input - read - write, tokens.output - reasoning, read, write, reasoning


def _tier(prices: TieredPrices, input_tokens: int) -> Decimal:
    """The whole call is charged at the rate of the highest tier that its input is above."""
    for tier in reversed(prices.tiers):
        if input_tokens > tier.start:
            return tier.price
    return prices.base


def _without_audio(tokens: Tokens) -> dict[str, int]:
    return {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_tokens": tokens.cache_read,
        "cache_write_tokens": tokens.cache_write,
        "output_reasoning_tokens": tokens.reasoning,
    }


def _detailed(tokens: Tokens) -> dict[str, int]:
    return _without_audio(tokens) | {
        "input_audio_tokens": tokens.audio_input,
        "output_audio_tokens": tokens.audio_output,
        "cache_audio_read_tokens": tokens.audio_cache_read,
    }
