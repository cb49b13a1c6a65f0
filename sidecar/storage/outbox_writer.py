"""Writes to the outbox's database, in order, many to a transaction, off the event loop.

    submit ─▶ waiting ─▶ [ one transaction in the writer's thread ] ─▶ committed, told in the loop
                 ▲                     │ fails
                 └── 1 s ◀─────────────┘

Invariants
  1. Operations are committed in the order they were submitted; a group is committed whole or not at all.
  2. What waits when a commit ends goes into the next one. A commit that fails loses nothing: its operations stay in
     front, and are tried again. An operation can therefore run twice, and must come to the same end when it does.
  3. One thread uses the connection. `committed` is called in the loop, in order.
  4. Room that deletes made is given back to the file system in small steps, only while nothing waits.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sidecar.clock import Clock
from sidecar.storage.outbox_errors import is_corrupt, primary_code, reason_of
from sidecar.storage.outbox_schema import rollback

_log = logging.getLogger(__name__)

_GROUP_OPERATIONS: Final = 1000
_GROUP_BYTES: Final = 16 * 1024 * 1024
_RETRY_S: Final = 1.0
_LOG_EVERY_S: Final = 60.0
_CLOSE_S: Final = 10.0
_SHRINK_PAGES: Final = 256
_SLACK_PAGES: Final = 2048
"""So many free pages are kept: what comes next will need them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """`write` runs inside a transaction, in the writer's thread. `size`: roughly the bytes it writes."""

    write: Callable[[sqlite3.Connection], None]
    size: int = 0
    committed: Callable[[], None] | None = None


class File(Protocol):
    def connect(self) -> sqlite3.Connection: ...

    def measure(self) -> int:
        """Bytes the database takes on disk."""


class Writer:
    """`rebuild`, in the writer's thread, makes a new database of what can be read of the old one.

    `on_rebuilt` and `on_error` are called in the loop.
    """

    def __init__(
        self, file: File, rebuild: Callable[[], None], *, clock: Clock, on_rebuilt: Callable[[], None],
        on_error: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.used_bytes = file.measure()
        self._file = file
        self._make_anew = rebuild
        self._clock = clock
        self._on_rebuilt = on_rebuilt
        self._on_error = on_error
        self._waiting: deque[Operation] = deque()
        self._executor = ThreadPoolExecutor(1, "outbox-writer")
        self._connection: sqlite3.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._failed_at: float | None = None
        self._logged_at = -math.inf

    def submit(self, operation: Operation) -> None:
        self._waiting.append(operation)
        self._start()

    def submit_later(self, operation: Operation) -> None:
        """Outside a running loop, too: it goes in front of what is submitted next."""
        self._waiting.append(operation)

    async def rebuild(self) -> None:
        """Raises what the function given raises."""
        await self._in_thread(self._rebuild)
        self._on_rebuilt()

    async def close(self) -> None:
        """Commits what waits, if it can be done, within some seconds."""
        self._closing.set()
        if self._waiting:
            self._start()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_CLOSE_S)
        closing = asyncio.ensure_future(self._in_thread(self._disconnect, checkpoint=True))
        await asyncio.wait({closing}, timeout=_CLOSE_S)
        self._executor.shutdown(wait=False)
        if self._waiting:
            _log.error("The outbox closes with %d operations that could not be written.", len(self._waiting))

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    # ── in the loop ────────────────────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        free_pages = 0
        while True:
            while self._waiting:
                group = self._next_group()
                try:
                    free_pages = await self._in_thread(self._write, group)
                except Exception as error:  # noqa: BLE001  # whatever it is, what waits must not be lost
                    self._failed(error)
                    if self._closing.is_set():
                        return
                    await self._after_failure(error)
                    continue
                self._succeeded()
                for _ in group:
                    self._waiting.popleft()
                for operation in group:
                    if operation.committed is not None:
                        operation.committed()
            if self._closing.is_set() or free_pages <= _SLACK_PAGES:
                return
            free_pages = await self._shrink()

    def _next_group(self) -> list[Operation]:
        group: list[Operation] = []
        size = 0
        for operation in itertools.islice(self._waiting, _GROUP_OPERATIONS):
            group.append(operation)
            size += operation.size
            if size >= _GROUP_BYTES:
                break
        return group

    async def _shrink(self) -> int:
        """The free pages that are left."""
        try:
            return await self._in_thread(self._shrink_a_little)
        except sqlite3.Error as error:
            self._on_error(reason_of(error))
            return 0

    def _failed(self, error: Exception) -> None:
        now = self._clock.monotonic()
        self._on_error(reason_of(error))
        if self._failed_at is None:
            self._failed_at = now
        if now - self._logged_at >= _LOG_EVERY_S:
            self._logged_at = now
            _log.error(
                "The outbox cannot be written, for %.0f s now (%s). Nothing is lost; it is tried again every second.",
                now - self._failed_at,
                reason_of(error),
            )

    def _succeeded(self) -> None:
        if self._failed_at is not None:
            _log.warning("The outbox is written again, after %.0f s.", self._clock.monotonic() - self._failed_at)
            self._failed_at = None
            self._logged_at = -math.inf

    async def _after_failure(self, error: Exception) -> None:
        if is_corrupt(error):
            try:
                await self.rebuild()
            except Exception as second:  # noqa: BLE001  # as above
                self._failed(second)
            else:
                return
        tasks = [asyncio.ensure_future(each) for each in (self._clock.sleep(_RETRY_S), self._closing.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_thread(self, function: Callable[..., T], *args: object, **options: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **options))

    # ── in the writer's thread ─────────────────────────────────────────────────────────────────────────────

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._file.connect()
        return self._connection

    def _write(self, group: list[Operation]) -> int:
        """The number of free pages."""
        connection = self._connected()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for operation in group:
                operation.write(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            self._give_up(connection, error)
            raise
        self.used_bytes = self._file.measure()
        return _free_pages(connection)

    def _give_up(self, connection: sqlite3.Connection, error: BaseException) -> None:
        """A full or busy database is fit to go on. After anything else a new connection knows best."""
        try:
            rollback(connection)
        except sqlite3.Error:
            self._disconnect()
        else:
            if primary_code(error) not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                self._disconnect()

    def _disconnect(self, *, checkpoint: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if checkpoint:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    def _rebuild(self) -> None:
        self._disconnect()
        self._make_anew()

    def _shrink_a_little(self) -> int:
        connection = self._connected()
        pages = min(_SHRINK_PAGES, _free_pages(connection) - _SLACK_PAGES)
        # `execute` would stop at the first step of this statement.
        connection.executescript(f"PRAGMA incremental_vacuum({pages})")
        free_pages = _free_pages(connection)
        if free_pages <= _SLACK_PAGES:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.used_bytes = self._file.measure()
        return free_pages


def _free_pages(connection: sqlite3.Connection) -> int:
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(free)
