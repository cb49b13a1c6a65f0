"""Reads back from the outbox's database, on a connection of its own, so that no read waits for a commit.

What was put lately is at hand without reading: the last payloads, up to some MiB, are remembered.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from sidecar.storage.outbox_rows import Seals, Table, plain_of
from sidecar.storage.queues import Waiting

_RECENT_BYTES: Final = 16 * 1024 * 1024
_CLOSE_S: Final = 5.0

Connect: TypeAlias = Callable[[], sqlite3.Connection]


class Recent:
    """The payloads put last. The oldest goes first: an exporter that is down for long must not use it all up."""

    def __init__(self, max_bytes: int = _RECENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._payloads: dict[int, bytes] = {}

    def add(self, batch_id: int, payload: bytes) -> None:
        self._payloads[batch_id] = payload
        self._bytes += len(payload)
        while self._bytes > self._max_bytes:
            self.drop(next(iter(self._payloads)))

    def get(self, batch_id: int) -> bytes | None:
        return self._payloads.get(batch_id)

    def drop(self, batch_id: int) -> None:
        payload = self._payloads.pop(batch_id, None)
        if payload is not None:
            self._bytes -= len(payload)


class Reader:
    """One connection, used by one thread at a time."""

    def __init__(self, connect: Connect, seals: Seals) -> None:
        self._connect = connect
        self._seals = seals
        self._connection: sqlite3.Connection | None = None
        self._in_use = threading.Lock()
        self._executor = ThreadPoolExecutor(1, "outbox-reader")

    async def payload(self, waiting: Waiting) -> bytes | None:
        """None if there is no such row. Raises Damaged if it does not open, and sqlite3.Error."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._read, waiting)

    def rows(self, statement: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
        """Raises sqlite3.Error."""
        with self._in_use:
            if self._connection is None:
                self._connection = self._connect()
                self._connection.execute("PRAGMA query_only = ON").fetchall()
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error:
                self._disconnect()
                raise

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Meanwhile nothing is read, and there is no connection. Not to be entered in the loop."""
        with self._in_use:
            self._disconnect()
            yield

    async def close(self) -> None:
        """Within some seconds, whatever the disk does."""
        loop = asyncio.get_running_loop()
        await asyncio.wait({loop.run_in_executor(self._executor, self._close)}, timeout=_CLOSE_S)
        self._executor.shutdown(wait=False)

    def _read(self, waiting: Waiting) -> bytes | None:
        rows = self.rows("SELECT sealed FROM payloads WHERE id = ?", (waiting.id,))
        return self._seals.open(rows[0][0], Table.PAYLOADS, waiting.id, *plain_of(waiting)) if rows else None

    def _close(self) -> None:
        with self.apart():
            pass

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
