"""A clock that only moves when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class FakeClock:
    """`advance` wakes every sleeper whose time has come, in order, and lets each run on to its next wait."""

    def __init__(self, unix_nano: int = 1_800_000_000_000_000_000) -> None:
        self._now = 0.0
        self._epoch_ns = unix_nano
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self._now

    def unix_nano(self) -> int:
        return self._epoch_ns + int(self._now * 1e9)

    async def sleep(self, seconds: float) -> None:
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(seconds, 0.0), next(self._order), waker))
        await waker

    async def advance(self, seconds: float) -> None:
        target = self._now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, waker = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not waker.done():
                waker.set_result(None)
            await settle()
        self._now = target


async def settle(turns: int = 20) -> None:
    """Lets every ready task run until it waits."""
    for _ in range(turns):
        await asyncio.sleep(0)
