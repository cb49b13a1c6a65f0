"""Any byte of the outbox's files changed, any length cut: it starts, and what was not hit is delivered."""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sidecar.batch import Delivered
from sidecar.storage.errors import StorageUnusable
from sidecar.storage.interfaces import Decided, Done
from tests.support.outbox import Told, deliver, open_outbox, traces, written

BATCHES = 12
FLIPS = 40


@dataclass
class Left:
    """What a process left behind. Payloads by their first bytes, which are their own."""

    directory: Path
    waiting: list[bytes] = field(default_factory=list)


def leave(directory: Path, *, kill: bool) -> Left:
    """Batches of many sizes, a third of them delivered; decisions and done marks beside them."""
    seeded = random.Random(7)
    alive, image = directory / "alive", directory / "image"
    alive.mkdir()
    left = Left(image)

    async def scenario() -> None:
        outbox = open_outbox(alive)
        for number in range(BATCHES):
            trace_ids = [seeded.randbytes(16) for _ in range(seeded.choice((1, 100, 1000)))]
            payload = seeded.randbytes(seeded.choice((100, 3000, 9000, 40_000)))
            outbox.decide([Decided(1, 2, "p", None, trace_ids)], lambda: None)
            await outbox.put(traces(payload), [Done(number, tuple(trace_ids[:5]))])
            left.waiting.append(payload)
        queue = outbox.queue("a")
        handed_out = [await queue.next() for _ in range(BATCHES)]
        for batch in handed_out[::3]:
            queue.settle(batch, Delivered())
            left.waiting.remove(batch.payload)
        await written(outbox)
        if kill:
            shutil.copytree(alive, image)
        await outbox.close()
        if not kill:
            shutil.copytree(alive, image)

    asyncio.run(scenario())
    return left


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return leave(tmp_path_factory.mktemp("closed"), kill=False)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return leave(tmp_path_factory.mktemp("killed"), kill=True)


@dataclass
class Found:
    delivered: list[bytes]
    decisions: int
    done: int
    told: Told


def open_damaged(left: Left, name: str, content: bytes) -> Found:
    """Raises StorageUnusable."""
    directory = left.directory.with_name("damaged")
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(left.directory, directory)
    (directory / name).write_bytes(content)

    async def scenario() -> Found:
        told = Told()
        outbox = open_outbox(directory, told=told)
        decisions, done = len(list(outbox.decisions())), len(outbox.done(0, 1000))
        found = Found(await deliver(outbox, "a"), decisions, done, told)
        assert sum(outbox.waiting_items.values()) == 0
        await outbox.close()
        again = open_outbox(directory)
        assert sum(again.waiting_items.values()) == 0
        await again.close()
        return found

    return asyncio.run(scenario())


@pytest.mark.parametrize("part", range(8))
@pytest.mark.parametrize("name", ["outbox.db", "outbox.db-wal"])
def test_a_changed_bit_costs_one_row_at_most(
    request: pytest.FixtureRequest, name: str, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever page it is in: nothing else is lost, nothing delivered comes back, and a loss is told."""
    if part % 2:
        monkeypatch.setattr("sidecar.storage.outbox_file._FULL_CHECK_BYTES", 0)
    left: Left = request.getfixturevalue("closed" if name == "outbox.db" else "killed")
    content = (left.directory / name).read_bytes()
    seeded = random.Random(part)
    first = part * len(content) // 8
    for _ in range(FLIPS // 8):
        at = first + seeded.randrange(len(content) // 8)
        changed = bytearray(content)
        changed[at] ^= 1 << seeded.randrange(8)
        try:
            found = open_damaged(left, name, bytes(changed))
        except StorageUnusable as error:
            # The version's own bits.
            assert "has the format" in str(error)  # noqa: PT017  # most of the time there is no error
            continue
        lost = set(left.waiting) - set(found.delivered)
        missing = len(lost) + (BATCHES - found.decisions) + (BATCHES - found.done)
        assert missing <= 1, at
        assert not missing or found.told.damage, at
        assert len(found.delivered) == len(left.waiting) - len(lost), at


@pytest.mark.parametrize("name", ["outbox.db", "outbox.db-wal"])
def test_a_cut_at_any_length_costs_what_is_behind_it(request: pytest.FixtureRequest, name: str) -> None:
    """It starts; nothing is delivered that was not put, nothing twice."""
    left: Left = request.getfixturevalue("closed" if name == "outbox.db" else "killed")
    content = (left.directory / name).read_bytes()
    seeded = random.Random(1)
    fewest = BATCHES
    for length in sorted(seeded.randrange(len(content)) for _ in range(20)):
        found = open_damaged(left, name, content[:length])
        assert len(set(found.delivered)) == len(found.delivered)
        fewest = min(fewest, len(found.delivered))
    assert fewest < len(left.waiting)


def test_noise_in_the_middle_costs_what_it_covers(closed: Left) -> None:
    """A page, and then many, overwritten."""
    content = (closed.directory / "outbox.db").read_bytes()
    seeded = random.Random(3)
    for pages in (1, 1, 1, 4, 16):
        at = seeded.randrange(len(content) // 8192 - pages) * 8192
        changed = bytearray(content)
        changed[at : at + pages * 8192] = seeded.randbytes(pages * 8192)
        found = open_damaged(closed, "outbox.db", bytes(changed))
        assert set(found.delivered) <= set(closed.waiting)
        assert found.told.damage or len(found.delivered) == len(closed.waiting)
