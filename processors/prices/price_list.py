"""The built-in price list: genai-prices, compiled once per model and day instead of looked up once per call.

Results equal `genai_prices.calc_price(…)` to the last digit. A model that it knows without a price has no cost here,
where the package says 0, unless it is listed as free.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from processors.prices.price import Cost, Tokens
from processors.prices.service_tier import price_context
from processors.prices.token_price import Rate, TokenPrice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_NANO: Final = 86_400 * 10**9
_THOUSAND: Final = Decimal(1_000)
_MAX_TIMES: Final = 64
_MAX_LOOKUPS: Final = 4096

_TOKENS: Final[Mapping[str, str]] = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "audio_input",
    "output_audio_mtok": "audio_output",
    "cache_audio_read_mtok": "audio_cache_read",
}
"""Price keys whose tokens spans report, and the fields of `Tokens` that count them."""

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
_REQUESTS: Final = "requests_kcount"
_KNOWN: Final = _TOKENS.keys() | _NEVER_REPORTED | {_REQUESTS}

_FREE: Final = TokenPrice({"input": Rate(Decimal(0)), "output": Rate(Decimal(0))})
"""Of models that are listed as `…:free`, and so without prices."""

Reference = tuple[str | None, str]


class PriceList:
    """Creating one loads the package, 0.1 s and some 6 MB: only whoever prices does."""

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

    __slots__ = ("_by_time", "_changes_nano", "_model", "_provider", "_tiered")

    def __init__(self, provider: Provider, model: ModelInfo) -> None:
        self._provider = provider
        self._model = model
        self._changes_nano = _changes_nano(model)
        self._by_time: dict[int, TokenPrice | None] = {}
        self._tiered: dict[str, dict[int, TokenPrice | None]] = {}

    @property
    def name(self) -> str:
        """`provider/model`, as the list calls them."""
        return f"{self._provider.id}/{self._model.id}"

    def cost(self, tokens: Tokens, time_unix_nano: int, tier: str | None = None) -> Cost | None:
        """What a request made at that time cost; None where nothing of what was used has a price.

        `tier` is one of `service_tier.normal_tier`. Models that have no price for it cost what they cost otherwise.
        """
        by_time = self._by_time if tier is None else self._tiered.setdefault(tier, {})
        when = time_unix_nano // _DAY_NANO
        changes = self._changes_nano
        if changes:
            when = when * (len(changes) + 1) + bisect_right(changes, time_unix_nano % _DAY_NANO)
        try:
            price = by_time[when]
        except KeyError:
            price = _compiled(self._provider, self._model, time_unix_nano, tier)
            if len(by_time) >= _MAX_TIMES:
                by_time.clear()
            by_time[when] = price
        return None if price is None else price(tokens)


def _changes_nano(model: ModelInfo) -> list[int]:
    """The times of day, UTC, at which the model's price changes: nanoseconds since midnight, ascending."""
    conditions = [price.constraint for price in model.prices] if isinstance(model.prices, list) else []
    conditions += [variant.constraint for variant in model.price_variants or ()]
    return sorted(
        {
            _since_midnight_nano(at)
            for condition in conditions
            for at in (getattr(condition, "start_time", None), getattr(condition, "end_time", None))
            if isinstance(at, time)
        }
    )


def _since_midnight_nano(at: time) -> int:
    moment = datetime.combine(date(1970, 1, 2), at, tzinfo=at.tzinfo or UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000 % _DAY_NANO


def _compiled(provider: Provider, model: ModelInfo, time_unix_nano: int, tier: str | None) -> TokenPrice | None:
    """None for a model without a price for anything that spans report."""
    from genai_prices import Usage  # noqa: PLC0415  # loaded already, see PriceList

    context = price_context(tier)
    if context is not None and not any(own is model for own in provider.models):
        context = None  # a model of another's, sold by a provider that may not have that one's tiers
    listed = model.get_prices(_EPOCH + timedelta(microseconds=time_unix_nano // 1000), context)
    try:
        listed.calc_price(Usage())
    except ValueError:  # a part has a price, and the whole has none
        return None
    return _token_price(listed) or (_FREE if model.id.endswith(":free") else None)


def _token_price(listed: ModelPrice) -> TokenPrice | None:
    prices = {key: value for key, value in listed.__dict__.items() if value is not None}
    rates = {_TOKENS[key]: _rate(value) for key, value in prices.items() if key in _TOKENS}
    per_thousand = prices.get(_REQUESTS)
    if per_thousand is not None and not isinstance(per_thousand, Decimal):
        return None
    if not rates and per_thousand is None:
        return None
    return TokenPrice(rates, None if per_thousand is None else per_thousand / _THOUSAND)


def _rate(price: Decimal | TieredPrices) -> Rate:
    if isinstance(price, Decimal):
        return Rate(price)
    return Rate(price.base, tuple((tier.start, tier.price) for tier in price.tiers))
