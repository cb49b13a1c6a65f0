"""Starting and stopping; what all receivers share is in tests/contracts/test_receivers.py."""

from __future__ import annotations

import asyncio

from tests.support.raw_http import GOOD, Raw, head, run_http
from tests.support.receiving import Served


def test_stop_closes_idle_connections() -> None:
    """Without waiting for the grace."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await asyncio.sleep(0.02)
        await asyncio.wait_for(it.receiver.stop(20), 5)
        assert await raw.closed()

    run_http(body)


def test_stop_tells_those_in_flight_to_come_back_elsewhere() -> None:
    """Their answer ends the connection, so that no further request is sent into one that is about to go."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
        await it.intake.entered.wait()
        stopping = asyncio.create_task(it.receiver.stop(10))
        await asyncio.sleep(0.05)
        it.intake.gate.set()
        status, headers, _ = await raw.answer()
        assert (status, headers["connection"]) == (200, "close")
        await stopping
        raw.close()

    run_http(body)
