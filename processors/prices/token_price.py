"""Prices of tokens as whole numbers: a cost is a few multiplications, and exact until it is turned into a float.

The arithmetic is that of genai-prices. What has a price of its own (cache reads, say) is taken out of what it is part
of (the input), and what has none is charged as the whole. Tiers are cliffs: the whole call is charged at the rates of
the highest tier that its input is above. Since prices are finite decimals, sums of whole numbers over one common
divisor give the same float as sums of decimals do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from processors.prices.price import Cost, Tokens


class Rate(NamedTuple):
    """USD for a million tokens."""

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    """(start, price), ascending: what holds for inputs of more tokens than `start`."""

    def above(self, start: int) -> Decimal:
        """What holds for an input that is just above so many tokens."""
        return next((price for tier, price in reversed(self.tiers) if tier <= start), self.base)


_PARTS: Final[Mapping[str, tuple[int, ...]]] = {
    "audio_cache_read": (2, 5, 0),
    "audio_input": (0,),
    "audio_output": (1,),
    "reasoning": (1,),
    "cache_write": (0,),
    "cache_read": (0,),
    "input": (),
    "output": (),
}
"""Fields of `Tokens`, parts before wholes, with the indices of the fields they are part of."""

_INDEX: Final = {name: index for index, name in enumerate(Tokens._fields)}
_OUTPUTS: Final = frozenset({_INDEX["output"], _INDEX["reasoning"], _INDEX["audio_output"]})
_MILLION_DIGITS: Final = 6


class TokenPrice:
    """What one model's calls cost at one time. Call it with `Tokens`."""

    __slots__ = ("_divisor", "_fee", "_folded", "_has_fee", "_rates", "_starts")

    def __init__(self, rates: Mapping[str, Rate], fee: Decimal | None = None) -> None:
        """`rates` by field of `Tokens`; `fee` is USD for each call, on top.

        A rate of 0 is a price, an absent one is none.
        """
        starts = sorted({start for rate in rates.values() for start, _ in rate.tiers})
        steps = [{name: rate.above(start) for name, rate in rates.items()} for start in (-1, *starts)]
        digits = max((_digits(price) for step in steps for price in step.values()), default=0)
        digits = max(digits + _MILLION_DIGITS, _digits(fee) if fee is not None else 0)
        to_units = 10 ** (digits - _MILLION_DIGITS)
        self._starts = starts
        self._divisor = 10**digits
        self._fee = 0 if fee is None else int(fee * self._divisor)
        self._has_fee = fee is not None
        self._rates = [[(name, int(price * to_units)) for name, price in _in_order(step)] for step in steps]
        self._folded = [_folded({name: int(price * to_units) for name, price in step.items()}) for step in steps]

    def __call__(self, tokens: Tokens) -> Cost | None:
        """USD. None where nothing of what was used has a price, or where the counts contradict each other."""
        tokens_in, tokens_out, read, write, reasoning, audio_in, audio_out, audio_read = tokens
        step = bisect_left(self._starts, tokens_in) if self._starts else 0
        rate_in, rate_out, extra_read, extra_write, extra_reasoning = self._folded[step]
        cost_in = rate_in * tokens_in
        cost_out = rate_out * tokens_out
        if read or write or reasoning or audio_in or audio_out or audio_read:
            if audio_in or audio_out or audio_read or read + write > tokens_in or reasoning > tokens_out:
                return self._by_part(tokens)
            cost_in += extra_read * read + extra_write * write
            cost_out += extra_reasoning * reasoning
        total = cost_in + cost_out + self._fee
        if not total:
            return self._by_part(tokens)
        divisor = self._divisor
        return Cost(total / divisor, cost_in / divisor, cost_out / divisor)

    def _by_part(self, tokens: Tokens) -> Cost | None:
        """In full; without the audio if that contradicts the other counts."""
        without_audio = Tokens(*tokens[:5])
        return self._summed(tokens) or (self._summed(without_audio) if without_audio != tokens else None)

    def _summed(self, tokens: Tokens) -> Cost | None:
        rates = self._rates[bisect_left(self._starts, tokens.input)]
        left = list(tokens)
        priced = {_INDEX[name] for name, _ in rates}
        used = False
        costs = [0, 0]
        for name, rate in rates:
            index = _INDEX[name]
            alone = left[index]
            if alone < 0:
                return None
            for whole in _PARTS[name]:
                if whole in priced:
                    left[whole] -= alone
            used = used or alone > 0
            costs[index in _OUTPUTS] += rate * alone
        if not (used or self._has_fee) and (tokens.input or tokens.output):
            return None
        divisor = self._divisor
        return Cost((sum(costs) + self._fee) / divisor, costs[0] / divisor, costs[1] / divisor)


def _digits(price: Decimal) -> int:
    """After the decimal point."""
    exponent = price.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _in_order(step: Mapping[str, Decimal]) -> Sequence[tuple[str, Decimal]]:
    return [(name, step[name]) for name in _PARTS if name in step]


def _folded(rates: Mapping[str, int]) -> tuple[int, int, int, int, int]:
    """Input and output, and what each cached or reasoning token costs more than the others."""
    rate_in, rate_out = rates.get("input", 0), rates.get("output", 0)
    return (
        rate_in,
        rate_out,
        rates["cache_read"] - rate_in if "cache_read" in rates else 0,
        rates["cache_write"] - rate_in if "cache_write" in rates else 0,
        rates["reasoning"] - rate_out if "reasoning" in rates else 0,
    )
