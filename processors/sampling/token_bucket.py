"""A token bucket that lets a large trace through and has it paid for afterwards.

Invariants
 1. Over any time t no more than `burst + rate * t` tokens are taken, but for one trace that found the bucket full.
 2. `tokens` never exceeds `burst`; it is below zero only after a trace larger than `burst`.

The Collector's bucket refuses what is larger than the burst for ever. Here such a trace passes when the bucket is full
and leaves it in debt: the rate holds on average, and no trace is too large to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    rate: float
    """Tokens a second."""
    burst: float
    """Tokens that can be saved up."""
    tokens: float = field(init=False)
    _filled_s: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def has(self, cost: float, now_s: float) -> bool:
        """Whether there is enough, or, for what is larger than the burst, as much as there can be."""
        self._fill(now_s)
        return self.tokens >= min(cost, self.burst) and self.burst > 0

    def take(self, cost: float, now_s: float) -> bool:
        """Takes the cost if `has` it."""
        if not self.has(cost, now_s):
            return False
        self.tokens -= cost
        return True

    def _fill(self, now_s: float) -> None:
        before = self._filled_s
        if before is not None and now_s > before:
            self.tokens = min(self.burst, self.tokens + (now_s - before) * self.rate)
        if before is None or now_s > before:
            self._filled_s = now_s
