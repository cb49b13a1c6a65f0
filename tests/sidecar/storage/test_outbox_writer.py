from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from sidecar.storage import outbox_writer
from sidecar.storage.outbox_schema import connect, create_tables
from sidecar.storage.outbox_writer import Operation, Writer
from tests.support.clock import FakeClock, settle


class Connection(sqlite3.Connection):
    """Raises what `fails` gives for a statement."""

    fails: Callable[[str], sqlite3.Error | None] = staticmethod(lambda _: None)

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        error = self.fails(sql)
        if error is not None:
            raise error
        return super().execute(sql, *args)  # type: ignore[arg-type]  # handed on as it came


class File:
    """A database with one table of numbers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connections: list[Connection] = []
        self.fails: Callable[[str], sqlite3.Error | None] = lambda _: None
        self.refused: sqlite3.Error | None = None
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE IF NOT EXISTS numbers (at INTEGER PRIMARY KEY, number INTEGER UNIQUE)")
        connection.close()

    def connect(self) -> sqlite3.Connection:
        if self.refused is not None:
            raise self.refused
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, factory=Connection, timeout=0
        )
        connection.fails = self._fails
        self.connections.append(connection)
        return connection

    def _fails(self, sql: str) -> sqlite3.Error | None:
        """As it is set at that time."""
        return self.fails(sql)

    def measure(self) -> int:
        return self.path.stat().st_size

    def numbers(self) -> list[int]:
        connection = sqlite3.connect(self.path)
        try:
            return [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY at")]
        finally:
            connection.close()


class Rig:
    def __init__(self, path: Path) -> None:
        self.file = File(path / "numbers.db")
        self.clock = FakeClock()
        self.errors: list[str] = []
        self.committed: list[int] = []
        self.rebuilt = 0
        self.writer = Writer(
            self.file,
            self.rebuild,
            clock=self.clock,
            on_rebuilt=lambda: self.errors.append("rebuilt"),
            on_error=self.errors.append,
        )

    def rebuild(self) -> None:
        self.rebuilt += 1

    def submit(self, *numbers: int) -> None:
        for number in numbers:
            self.writer.submit(Operation(partial(_insert, number), committed=partial(self.committed.append, number)))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Lets the writer's thread come to that."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  # another thread brings it about, and tells no event
                await asyncio.sleep(0)
        await settle()


def _insert(number: int, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO numbers (number) VALUES (?)", (number,))


def error(name: str) -> sqlite3.OperationalError:
    made = sqlite3.OperationalError("a message that quotes content")
    made.sqlite_errorname = name
    made.sqlite_errorcode = getattr(sqlite3, name)
    return made


def failing(statement: str, name: str) -> Callable[[str], sqlite3.Error | None]:
    return lambda sql: error(name) if sql.startswith(statement) else None


def test_operations_are_committed_in_order(tmp_path: Path) -> None:
    """And what was submitted while one commit ran goes into the next one together."""
    rig = Rig(tmp_path)
    commits = []

    def count(sql: str) -> None:
        if sql == "COMMIT":
            commits.append(sql)

    async def scenario() -> None:
        rig.file.fails = count
        rig.submit(1)
        await settle()
        rig.submit(*range(2, 50))
        await rig.until(lambda: len(rig.committed) == 49)
        await rig.writer.close()

    asyncio.run(scenario())
    assert rig.committed == rig.file.numbers() == list(range(1, 50))
    assert len(commits) == 2


def test_a_large_group_is_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction is bounded in operations and in bytes, and takes one operation at least."""
    monkeypatch.setattr(outbox_writer, "_GROUP_OPERATIONS", 3)
    monkeypatch.setattr(outbox_writer, "_GROUP_BYTES", 10)
    rig = Rig(tmp_path)

    async def scenario() -> None:
        for number, size in enumerate([1, 1, 1, 1, 100, 9, 1, 1]):
            rig.writer.submit(Operation(partial(_insert, number), size))
        groups = []
        while rig.writer._waiting:
            group = rig.writer._next_group()
            groups.append([operation.size for operation in group])
            for _ in group:
                rig.writer._waiting.popleft()
        assert groups == [[1, 1, 1], [1, 100], [9, 1], [1]]

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY", "SQLITE_CANTOPEN"])
@pytest.mark.parametrize("statement", ["BEGIN", "INSERT", "COMMIT"])
def test_a_commit_that_fails_is_tried_again_every_second(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, statement: str, name: str
) -> None:
    """Nothing is lost or out of order, each failure is counted, and the log says when it began and ended."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.fails = failing(statement, name)
        rig.submit(1, 2)
        for failures in range(1, 4):
            await rig.until(lambda: len(rig.errors) == failures)  # noqa: B023  # waited for in this very turn
            rig.submit(2 + failures)
            await rig.clock.advance(1)
        rig.file.fails = lambda _: None
        await rig.clock.advance(1)
        await rig.until(lambda: len(rig.committed) == 5)
        await rig.writer.close()

    asyncio.run(scenario())
    assert rig.file.numbers() == rig.committed == [1, 2, 3, 4, 5]
    assert set(rig.errors) == {name}
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert name in caplog.text
    assert "quotes content" not in caplog.text


def test_the_log_repeats_itself_once_a_minute(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """However often it failed meanwhile."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.fails = failing("COMMIT", "SQLITE_FULL")
        rig.submit(1)
        for failures in range(1, 131):
            await rig.until(lambda: len(rig.errors) == failures)  # noqa: B023  # waited for in this very turn
            await rig.clock.advance(1)
        await rig.writer.close()

    asyncio.run(scenario())
    assert len([record for record in caplog.records if "cannot be written" in record.message]) == 3


@pytest.mark.parametrize(("name", "connections"), [("SQLITE_FULL", 1), ("SQLITE_IOERR_FSYNC", 2)])
def test_a_connection_that_may_be_broken_is_replaced(tmp_path: Path, name: str, connections: int) -> None:
    """A full disk is no reason for that."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.fails = failing("COMMIT", name)
        rig.submit(1)
        await rig.until(lambda: len(rig.errors) == 1)
        rig.file.fails = lambda _: None
        await rig.clock.advance(1)
        await rig.until(lambda: rig.committed == [1])
        await rig.writer.close()

    asyncio.run(scenario())
    assert len(rig.file.connections) == connections


def test_it_waits_for_a_connection(tmp_path: Path) -> None:
    """One that cannot be made is a failure like any other."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.refused = error("SQLITE_CANTOPEN")
        rig.submit(1)
        await rig.until(lambda: len(rig.errors) == 1)
        rig.file.refused = None
        await rig.clock.advance(1)
        await rig.until(lambda: rig.committed == [1])
        await rig.writer.close()

    asyncio.run(scenario())
    assert rig.file.numbers() == [1]


def test_a_corrupt_database_is_made_anew_and_written_at_once(tmp_path: Path) -> None:
    """Without waiting for the clock."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.fails = lambda sql: error("SQLITE_CORRUPT") if sql == "COMMIT" and not rig.rebuilt else None
        rig.submit(1)
        await rig.until(lambda: rig.committed == [1])
        await rig.writer.close()

    asyncio.run(scenario())
    assert rig.rebuilt == 1
    assert rig.errors == ["SQLITE_CORRUPT", "rebuilt"]


def test_what_is_submitted_later_goes_first(tmp_path: Path) -> None:
    """Outside a loop it only waits; closing writes it, too."""
    rig = Rig(tmp_path)
    rig.writer.submit_later(Operation(partial(_insert, 1)))

    async def scenario() -> None:
        await rig.writer.close()

    asyncio.run(scenario())
    assert rig.file.numbers() == [1]


def test_closing_does_not_wait_for_a_disk_that_is_full(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It tries once more and says how much is left."""
    rig = Rig(tmp_path)

    async def scenario() -> None:
        rig.file.fails = failing("COMMIT", "SQLITE_FULL")
        rig.submit(1, 2)
        await rig.until(lambda: len(rig.errors) == 1)
        async with asyncio.timeout(5):
            await rig.writer.close()

    asyncio.run(scenario())
    assert len(rig.errors) == 2
    assert "2 operations that could not be written" in caplog.text


def test_room_is_given_back_in_steps_of_many_pages(tmp_path: Path) -> None:
    """One page at a time would take as many transactions."""
    path = tmp_path / "outbox.db"
    with closing(connect(path)) as connection:
        create_tables(connection, b"")
        connection.execute("INSERT INTO done VALUES (1, 1, zeroblob(30000000))")
        connection.execute("DELETE FROM done")
        (before,) = connection.execute("PRAGMA freelist_count").fetchone()
        file = File(tmp_path / "other.db")
        file.connect = partial(connect, path)  # type: ignore[method-assign]  # to a database with room to give back
        writer = Writer(file, lambda: None, clock=FakeClock(), on_rebuilt=lambda: None, on_error=lambda _: None)
        assert writer._shrink_a_little() == before - outbox_writer._SHRINK_PAGES
        asyncio.run(writer.close())
