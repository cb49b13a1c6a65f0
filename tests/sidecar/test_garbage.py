from __future__ import annotations

import asyncio
import gc

import pytest

from sidecar.clock import SystemClock
from sidecar.garbage import LEAST_OFTEN_S, MOST_OFTEN_S, collect_garbage


class _Waits(SystemClock):
    """No wait takes any time; after the given number of them the task is cancelled."""

    def __init__(self, count: int) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._count = count

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert gc.get_threshold()[2] > 1_000_000, "no full collection by Python itself"
        assert gc.get_freeze_count() > 0
        self.waits.append(seconds)
        self.now += seconds
        if len(self.waits) == self._count:
            raise asyncio.CancelledError


def test_full_collections_come_as_seldom_as_they_are_slow() -> None:
    """A minute after quick ones, an hour after slow ones; at the end Python does them itself again."""
    before = gc.get_threshold()
    clock = _Waits(5)
    took_s = iter([0.5, 0.001, 0.02, 9.0, 0.001])

    def collect() -> None:
        clock.now += next(took_s)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(collect_garbage(clock, collect))
    assert clock.waits == [MOST_OFTEN_S, MOST_OFTEN_S, pytest.approx(200), LEAST_OFTEN_S, MOST_OFTEN_S]
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
