from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sidecar.http_server import HttpServer


class Slow:
    """Answers once it is let."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.set()
        await self.let.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


def test_port_zero_is_chosen_by_the_system_and_told() -> None:
    """Two servers can stand side by side."""

    async def scenario() -> None:
        app = Slow()
        app.let.set()
        first, second = HttpServer(app, "127.0.0.1", 0), HttpServer(app, "127.0.0.1", 0)
        await first.start()
        await second.start()
        assert first.port != second.port
        assert (await ask(first.port)).endswith(b"ok")
        await first.stop(1)
        await second.stop(1)

    asyncio.run(scenario())


def test_a_taken_port_is_an_error() -> None:
    """It does not share the port silently."""

    async def scenario() -> None:
        first = HttpServer(Slow(), "127.0.0.1", 0)
        await first.start()
        with pytest.raises(OSError, match="address already in use"):
            await HttpServer(Slow(), "127.0.0.1", first.port).start()
        await first.stop(0)

    asyncio.run(scenario())


def test_a_stop_lets_a_request_in_flight_finish() -> None:
    """Within its grace; new connections are refused meanwhile."""

    async def scenario() -> None:
        app = Slow()
        server = HttpServer(app, "127.0.0.1", 0)
        await server.start()
        asking = asyncio.ensure_future(ask(server.port))
        await app.asked.wait()
        stopping = asyncio.ensure_future(server.stop(10))
        await asyncio.sleep(0)
        with pytest.raises(OSError):  # refused or reset, as the kernel likes
            await asyncio.open_connection("127.0.0.1", server.port)
        app.let.set()
        assert (await asking).endswith(b"ok")
        await stopping

    asyncio.run(scenario())


def test_a_stop_is_bounded() -> None:
    """A request that never ends is cut off; stopping twice does nothing."""

    async def scenario() -> None:
        app = Slow()
        server = HttpServer(app, "127.0.0.1", 0)
        await server.start()
        asking = asyncio.ensure_future(ask(server.port))
        await app.asked.wait()
        await server.stop(0.05)
        await asyncio.gather(asking, return_exceptions=True)
        await server.stop(0.05)

    asyncio.run(scenario())
