from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.storage.outbox_pages import Log, Pages, Unreadable
from sidecar.storage.outbox_schema import PAGE_BYTES, connect

VALUES = [0, 1, -1, 127, -128, 2**15, 2**23, -(2**31), 2**40, 2**63 - 1, -(2**63), "täxt", b"", None]
SIZES = [0, 1, 5, 1000, 1003, 8100, 8150, 8157, 8158, 8159, 8200, 9185, 16400, 100_000]


def open_database(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value, data BLOB)")
    return connection


def numbers(path: Path) -> dict[int, list[object]]:
    """The rows of the table above, read without SQLite."""
    with Pages(path, path.with_name(f"{path.name}-wal")) as pages:
        return {row.id: row.values()[1:] for row in pages.rows() if row is not None and len(row.types) == 3}  # type: ignore[misc]  # any values


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


def fill(connection: sqlite3.Connection) -> dict[int, list[object]]:
    rows = [(value, random.Random(size).randbytes(size)) for size in SIZES for value in VALUES]
    ids = [(-1) ** at * at * 97 for at in range(len(rows))]
    connection.executemany(
        "INSERT INTO t VALUES (?, ?, ?)", [(row, *each) for row, each in zip(ids, rows, strict=True)]
    )
    return {row: list(each) for row, each in zip(ids, rows, strict=True)}


def test_it_reads_what_sqlite_wrote(path: Path) -> None:
    """Every type of value and every length around the limits, in the log or in the database."""
    with closing(open_database(path)) as connection:
        expected = fill(connection)
        assert path.with_name("some.db-wal").stat().st_size > 500_000
        assert numbers(path) == expected
    assert not path.with_name("some.db-wal").exists()
    assert numbers(path) == expected


def test_what_was_deleted_stays_deleted(path: Path) -> None:
    """On pages that were freed stands what was there before."""
    with closing(open_database(path)) as connection:
        expected = fill(connection)
        connection.execute("DELETE FROM t WHERE id > 0")
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        assert free > 30
    assert numbers(path) == {row: values for row, values in expected.items() if row <= 0}


def test_what_was_rolled_back_is_not_there(path: Path) -> None:
    """The log's last frames belong to no transaction that ended."""
    with closing(open_database(path)) as connection:
        connection.execute("INSERT INTO t VALUES (1, 1, x'00')")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t VALUES (?, 2, zeroblob(100000))", [(row,) for row in range(2, 50)])
        assert path.with_name("some.db-wal").stat().st_size > 1_000_000
        assert list(numbers(path)) == [1]
        connection.execute("ROLLBACK")


def test_rows_are_found_without_the_pages_that_lead_to_them(path: Path) -> None:
    """All pages between the root and the leaves overwritten, the file's own header, too."""
    with closing(open_database(path)) as connection:
        expected = fill(connection)
    content = bytearray(path.read_bytes())
    interior = [at for at in range(PAGE_BYTES, len(content), PAGE_BYTES) if content[at] in (0x02, 0x05)]
    assert interior
    for at in interior:
        content[at : at + PAGE_BYTES] = bytes(PAGE_BYTES)
    content[:100] = bytes(100)
    path.write_bytes(content)
    assert numbers(path) == expected


class Frames:
    """A database whose rows are in its log alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log_path = path.with_name(f"{path.name}-wal")
        with closing(open_database(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for row in range(20):
                connection.execute("INSERT INTO t VALUES (?, 0, zeroblob(20000))", (row,))
            self.log = self.log_path.read_bytes()
            shutil.copy(path, path.with_name("copy"))
        path.with_name("copy").rename(path)
        self.frames = (len(self.log) - 32) // (24 + PAGE_BYTES)

    def with_log(self, log: bytes) -> Log:
        self.log_path.write_bytes(log)
        read = Log(self.log_path)
        read.close()
        return read


@pytest.fixture
def frames(path: Path) -> Frames:
    return Frames(path)


def test_the_log_counts_what_was_committed(frames: Frames) -> None:
    """As SQLite counts it."""
    assert frames.with_log(frames.log).last_commit == frames.frames
    with closing(connect(frames.path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1] == frames.frames


@pytest.mark.parametrize("at", [0, 10, 20, 30, 32 + 8, 32 + 24 + 100, 32 + 3 * (24 + PAGE_BYTES) + 500])
def test_the_log_goes_on_after_a_damaged_frame(frames: Frames, at: int) -> None:
    """SQLite would leave out the rest, or with a damaged header everything."""
    log = bytearray(frames.log)
    log[at] ^= 0x40
    assert frames.with_log(bytes(log)).last_commit == frames.frames
    with closing(connect(frames.path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1] < frames.frames


def test_frames_of_an_earlier_log_do_not_count(path: Path) -> None:
    """The log is used again from its beginning; what stands behind is old."""
    with closing(open_database(path)) as connection:
        connection.executemany("INSERT INTO t VALUES (?, 0, zeroblob(20000))", [(row,) for row in range(20)])
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute("INSERT INTO t VALUES (100, 0, x'00')")
        log = Log(path.with_name("some.db-wal"))
        log.close()
        assert log.last_commit < 6
        assert len(numbers(path)) == 21


@pytest.mark.parametrize("at", [4, 7])
def test_a_damaged_page_count_of_a_commit_is_not_believed(frames: Frames, at: int) -> None:
    """Neither are billions of pages looked for, nor are those that are there left out."""
    log = bytearray(frames.log)
    log[32 + (frames.frames - 1) * (24 + PAGE_BYTES) + at] ^= 0x40 if at == 4 else 0x07
    assert frames.with_log(bytes(log)).database_pages is None
    assert len(numbers(frames.path)) == 20


def test_pages_that_were_cut_off_do_not_count(path: Path) -> None:
    """The file is cut at the next checkpoint only; until then the rows of before stand there."""
    with closing(open_database(path)) as connection:
        connection.executemany("INSERT INTO t VALUES (?, 0, zeroblob(20000))", [(row,) for row in range(2000)])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("DELETE FROM t WHERE id > 4")
        connection.executescript("PRAGMA incremental_vacuum")
        assert path.stat().st_size == before
        assert len(numbers(path)) == 5


@pytest.mark.parametrize("log", [b"", b"x", bytes(32), bytes(50_000), random.Random(1).randbytes(50_000)])
def test_a_log_of_anything_else_is_empty(path: Path, log: bytes) -> None:
    """Zeros are no commits, and noise does not agree with itself."""
    path.with_name("some.db-wal").write_bytes(log)
    read = Log(path.with_name("some.db-wal"))
    read.close()
    assert (read.last_commit, read.pages) == (0, {})


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("pages") / "some.db"
    with closing(open_database(path)) as connection:
        fill(connection)
    return path, path.read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_it_ends_on_any_bytes(content: tuple[Path, bytes], data: st.DataObject) -> None:
    """Flipped, overwritten or cut: there are rows, and there is what is unreadable."""
    path, whole = content
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 30))):
        page = data.draw(st.integers(0, len(whole) // PAGE_BYTES - 1)) * PAGE_BYTES
        at = page + data.draw(st.integers(0, 40) | st.integers(0, PAGE_BYTES - 9))
        damaged[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    path.write_bytes(damaged[: data.draw(st.integers(0, len(whole)) | st.just(len(whole)))])
    with Pages(path, path.with_name("none")) as pages:
        for row in pages.rows():
            try:
                values = row.values() if row else []
            except Unreadable:
                continue
            assert not row or len(values) == len(row.types)
