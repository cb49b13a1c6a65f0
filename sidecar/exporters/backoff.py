"""How long to wait before trying again. Pure: time and chance come in."""

from __future__ import annotations

import math
import random
from typing import Final

from sidecar.exporters.config import RetryConfig

MAX_THROTTLE_S: Final = 300.0
"""The longest wait a backend can ask for: an answer with a typing error in it must not stop delivery for a year."""


def throttle_s(after_s: float | None) -> float:
    """What the backend asked for, if that is a length of time, and within bounds."""
    if after_s is None or math.isnan(after_s):
        return 0.0
    return min(max(after_s, 0.0), MAX_THROTTLE_S)


class Backoff:
    """Waits that grow by `multiplier` from `initial_interval` to `max_interval`, each drawn from ± its share."""

    def __init__(self, config: RetryConfig, chance: random.Random) -> None:
        self._config = config
        self._chance = chance
        self._interval_s = config.initial_interval

    def next_s(self) -> float:
        interval_s = self._interval_s
        self._interval_s = min(interval_s * self._config.multiplier, self._config.max_interval)
        spread = self._config.randomization_factor
        return interval_s * self._chance.uniform(1 - spread, 1 + spread)

    def reset(self) -> None:
        self._interval_s = self._config.initial_interval


class Gate:
    """What all consumers of one exporter know of its backend.

    open    attempts go out side by side
    narrow  an attempt failed: one at a time, and none before `blocked_until`

    The first failure only narrows: one batch that the backend cannot digest must not stop the others. Failures that
    follow it without a success between them block the gate for a growing time. Any other answer opens it. An attempt
    that began before the last change changes nothing, but for the wait that the backend asks for.
    """

    def __init__(self, config: RetryConfig, chance: random.Random) -> None:
        self._backoff = Backoff(config, chance)
        self._round = 0
        self.narrow = False
        self.blocked_until = 0.0

    def begin(self) -> int:
        """A mark for the attempt that begins now, to tell what it already knew of."""
        return self._round

    def failed(self, mark: int, now: float, after_s: float | None) -> None:
        wait_s = throttle_s(after_s)
        if mark == self._round:
            self._round += 1
            if self.narrow:
                wait_s = max(wait_s, self._backoff.next_s())
        self.narrow = True
        self.blocked_until = max(self.blocked_until, now + wait_s)

    def answered(self, mark: int) -> bool:
        """The backend delivered or refused: it is there. True if that opened the gate."""
        if not self.narrow or mark != self._round:
            return False
        self._round += 1
        self.narrow = False
        self.blocked_until = 0.0
        self._backoff.reset()
        return True
