"""The outbox's database file: found or made, checked, opened; and made anew when it cannot be used as it is.

    outbox.db             the database (outbox_schema), with outbox.db-wal, its log, and outbox.db-shm beside it
    outbox.db-wal.kept    until SQLite was seen to read all of the log, which it removes in the end, read or not
    outbox.db.new         only while it is made anew
    set-aside/            what could not be used as it was, the last few of it

Recovery
  1. To make it anew, what opens is written to `outbox.db.new` (outbox_salvage). Then the old one is set aside, last
     its log, and the new one takes its name.
  2. With both, the new one may be half done: it is removed. With `outbox.db.new` alone, it is whole: it takes the name.
  3. A log without a database belongs to no database that could come: it is set aside.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sidecar.storage.errors import StorageUnusable, WrongKey
from sidecar.storage.file_system import ASIDE, Directory
from sidecar.storage.outbox_errors import primary_code, reason_of
from sidecar.storage.outbox_index import Incomplete, Index, read_index
from sidecar.storage.outbox_pages import Log
from sidecar.storage.outbox_rows import Seals, Table
from sidecar.storage.outbox_salvage import salvage
from sidecar.storage.outbox_schema import (
    APPLICATION_ID,
    VERSION,
    application_id,
    connect,
    create_tables,
    is_empty,
    is_ours,
    read_key_id,
    version,
    write_key_id,
)
from sidecar.storage.vault import Damaged, Vault

_log = logging.getLogger(__name__)

NAME: Final = "outbox.db"
_NEW: Final = f"{NAME}.new"
_LOG: Final = f"{NAME}-wal"
_KEPT_LOG: Final = f"{_LOG}.kept"
_SHARED_MEMORY: Final = f"{NAME}-shm"
_FULL_CHECK_BYTES: Final = 64 * 1024 * 1024
_SAMPLE_ROWS: Final = 32
_SMALL_TABLES: Final = (Table.BATCHES.value, Table.DECISIONS.value, Table.DONE.value)


class OutboxFile:
    """`directory` exists. Nobody else uses it."""

    def __init__(self, directory: Path, vault: Vault, seals: Seals, *, fsync_always: bool) -> None:
        self._files = Directory(directory)
        self._directory = directory
        self._path = directory / NAME
        self._vault = vault
        self._seals = seals
        self._fsync_always = fsync_always
        self.damage: Counter[str] = Counter()
        """What was found damaged and not been told yet: `database`, or what was lost with it. Whoever tells it clears it."""

    def open(self, exporters: Sequence[str]) -> Index:
        """Raises StorageUnusable: another key, another version, or a disk that does not let it be opened."""
        try:
            self._tidy()
            self._keep_log()
            try:
                return self._open(exporters, complete=True)
            except (sqlite3.Error, UnicodeDecodeError, Incomplete) as error:
                if not _of_content(error):
                    raise
                self.rebuild()
                return self._open(exporters, complete=False)
        except sqlite3.Error as error:
            raise StorageUnusable(
                f"the outbox {self._path} cannot be opened ({reason_of(error)}): look at the room on the disk "
                "and at the permissions; nothing was deleted"
            ) from None
        except OSError as error:
            raise StorageUnusable(f"the outbox {self._path} cannot be opened: {error.strerror}") from None

    def connect(self) -> sqlite3.Connection:
        return connect(self._path, fsync_always=self._fsync_always)

    def rebuild(self) -> None:
        """Makes a new database of what can be read of the old one. Nobody is connected meanwhile."""
        self._remove_new()
        try:
            found = salvage(self._path, self._log(), self._directory / _NEW, self._vault, self._seals)
        except BaseException:
            self._remove_new()
            raise
        self._files.set_aside(NAME)
        self._put_new_in_place()
        self.damage.update(found)
        _log.error(
            "The outbox's database was damaged. A new one holds what could be read; %d batches and %d other rows could "
            "not. The old one is in %s.",
            found["batch"],
            found["row"],
            self._directory / ASIDE,
        )

    def measure(self) -> int:
        total = 0
        for name in (NAME, _LOG):
            try:
                total += (self._directory / name).stat().st_size
            except FileNotFoundError:
                continue
        return total

    # ── files ──────────────────────────────────────────────────────────────────────────────────────────────

    def _tidy(self) -> None:
        names = self._files.names()
        if NAME in names and (self._path.stat().st_size or _LOG not in names):
            self._remove_new()
        elif _NEW in names:
            self._put_new_in_place()
        elif _LOG in names:
            self.damage["database"] += 1
            self._put_new_in_place()

    def _keep_log(self) -> None:
        """One that is kept already is of an opening that did not end, and is the one that counts."""
        try:
            (self._directory / _KEPT_LOG).hardlink_to(self._directory / _LOG)
        except OSError:
            # There is no log, or one is kept, or this file system has no links and offers no more than SQLite does.
            return

    def _log(self) -> Path:
        kept = self._directory / _KEPT_LOG
        return kept if kept.exists() else self._directory / _LOG

    def _put_new_in_place(self) -> None:
        names = self._files.names()
        for log in (_LOG, _KEPT_LOG):
            if log in names:
                self._files.set_aside(log)
        (self._directory / _SHARED_MEMORY).unlink(missing_ok=True)
        if _NEW in names:
            (self._directory / _NEW).rename(self._path)
        self._files.sync_directory()

    def _remove_new(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            (self._directory / f"{_NEW}{suffix}").unlink(missing_ok=True)

    # ── content ────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self, exporters: Sequence[str], *, complete: bool) -> Index:
        connection = self.connect()
        try:
            self._check_log(connection)
            if is_empty(connection):
                create_tables(connection, self._vault.key_id)
            self._check_format(connection)
            self._check_structure(connection)
            self._check_key(connection)
            return read_index(connection, self._seals, exporters, complete=complete)
        finally:
            connection.close()

    def _check_log(self, connection: sqlite3.Connection) -> None:
        """SQLite leaves out, without a word, what follows a damaged frame of the log."""
        log = Log(self._log())
        log.close()
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if log.last_commit > max(frames, 0):
            raise Incomplete
        (self._directory / _KEPT_LOG).unlink(missing_ok=True)

    def _check_structure(self, connection: sqlite3.Connection) -> None:
        """Payloads can be many: of a large database, theirs is the part that is checked when it is read or written."""
        if not is_ours(connection):
            raise Incomplete
        small = self._path.stat().st_size <= _FULL_CHECK_BYTES
        for check in ("1",) if small else _SMALL_TABLES:
            if connection.execute(f"PRAGMA integrity_check({check})").fetchone() != ("ok",):
                raise Incomplete

    def _check_format(self, connection: sqlite3.Connection) -> None:
        if application_id(connection) != APPLICATION_ID:
            raise Incomplete
        if version(connection) != VERSION:
            raise StorageUnusable(
                f"the outbox {self._path} has the format {version(connection)}, and this version reads {VERSION}: run "
                "the version that wrote it, or move the storage directory away to start with an empty one. Nothing "
                "was changed."
            )

    def _check_key(self, connection: sqlite3.Connection) -> None:
        """A key id can be damaged, too. The rows know better."""
        if read_key_id(connection) == self._vault.key_id:
            return
        opened, closed = 0, 0
        for table in Table:
            for row, *plain, sealed in connection.execute(f"SELECT * FROM {table.value} LIMIT ?", (_SAMPLE_ROWS,)):  # noqa: S608  # our own name
                try:
                    self._seals.open(sealed, table, row, *plain)
                except Damaged:
                    closed += 1
                else:
                    opened += 1
        if closed and not opened:
            raise WrongKey(f"the outbox {self._path}")
        write_key_id(connection, self._vault.key_id)


def _of_content(error: Exception) -> bool:
    """Of what the file says; not of the disk, of permissions, or of another process."""
    if not isinstance(error, sqlite3.Error):
        return True
    code = primary_code(error) or sqlite3.SQLITE_ERROR
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
