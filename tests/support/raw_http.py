"""Bare HTTP connections to a receiver, for what no client library would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from processors.otlp.signal import Signal
from tests.support.otlp import good
from tests.support.receiving import Served, served

GOOD = good(Signal.TRACES)


def run_http(body: Callable[[Served], Awaitable[None]], **options: Any) -> None:
    async def inside() -> None:
        async with served("http_protobuf", **options) as it:
            await body(it)

    asyncio.run(asyncio.wait_for(inside(), 30))


class Raw:
    """One connection; whoever opens it closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, it: Served) -> Raw:
        return cls(*await asyncio.open_connection("127.0.0.1", it.receiver.port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int((await self.reader.readuntil(b"\r\n")).split()[1])
        lines = (await self.reader.readuntil(b"\r\n\r\n") if status != 100 else b"").decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return status, headers, await self.reader.readexactly(int(headers.get("content-length", "0")))

    async def closed(self) -> bool:
        """Whether the server ends the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5) == b""
        except ConnectionError:
            return True
        finally:
            self.close()

    def close(self) -> None:
        self.writer.close()


def head(*headers: str, path: str = "/v1/traces", method: str = "POST", kind: str = "application/x-protobuf") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "host: x", f"content-type: {kind}", *headers)
    return "\r\n".join((*lines, "", "")).encode()
