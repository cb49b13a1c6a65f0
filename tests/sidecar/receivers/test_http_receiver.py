"""Starting and stopping; what all receivers share is in tests/contracts/test_receivers.py."""

from __future__ import annotations

import asyncio

from tests.support.raw_http import Raw, run_http
from tests.support.receiving import Served


def test_stop_closes_idle_connections() -> None:
    """Without waiting for the grace."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await asyncio.sleep(0.02)
        await asyncio.wait_for(it.receiver.stop(20), 5)
        assert await raw.closed()

    run_http(body)
