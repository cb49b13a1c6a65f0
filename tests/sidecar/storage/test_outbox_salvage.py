from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from processors.otlp.signal import Signal
from sidecar.storage.errors import WrongKey
from sidecar.storage.interfaces import Decided, Done
from sidecar.storage.outbox_rows import Seals
from sidecar.storage.outbox_salvage import salvage
from sidecar.storage.outbox_schema import connect
from sidecar.storage.vault import Vault
from tests.support.outbox import KEY, open_outbox, traces

TABLES = ("batches", "payloads", "decisions", "done")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Three batches, two decisions, one done mark, and a damaged row of long ago."""

    async def scenario() -> None:
        outbox = open_outbox(tmp_path)
        outbox.decide(
            [Decided(1, 2, "p", None, [bytes(16)]), Decided(3, 4, "p", None, [bytes(16)] * 1000)], lambda: None
        )
        await outbox.put([*traces(b"1", bytes(50_000)), (Signal.LOGS, b"3", 3)], [Done(5, None)])
        await outbox.close()

    asyncio.run(scenario())
    path = tmp_path / "outbox.db"
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO damaged VALUES (1, 'batches', 7, x'0102')")
    return path


def content(path: Path) -> dict[str, set[tuple[object, ...]]]:
    with closing(connect(path)) as connection:
        return {table: set(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}  # noqa: S608  # named above


def change(path: Path, *statements: str) -> None:
    with closing(connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def salvaged(old: Path, key: bytes = KEY) -> tuple[Counter[str], dict[str, set[tuple[object, ...]]]]:
    vault = Vault(key)
    new = old.with_name("new.db")
    lost = salvage(old, old.with_name("outbox.db-wal"), new, vault, Seals(vault))
    assert not old.with_name("new.db-wal").exists()
    return lost, content(new)


def test_an_undamaged_database_is_taken_over_as_it_is(old: Path) -> None:
    """Row by row, but for what was damaged already."""
    before = content(old)
    assert salvaged(old) == (Counter(database=1), before)


@pytest.mark.parametrize(
    ("damage", "lost", "gone"),
    [
        # A batch can be made from its payload, and says what stands beside it.
        ("UPDATE batches SET sealed = zeroblob(100) WHERE id = (SELECT min(id) FROM batches)", {}, {"batches": 1}),
        ("UPDATE payloads SET items = 9, signal = 2", {}, {}),
        (
            "UPDATE payloads SET sealed = zeroblob(100) WHERE id = (SELECT min(id) FROM payloads)",
            {"batch": 1},
            {"batches": 1, "payloads": 1},
        ),
        ("DELETE FROM payloads", {"batch": 3}, {"batches": 3, "payloads": 3}),
        ("UPDATE decisions SET until_unix_nano = 9 WHERE until_unix_nano = 2", {"row": 1}, {"decisions": 1}),
        ("UPDATE done SET sealed = 'text'", {"row": 1}, {"done": 1}),
    ],
)
def test_what_does_not_open_is_lost(old: Path, damage: str, lost: dict[str, int], gone: dict[str, int]) -> None:
    """It alone, and it is counted."""
    before = content(old)
    change(old, damage)
    counted, after = salvaged(old)
    assert counted == Counter({**lost, "database": 1})
    assert {table: len(rows) - len(after[table]) for table, rows in before.items()} == dict.fromkeys(TABLES, 0) | gone
    for table in ("batches", "payloads"):
        assert after[table] <= before[table]


def test_another_key_is_not_damage(old: Path) -> None:
    """If nothing opens and the key id is another one."""
    with pytest.raises(WrongKey):
        salvaged(old, KEY[::-1])


@pytest.mark.parametrize("delete", [lambda _: None, lambda path: change(path, "DELETE FROM meta")])
def test_a_damaged_key_id_is_made_anew(old: Path, delete: Callable[[Path], None]) -> None:
    """The rows open: it is the right key."""
    change(old, "UPDATE meta SET value = x'000102030405060708090a0b0c0d0e0f'")
    delete(old)
    lost, after = salvaged(old)
    assert lost == Counter(database=1)
    assert len(after["batches"]) == 3


def test_many_rows_are_taken_over_in_many_transactions(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the log stays small."""
    monkeypatch.setattr("sidecar.storage.outbox_salvage._COMMIT_BYTES", 100)
    before = content(old)
    assert salvaged(old) == (Counter(database=1), before)
