from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.storage.errors import StorageUnusable, WrongKey
from sidecar.storage.interfaces import Decided
from sidecar.storage.outbox_file import OutboxFile
from sidecar.storage.outbox_rows import Seals
from sidecar.storage.outbox_schema import connect, create_tables
from sidecar.storage.vault import Vault
from tests.support.outbox import KEY, open_outbox, traces, written

Damage = Callable[[Path], None]


def outbox_file(directory: Path, key: bytes = KEY) -> OutboxFile:
    vault = Vault(key)
    return OutboxFile(directory, vault, Seals(vault), fsync_always=False)


def waiting(file: OutboxFile) -> int:
    return len(file.open(["a"]).waiting)


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The directory of a process with three batches waiting that was killed: much is in the log only."""
    alive, killed = tmp_path / "alive", tmp_path / "killed"
    alive.mkdir()

    async def scenario() -> None:
        outbox = open_outbox(alive)
        outbox.decide([Decided(1, 2, "p", None, [bytes(16)])], lambda: None)
        for payload in (b"1", b"2", b"3"):
            await outbox.put(traces(payload), [])
            await written(outbox)
        shutil.copytree(alive, killed)
        await outbox.close()

    asyncio.run(scenario())
    return killed


@pytest.fixture
def closed(killed: Path) -> Path:
    """The same, closed: there is no log."""
    with closing(connect(killed / "outbox.db")):
        pass
    return killed


def test_a_new_directory_gets_an_empty_outbox(tmp_path: Path) -> None:
    """And no reason to tell of damage; so does one that was killed while it was made."""
    for _ in range(2):
        file = outbox_file(tmp_path)
        assert waiting(file) == 0
        assert not file.damage
    (tmp_path / "outbox.db").unlink()
    with closing(connect(tmp_path / "outbox.db")):
        pass
    file = outbox_file(tmp_path)
    assert waiting(file) == 0
    assert not file.damage


def test_what_a_killed_process_left_is_there(killed: Path) -> None:
    """Without a word about damage, and without anything but the database afterwards."""
    file = outbox_file(killed)
    assert waiting(file) == 3
    assert not file.damage
    assert names(killed) == {"outbox.db"}


@pytest.mark.parametrize("key_id", [None, b"short", "text", bytes(16)])
def test_a_damaged_key_id_does_not_lock_anything_away(closed: Path, key_id: object) -> None:
    """The rows open, so the key is right."""
    with closing(connect(closed / "outbox.db")) as connection:
        connection.execute("DELETE FROM meta")
        if key_id is not None:
            connection.execute("INSERT INTO meta VALUES (1, ?)", (key_id,))
    assert waiting(outbox_file(closed)) == 3
    with closing(connect(closed / "outbox.db")) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [(Vault(KEY).key_id,)]


def test_another_key_is_refused_and_nothing_is_changed(killed: Path) -> None:
    """The right key finds everything, and nothing damaged."""
    with pytest.raises(WrongKey, match="put that key back"):
        outbox_file(killed, KEY[::-1]).open(["a"])
    file = outbox_file(killed)
    assert waiting(file) == 3
    assert not file.damage


def test_another_key_is_refused_on_a_corrupt_database(closed: Path) -> None:
    """Nothing is set aside for it."""
    content = bytearray((closed / "outbox.db").read_bytes())
    content[0] ^= 1
    (closed / "outbox.db").write_bytes(content)
    with pytest.raises(WrongKey):
        outbox_file(closed, KEY[::-1]).open(["a"])
    assert names(closed) == {"outbox.db"}
    assert waiting(outbox_file(closed)) == 3


def test_an_empty_outbox_takes_another_key(tmp_path: Path) -> None:
    """There is nothing that could not be read."""
    assert waiting(outbox_file(tmp_path)) == 0
    assert waiting(outbox_file(tmp_path, KEY[::-1])) == 0
    with closing(connect(tmp_path / "outbox.db")) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [(Vault(KEY[::-1]).key_id,)]


@pytest.mark.parametrize("version", [0, 2, 99])
def test_another_version_is_refused_and_nothing_is_changed(closed: Path, version: int) -> None:
    """The message says which version it is and what to do."""
    with closing(connect(closed / "outbox.db")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    before = (closed / "outbox.db").read_bytes()
    with pytest.raises(StorageUnusable, match=f"has the format {version}, and this version reads 1: run"):
        outbox_file(closed).open(["a"])
    assert (closed / "outbox.db").read_bytes() == before
    assert names(closed) == {"outbox.db"}


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Jane Doe');")


def _without_table(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("DROP TABLE done")


def _of_another_application(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA application_id = 0")


def _header(at: int, value: bytes) -> Damage:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[at : at + len(value)] = value
        path.write_bytes(content)

    return damage


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        (lambda path: path.write_bytes(b"not a database, but of some length. " * 1000), 0),
        (_foreign, 0),
        (_without_table, 3),
        (_of_another_application, 3),
        (_header(0, b"SQLite"[::-1]), 3),
        (_header(16, b"\x10\x00"), 3),
        (_header(18, b"\x02\x03"), 3),
        (_header(20, b"\x20"), 3),
        (_header(28, b"\x00\x00\xff\xff"), 3),
        (_header(32, b"\x00\x00\x00\x03\x00\x00\x00\x01"), 3),
        (_header(52, bytes(4)), 3),
        (_header(56, b"\x00\x00\x00\x02"), 3),
        (_header(64, bytes(4)), 3),
        (_header(0, bytes(100)), 3),
    ],
    ids=[
        "no database", "foreign", "without table", "application", "magic", "page size", "read version",
        "reserved", "page count", "free list", "largest root", "encoding", "vacuum", "zeros",
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_set_aside_and_what_opens_is_kept(closed: Path, damage: Damage, left: int) -> None:
    """It is told once; afterwards all is well."""
    damage(closed / "outbox.db")
    file = outbox_file(closed)
    assert waiting(file) == left
    assert file.damage["database"] == 1
    assert names(closed) == {"outbox.db", "set-aside"}
    again = outbox_file(closed)
    assert waiting(again) == left
    assert not again.damage


@pytest.mark.parametrize("cut", [1, 99, 100, 4096, 8191, 8192, 8193, 30_000, 60_000, -8192])
def test_a_cut_database_keeps_what_is_before_the_cut(closed: Path, cut: int) -> None:
    """At least it can be opened."""
    content = (closed / "outbox.db").read_bytes()
    assert len(content) > 60_000
    (closed / "outbox.db").write_bytes(content[:cut])
    file = outbox_file(closed)
    assert waiting(file) in range(4)
    assert file.damage["database"] == 1


@pytest.mark.parametrize("log", [b"", random.Random(1).randbytes(50_000), bytes(50_000)])
def test_a_log_that_is_none_costs_nothing(closed: Path, log: bytes) -> None:
    """The database is whole without it."""
    (closed / "outbox.db-wal").write_bytes(log)
    file = outbox_file(closed)
    assert waiting(file) == 3
    assert not file.damage


def test_a_damaged_frame_of_the_log_costs_no_more_than_its_page(killed: Path) -> None:
    """SQLite would leave out all that was committed after it, silently."""
    log = bytearray((killed / "outbox.db-wal").read_bytes())
    log[20] ^= 1
    (killed / "outbox.db-wal").write_bytes(log)
    file = outbox_file(killed)
    assert waiting(file) == 3
    assert file.damage == {"database": 1}


def test_a_kill_while_a_damaged_log_was_found_out_costs_nothing(killed: Path) -> None:
    """SQLite has removed the log by then; the kept one is the one that counts."""
    log = bytearray((killed / "outbox.db-wal").read_bytes())
    log[20] ^= 1
    (killed / "outbox.db-wal.kept").write_bytes(log)
    (killed / "outbox.db-wal").unlink()
    file = outbox_file(killed)
    assert waiting(file) == 3
    assert "outbox.db-wal.kept" not in names(killed)


def test_an_empty_database_beside_a_log(killed: Path) -> None:
    """SQLite would delete the log. It is set aside, and told."""
    (killed / "outbox.db").write_bytes(b"")
    file = outbox_file(killed)
    assert waiting(file) == 0
    assert file.damage == {"database": 1}
    assert any(path.name.startswith("outbox.db-wal") for path in (killed / "set-aside").iterdir())


def _new_database(path: Path) -> None:
    with closing(connect(path)) as connection:
        create_tables(connection, Vault(KEY).key_id)


def test_a_half_made_database_is_made_again(closed: Path) -> None:
    """The old one is still there."""
    (closed / "outbox.db.new").write_bytes(b"half")
    (closed / "outbox.db.new-wal").write_bytes(b"half")
    assert waiting(outbox_file(closed)) == 3
    assert names(closed) == {"outbox.db"}


def test_a_whole_new_database_takes_the_name(closed: Path) -> None:
    """A kill came after the old one was set aside; its log belongs to no one."""
    (closed / "outbox.db").rename(closed / "outbox.db.new")
    (closed / "outbox.db-wal").write_bytes(b"of the old one")
    file = outbox_file(closed)
    assert waiting(file) == 3
    assert names(closed) == {"outbox.db", "set-aside"}


def test_no_room_for_the_new_database_changes_nothing(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator is told; the old one is left for the next start."""
    content = bytearray((closed / "outbox.db").read_bytes())
    content[0] ^= 1
    (closed / "outbox.db").write_bytes(content)

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("full")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("sidecar.storage.outbox_salvage.create_tables", full)
        with pytest.raises(StorageUnusable, match=r"SQLITE_FULL.*nothing was deleted"):
            outbox_file(closed).open(["a"])
    assert names(closed) == {"outbox.db"}
    assert waiting(outbox_file(closed)) == 3


def test_a_directory_in_its_place_is_an_error(tmp_path: Path) -> None:
    """One that names the file."""
    (tmp_path / "outbox.db").mkdir()
    with pytest.raises(StorageUnusable, match=r"outbox\.db cannot be opened"):
        outbox_file(tmp_path).open(["a"])
