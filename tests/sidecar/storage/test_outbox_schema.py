from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.storage.outbox_schema import (
    APPLICATION_ID,
    PAGE_BYTES,
    VERSION,
    application_id,
    connect,
    create_tables,
    is_empty,
    is_ours,
    read_key_id,
    set_row_aside,
    version,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "outbox.db"
    with closing(connect(path)) as connection:
        create_tables(connection, b"0123456789abcdef")
    return path


def test_a_new_database_says_what_it_is(path: Path) -> None:
    """Application, version, key, and the settings that only an empty file takes."""
    with closing(connect(path)) as connection:
        assert (application_id(connection), version(connection)) == (APPLICATION_ID, VERSION)
        assert read_key_id(connection) == b"0123456789abcdef"
        assert is_ours(connection)
        assert not is_empty(connection)
        assert connection.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,)


@pytest.mark.parametrize(("fsync_always", "synchronous"), [(False, 1), (True, 2)])
def test_fsync_is_what_was_asked_for(path: Path, synchronous: int, *, fsync_always: bool) -> None:
    """NORMAL survives the process, FULL the power."""
    with closing(connect(path, fsync_always=fsync_always)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_only_the_owner_reads_it(path: Path) -> None:
    """Log and shared memory, too, whatever the umask says."""
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO done VALUES (1, 2, x'00')")
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == dict.fromkeys(("outbox.db", "outbox.db-wal", "outbox.db-shm"), 0o600)


def test_connecting_writes_nothing(path: Path) -> None:
    """A damaged log would be overwritten by the first page that is written."""
    with closing(connect(path)) as keeping:
        keeping.execute("INSERT INTO done VALUES (1, 2, x'00')")
        before = (path.parent / "outbox.db-wal").read_bytes()
        with closing(connect(path)):
            assert (path.parent / "outbox.db-wal").read_bytes() == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever could place one would choose the file that is written."""
    (tmp_path / "outbox.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"outbox\.db"):
        connect(tmp_path / "outbox.db")


def test_a_changed_table_is_not_ours(path: Path) -> None:
    """One letter makes another column of it."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER PRIMARY', 'INTEGEP PRIMARY')")
    with closing(connect(path)) as connection:
        assert not is_ours(connection)


def test_an_interrupted_creation_leaves_no_tables(tmp_path: Path) -> None:
    """All of them or none: the file counts as empty then."""
    with closing(connect(tmp_path / "outbox.db")) as connection:
        assert is_empty(connection)
        connection.execute("CREATE TABLE done (id)")
        with pytest.raises(sqlite3.OperationalError):
            create_tables(connection, b"")
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("done",)]
        assert not connection.in_transaction


def test_so_many_damaged_rows_are_kept_and_so_much_of_each(path: Path) -> None:
    """The last of them."""
    with closing(connect(path)) as connection:
        for row in range(1, 101):
            connection.execute("INSERT INTO payloads VALUES (?, 0, 0, zeroblob(300000))", (row,))
            set_row_aside(connection, "payloads", row)
        kept = connection.execute("SELECT row, origin, length(sealed) FROM damaged ORDER BY id").fetchall()
        assert kept == [(row, "payloads", 256 * 1024) for row in range(37, 101)]
        assert connection.execute("SELECT count(*) FROM payloads").fetchone() == (0,)
        set_row_aside(connection, "payloads", 5)
        assert connection.execute("SELECT count(*) FROM damaged").fetchone() == (64,)
