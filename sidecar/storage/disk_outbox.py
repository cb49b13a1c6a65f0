"""The outbox on disk: what was put outlives the process, sealed, until every exporter has settled it.

Invariants
  1. `put` returns after its transaction is committed. Its batches, its done marks and all decisions noted before it
     are in the database then, or were damaged there.
  2. What a queue hands out was committed. What is settled is deleted soon after: a process that is killed in between
     delivers it again.
  3. In memory are the batches' sizes, not their payloads: these are read back when they are handed out.
  4. Nothing in the files can be read without the key, but numbers: ids, times, counts.
  5. Damage costs the row it hit. A decision that is lost was never made, a lost done mark was never set.
  6. A batch for an exporter that the configuration names no longer stays, and neither counts nor blocks.

    put, decide, settle, forget ─▶ Writer ─▶ outbox.db ─▶ Reader ─▶ next
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from processors.otlp.signal import Signal
from sidecar.clock import Clock
from sidecar.storage.interfaces import Decided, Done, OnDone, StorageBroken
from sidecar.storage.outbox_errors import is_corrupt, reason_of
from sidecar.storage.outbox_file import OutboxFile
from sidecar.storage.outbox_index import repair, write_batch
from sidecar.storage.outbox_reader import Reader, Recent
from sidecar.storage.outbox_rows import (
    Seals,
    Table,
    decided_from_bytes,
    decided_to_bytes,
    done_from_bytes,
    done_to_bytes,
    plain_of,
)
from sidecar.storage.outbox_schema import set_row_aside
from sidecar.storage.outbox_writer import Operation, Writer
from sidecar.storage.queues import Queues, Takes, Waiting
from sidecar.storage.vault import Damaged, Vault

_log = logging.getLogger(__name__)

_DECISIONS_FROM: Final = (
    "SELECT id, until_unix_nano, sealed FROM decisions WHERE id > ? AND id <= ? ORDER BY id LIMIT 64"
)
_DONE_OF: Final = "SELECT id, ref, sealed FROM done WHERE ref BETWEEN ? AND ? AND id <= ?"
_FORGET_DONE: Final = "DELETE FROM done WHERE id IN (SELECT id FROM done WHERE ref < ? LIMIT ?)"
_FORGET_DECISIONS: Final = (
    "DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE until_unix_nano < ? LIMIT ?)"
)
_FORGET_ROWS: Final = 20_000
_DAMAGE: Final = {Table.BATCHES: "batch", Table.PAYLOADS: "batch", Table.DECISIONS: "decision", Table.DONE: "done"}


class DiskOutbox(Queues):
    """`directory` is used by nobody else. `max_bytes` by exporter name, as in memory.

    `on_damage` is told `database`, `batch`, `decision` or `done` for each that was found damaged, `on_error` the name
    of the error each time the disk does not take what is to be written. Raises StorageUnusable.
    """

    def __init__(
        self, directory: Path, vault: Vault, max_bytes: Mapping[str, int], on_done: OnDone, *, fsync_always: bool,
        clock: Clock, on_damage: Callable[[str], None], on_error: Callable[[str], None], takes: Takes | None = None,
    ) -> None:  # fmt: skip
        super().__init__(max_bytes, on_done, takes)
        self._on_damage = on_damage
        self._on_error = on_error
        self._seals = Seals(vault)
        self._file = OutboxFile(directory, vault, self._seals, fsync_always=fsync_always)
        index = self._file.open(self.exporters)
        self._reader = Reader(self._file.connect, self._seals)
        self._writer = Writer(self._file, self._rebuild, clock=clock, on_rebuilt=self._tell_damage, on_error=on_error)
        self._recent = Recent()
        self._last_ids = index.last_ids
        first_batch = max(index.last_ids[Table.BATCHES], index.last_ids[Table.PAYLOADS], clock.unix_nano() // 1000)
        self._batch_ids = itertools.count(first_batch + 1)
        self._decision_ids = itertools.count(index.last_ids[Table.DECISIONS] + 1)
        self._done_ids = itertools.count(index.last_ids[Table.DONE] + 1)
        self._putting: set[asyncio.Future[None]] = set()
        self._rebuilt = False
        self._rebuilding = asyncio.Lock()
        self._damaged: set[int] = set()
        """Batches whose payload is gone, and which some exporter has not asked for yet."""
        self.add(index.waiting)
        self._tell_damage()
        for reason, _ in {(_DAMAGE[table], row) for table, row in index.damaged}:
            self._on_damage(reason)
        if index.damaged or index.restored:
            self._writer.submit_later(Operation(lambda connection: repair(connection, self._seals, index)))
        _tell_of(index.elsewhere)

    # ── what comes in ──────────────────────────────────────────────────────────────────────────────────────

    def decide(self, decided: Iterable[Decided], written: Callable[[], None]) -> None:
        rows = [(next(self._decision_ids), each.until_unix_nano, decided_to_bytes(each)) for each in decided]
        size = sum(len(row[2]) for row in rows)
        self._writer.submit(Operation(partial(self._write_decisions, rows), size, written))

    async def put(self, batches: Sequence[tuple[Signal, bytes, int]], done: Sequence[Done]) -> None:
        """Raises StorageBroken if the outbox is closed before it could be written."""
        payloads = [payload for _, payload, _ in batches]
        waiting = [
            Waiting(next(self._batch_ids), signal, items, len(payload), self.takers[signal])
            for signal, payload, items in batches
        ]
        marks = [(next(self._done_ids), each.ref, done_to_bytes(each)) for each in done]
        written = asyncio.get_running_loop().create_future()
        self._putting.add(written)
        admitted = partial(self._admit, waiting, payloads)
        self._writer.submit(
            Operation(
                partial(self._write_put, waiting, payloads, marks),
                sum(map(len, payloads)),
                partial(self._put_committed, written, admitted),
            )
        )
        try:
            await written
        except asyncio.CancelledError:
            if not written.cancelled():
                admitted()
            raise
        finally:
            self._putting.discard(written)
        admitted()

    def _put_committed(self, written: asyncio.Future[None], admitted: Callable[[], None]) -> None:
        if written.cancelled():
            # Nobody waits any more, but it is in the database.
            admitted()
        elif not written.done():
            written.set_result(None)

    def _admit(self, waiting: Sequence[Waiting], payloads: Sequence[bytes]) -> None:
        for each, payload in zip(waiting, payloads, strict=True):
            self._recent.add(each.id, payload)
        self.add(waiting)

    # ── what goes out ──────────────────────────────────────────────────────────────────────────────────────

    async def payload(self, waiting: Waiting) -> bytes | None:
        recent = self._recent.get(waiting.id)
        if recent is not None or waiting.id in self._damaged:
            return recent
        try:
            payload = await self._read(waiting)
        except Damaged:
            payload = None
        except sqlite3.Error as error:
            self._on_error(reason_of(error))
            raise
        if payload is None and waiting.id not in self._damaged:
            self._damaged.add(waiting.id)
            self._on_damage("batch")
            self._writer.submit(
                Operation(lambda connection: set_row_aside(connection, Table.PAYLOADS.value, waiting.id))
            )
        return payload

    async def _read(self, waiting: Waiting) -> bytes | None:
        """A row that is not found where it should be may be found when the database is made anew: once."""
        rebuilt_before = self._rebuilt
        try:
            payload = await self._reader.payload(waiting)
        except sqlite3.Error as error:
            if not is_corrupt(error):
                raise
            payload = None
        if payload is not None or rebuilt_before:
            return payload
        async with self._rebuilding:
            if not self._rebuilt:
                await self._writer.rebuild()
                self._rebuilt = True
        return await self._reader.payload(waiting)

    def settled(self, waiting: Waiting) -> None:
        if not waiting.left:
            self._recent.drop(waiting.id)
            self._damaged.discard(waiting.id)
        if waiting.left or waiting.elsewhere:
            # As it is now: it may have changed again when this is written.
            snapshot = Waiting(*(getattr(waiting, name) for name in Waiting.__slots__))
            self._writer.submit(Operation(lambda connection: write_batch(connection, self._seals, snapshot)))
        else:
            self._writer.submit(Operation(partial(_delete, waiting.id)))

    # ── what the next process asks ─────────────────────────────────────────────────────────────────────────

    def decisions(self) -> Iterator[Decided]:
        after = 0
        while rows := self._rows(Table.DECISIONS, _DECISIONS_FROM, (after, self._last_ids[Table.DECISIONS])):
            for row, until_unix_nano, sealed in rows:
                data = self._open_or_set_aside(sealed, Table.DECISIONS, row, until_unix_nano)
                if data is not None:
                    yield decided_from_bytes(data)
            after = rows[-1][0]

    def done(self, first_ref: int, last_ref: int) -> Mapping[int, Sequence[Done]]:
        found: dict[int, list[Done]] = {}
        for row, ref, sealed in self._rows(Table.DONE, _DONE_OF, (first_ref, last_ref, self._last_ids[Table.DONE])):
            data = self._open_or_set_aside(sealed, Table.DONE, row, ref)
            if data is not None:
                found.setdefault(ref, []).append(done_from_bytes(ref, data))
        return found

    def _rows(self, table: Table, statement: str, values: tuple[int, ...]) -> list[tuple[int, int, object]]:
        """None if they cannot be read: a decision that is not known is made anew, what is not done is done again."""
        try:
            return self._reader.rows(statement, values)
        except sqlite3.Error as error:
            self._on_error(reason_of(error))
            self._on_damage(_DAMAGE[table])
            return []

    def forget(self, below_ref: int, before_unix_nano: int) -> None:
        step = _Forgetting(below_ref, before_unix_nano)

        def again() -> None:
            if step.more:
                self.forget(below_ref, before_unix_nano)

        self._writer.submit(Operation(step.write, committed=again))

    @property
    def used_bytes(self) -> int:
        return self._writer.used_bytes

    async def close(self) -> None:
        """Writes what waits to be written, within some seconds."""
        await self._reader.close()
        await self._writer.close()
        for written in self._putting:
            if not written.done():
                written.set_exception(StorageBroken())

    # ── in the writer's thread ─────────────────────────────────────────────────────────────────────────────

    def _write_decisions(self, rows: Sequence[tuple[int, int, bytes]], connection: sqlite3.Connection) -> None:
        seal = self._seals.seal
        connection.executemany(
            "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)",
            [(row, until, seal(data, Table.DECISIONS, row, until)) for row, until, data in rows],
        )

    def _write_put(
        self, waiting: Sequence[Waiting], payloads: Sequence[bytes], marks: Sequence[tuple[int, int, bytes]],
        connection: sqlite3.Connection,
    ) -> None:  # fmt: skip
        seal = self._seals.seal
        for each, payload in zip(waiting, payloads, strict=True):
            plain = plain_of(each)
            connection.execute(
                "INSERT OR REPLACE INTO payloads VALUES (?, ?, ?, ?)",
                (each.id, *plain, seal(payload, Table.PAYLOADS, each.id, *plain)),
            )
            write_batch(connection, self._seals, each)
        connection.executemany(
            "INSERT OR REPLACE INTO done VALUES (?, ?, ?)",
            [(row, ref, seal(data, Table.DONE, row, ref)) for row, ref, data in marks],
        )

    def _rebuild(self) -> None:
        with self._reader.apart():
            self._file.rebuild()

    # ── damage ─────────────────────────────────────────────────────────────────────────────────────────────

    def _open_or_set_aside(self, sealed: object, table: Table, row: int, plain: object) -> bytes | None:
        try:
            return self._seals.open(sealed, table, row, plain)
        except Damaged:
            self._on_damage(_DAMAGE[table])
            self._writer.submit_later(Operation(lambda connection: set_row_aside(connection, table.value, row)))
            return None

    def _tell_damage(self) -> None:
        for reason in self._file.damage.elements():
            self._on_damage(reason)
        self._file.damage.clear()


def _delete(batch_id: int, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM batches WHERE id = ?", (batch_id,))
    connection.execute("DELETE FROM payloads WHERE id = ?", (batch_id,))


class _Forgetting:
    """One step of it: a transaction must not grow with what there is to forget."""

    def __init__(self, below_ref: int, before_unix_nano: int) -> None:
        self._below_ref = below_ref
        self._before_unix_nano = before_unix_nano
        self.more = False

    def write(self, connection: sqlite3.Connection) -> None:
        deleted = [
            connection.execute(statement, (limit, _FORGET_ROWS)).rowcount
            for statement, limit in ((_FORGET_DONE, self._below_ref), (_FORGET_DECISIONS, self._before_unix_nano))
        ]
        self.more = _FORGET_ROWS in deleted


def _tell_of(elsewhere: Counter[str]) -> None:
    for exporter, batches in sorted(elsewhere.items()):
        _log.warning(
            "%d batches in the outbox wait for the exporter %s, which the configuration does not name. They stay: "
            "name it again to have them delivered.",
            batches,
            exporter,
        )
