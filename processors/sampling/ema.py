"""Sample rates by key that keep one rate overall and let every rare key through.

After Refinery's EMADynamicSampler (honeycombio/dynsampler-go, `EMASampleRate`): what a key's traffic is, is an
exponential moving average of its counts by interval. The traces to keep are shared out by the logarithm of these, so
that a key with a thousand times the traffic of another gets a few times its share, and a rare key all it has.

Invariants
 1. A rate is at least 1: one trace kept stands for `rate` of its key.
 2. A key that was never seen has rate 1, once any rates are known; before, all have the goal's.
 3. At most `max_keys` keys are followed; the traffic of others goes by the goal's rate.

Pure: time is seconds of any monotonic clock, passed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

_AGE_OUT = 0.5
"""A key whose average falls below this is forgotten."""


@dataclass(slots=True)
class EmaRates:
    goal_rate: float
    """Traces that one kept trace stands for, overall."""
    interval_s: float
    weight: float
    """Of the newest interval, between 0 and 1."""
    max_keys: int
    burst_multiple: float = 2.0
    """An interval that counts this many times what the averages expect ends early."""
    _counts: dict[str, float] = field(default_factory=dict, init=False)
    _averages: dict[str, float] = field(default_factory=dict, init=False)
    _rates: dict[str, float] = field(default_factory=dict, init=False)
    _counted: float = field(default=0.0, init=False)
    _expected: float = field(default=math.inf, init=False)
    _next_s: float | None = field(default=None, init=False)

    def count(self, key: str, now_s: float) -> float:
        """One more trace of this key; the rate for it."""
        if self._next_s is None:
            self._next_s = now_s + self.interval_s
        elif now_s >= self._next_s or self._counted >= self.burst_multiple * self._expected:
            self._adjust()
            self._next_s = now_s + self.interval_s
        if key in self._counts or len(self._counts) < self.max_keys:
            self._counts[key] = self._counts.get(key, 0.0) + 1
            self._counted += 1
            return self.rate(key)
        return self.goal_rate

    def rate(self, key: str) -> float:
        if not self._rates:
            return self.goal_rate
        return self._rates.get(key, 1.0)

    def _adjust(self) -> None:
        weight = self.weight
        averages = {}
        for key in self._averages.keys() | self._counts.keys():
            average = (1 - weight) * self._averages.get(key, 0.0) + weight * self._counts.get(key, 0.0)
            if average >= _AGE_OUT:
                averages[key] = average
        self._averages = dict(sorted(averages.items(), key=lambda entry: entry[1])[-self.max_keys :])
        self._counts = {}
        self._counted = 0.0
        self._expected = sum(self._averages.values()) or math.inf
        self._rates = shared_rates(self._averages, self.goal_rate)


def shared_rates(traffic: Mapping[str, float], goal_rate: float) -> dict[str, float]:
    """The rate of each key. What a rare key leaves of its share goes to the others, the rarest first."""
    if not traffic:
        return {}
    amounts = {key: max(1.0, amount) for key, amount in traffic.items()}
    wanted = sum(amounts.values()) / goal_rate
    logs = sum(map(math.log10, amounts.values()))
    per_log = wanted / logs if logs else 0.0
    rates: dict[str, float] = {}
    extra = 0.0
    left = len(amounts)
    for key, amount in sorted(amounts.items(), key=lambda entry: (entry[1], entry[0])):
        from_others = extra / left
        extra -= from_others
        left -= 1
        share = max(1.0, math.log10(amount) * per_log) + from_others
        rates[key] = max(1.0, amount / share)
        extra += share - amount / rates[key]
    return rates
