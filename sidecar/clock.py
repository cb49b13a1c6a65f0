"""The only place that reads a clock. Everything else is handed one, so that tests can move time by hand."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds that never go back: for deadlines and backoff."""

    def unix_nano(self) -> int:
        """Nanoseconds since 1970: for stamps and prices, never for deadlines."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def unix_nano(self) -> int:
        return time.time_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
