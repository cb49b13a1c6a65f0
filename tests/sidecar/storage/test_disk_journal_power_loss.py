"""The journal on a simulated disk, crashed at every operation of many workloads, each time in many ways."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from errno import ENOSPC
from random import Random
from typing import Final

import pytest

from sidecar.storage.interfaces import RecordKind
from tests.sidecar.storage.journal_ledger import SECOND_NS, Fault, Ledger, opened, replayed, sometime
from tests.support.simulated_disk import CrashPoint, Kind, SimulatedDisk

POWER_LOSSES: Final = 10_000
"""Over all workloads together: operations times seeds, at least."""
PROCESS_CRASHES: Final = 2_000
LIVES: Final = 8
FAMILIES: Final = 20


@dataclass(frozen=True)
class Workload:
    steps: int = 40
    sizes: tuple[int, int] = (0, 200)
    clients: int = 1
    """At most so many append at once and share a sync."""
    settles: float = 0.5
    """Chance, in each step, that some holds of some records are settled."""
    segment_bytes: int = 4096
    seconds: int = 1
    """At most so much time passes between steps."""
    faults: tuple[Fault, ...] = field(default=())


WORKLOADS: Final = {
    "small records": Workload(settles=0),
    "large records": Workload(steps=20, sizes=(500, 6000), settles=0.3),
    "group commit": Workload(steps=25, clients=6),
    "rotation": Workload(segment_bytes=700, clients=2),
    "a segment each": Workload(steps=25, segment_bytes=1, settles=0.9),
    "time passes": Workload(seconds=45, clients=2),
    "short lives": Workload(segment_bytes=1500, settles=1.0, clients=3),
    "failing syncs": Workload(
        clients=3, segment_bytes=2000, faults=(Fault(Kind.SYNC, skip=5), Fault(Kind.SYNC, skip=9, times=2))
    ),
    "syncs that fail and forget": Workload(
        clients=3,
        segment_bytes=2000,
        faults=(Fault(Kind.SYNC, skip=8, times=3, forgets=True), Fault(Kind.SYNC, skip=6)),
    ),
    "failing directory syncs": Workload(
        clients=2, segment_bytes=900, faults=(Fault(Kind.SYNC_DIRECTORY, skip=2, times=2),)
    ),
    "failing writes": Workload(
        clients=2,
        segment_bytes=2000,
        faults=(
            Fault(Kind.APPEND, skip=9, part=0.4),
            Fault(Kind.APPEND, ENOSPC, skip=5, times=3, part=0.1),
            Fault(Kind.APPEND, skip=7, part=1.0),
        ),
    ),
    "everything fails now and then": Workload(
        clients=4,
        segment_bytes=1500,
        faults=(
            Fault(Kind.APPEND, skip=20, part=0.7),
            Fault(Kind.SYNC, skip=6),
            Fault(Kind.SYNC, skip=1, times=2, forgets=True),
            Fault(Kind.CREATE, ENOSPC, skip=3, times=2),
            Fault(Kind.REMOVE, skip=1, times=2),
            Fault(Kind.SYNC_DIRECTORY, skip=3),
        ),
    ),
}
workloads = pytest.mark.parametrize("workload", WORKLOADS.values(), ids=[name.replace(" ", "-") for name in WORKLOADS])


async def run(workload: Workload, disk: SimulatedDisk, ledger: Ledger, *, fsync_always: bool) -> None:
    """One process's life, from its start to its end; what it knew at which operation is in the ledger."""
    random = ledger.random
    for fault in workload.faults:
        fault.plan(disk)
    journal = opened(
        disk, random, fsync_always=fsync_always, segment_bytes=workload.segment_bytes, run_blocking=sometime(random)
    )
    found = replayed(journal)
    ledger.check(found)
    ledger.take_over(found)
    waiting: list[asyncio.Task[None]] = []
    for _ in range(workload.steps):
        ledger.now_unix_nano += random.randint(0, workload.seconds) * SECOND_NS
        for _ in range(random.randint(1, workload.clients)):
            raw = ledger.append(journal, disk, size=random.randint(*workload.sizes), durable_at_once=not fsync_always)
            if raw is not None and fsync_always and random.random() < 0.9:
                waiting.append(asyncio.create_task(ledger.acknowledge(journal, disk, raw)))
        for _ in range(random.randrange(6)):
            await asyncio.sleep(0)
        while random.random() < workload.settles and (held := ledger.held):
            raw = random.choice(held[: len(held) // 2 + 1])
            ledger.settle(journal, disk, raw, random.randint(1, ledger.entries[raw].holds))
        if random.random() < 0.3:
            journal.tick(ledger.now_unix_nano)
    await asyncio.gather(*waiting)
    disk.heal()
    await asyncio.sleep(0)


async def recovers(disk: SimulatedDisk, ledger: Ledger, random: Random, *, fsync_always: bool) -> None:
    """A process starts on the disk, finds what it must, goes on, and after the next crash it is all there again."""
    journal = opened(disk, random, fsync_always=fsync_always)
    found = replayed(journal)
    ledger.check(found)
    for record in found:
        assert journal.read(record.ref) == record.raw
    ref = journal.append(RecordKind.LOGS, b"new", 1, ledger.now_unix_nano)
    assert not found or ref > found[-1].ref
    await journal.durable(ref)
    assert journal.read(ref) == b"new"
    again = disk.power_loss(random) if fsync_always else disk.process_crash()
    after = replayed(opened(again, random, fsync_always=fsync_always))
    assert after.pop().raw == b"new"
    ledger.check(after)


@workloads
def test_power_loss_costs_nothing_that_was_acknowledged(workload: Workload) -> None:
    """With `fsync: always`: each record once, unaltered, in order, whatever the disk made of the rest."""

    async def scenario() -> int:
        disk, ledger = SimulatedDisk(), Ledger(Random(workload.steps))
        await run(workload, disk, ledger, fsync_always=True)
        assert sum(entry.acknowledged_at is not None for entry in ledger.entries.values()) > workload.steps // 2
        seeds = POWER_LOSSES // len(WORKLOADS) // len(disk.operations) + 1
        crashes = 0
        for point in disk.crash_points():
            then = ledger.at(point.index, power_lost=True)
            for seed in range(seeds):
                random = Random(f"crash {seed}")
                await recovers(point.power_loss(random), then, random, fsync_always=True)
                crashes += 1
        return crashes

    assert asyncio.run(scenario()) >= POWER_LOSSES / len(WORKLOADS)


@workloads
@pytest.mark.parametrize("fsync_always", [False, True], ids=["process", "always"])
def test_kill_costs_nothing_that_was_acknowledged(workload: Workload, fsync_always: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Killed at any operation, also in the middle of a write; with `fsync: process`, append acknowledges."""

    async def scenario() -> None:
        disk, ledger = SimulatedDisk(), Ledger(Random(workload.steps))
        await run(workload, disk, ledger, fsync_always=fsync_always)
        seeds = PROCESS_CRASHES // len(WORKLOADS) // 2 // len(disk.operations) + 1
        for point in disk.crash_points():
            then = ledger.at(point.index, power_lost=False)
            for seed in range(seeds):
                random = Random(f"crash {seed}")
                await recovers(point.process_crash(random), then, random, fsync_always=fsync_always)

    asyncio.run(scenario())


def a_point(disk: SimulatedDisk, ledger: Ledger, random: Random, crash: str) -> tuple[SimulatedDisk, Ledger]:
    """The disk and what was known, at some operation: at its very start (recovery) as often as later."""
    last = len(disk.operations)
    index = random.choice((random.randint(0, min(last, 6)), random.randint(0, last), last))
    for point in disk.crash_points():
        if point.index == index:
            return after(point, random, crash), ledger.at(index, power_lost=crash != "kill")
    raise AssertionError


def after(point: CrashPoint, random: Random, crash: str) -> SimulatedDisk:
    return point.process_crash(random) if crash == "kill" else point.power_loss(random)


@pytest.mark.parametrize("family", range(FAMILIES))
def test_crash_after_crash_costs_nothing_that_was_acknowledged(family: int) -> None:
    """Kills and power losses by turns, in recovery too; what was found once and is held is found every time."""

    async def scenario() -> None:
        random = Random(f"family {family}")
        disk, ledger = SimulatedDisk(), Ledger(random)
        for _ in range(LIVES):
            workload = random.choice(list(WORKLOADS.values()))
            await run(workload, disk, ledger, fsync_always=True)
            disk, ledger = a_point(disk, ledger, random, random.choice(("kill", "power loss")))
        await recovers(disk, ledger, random, fsync_always=True)

    asyncio.run(scenario())


@pytest.mark.parametrize("family", range(FAMILIES))
def test_kill_after_kill_costs_nothing_that_was_acknowledged(family: int) -> None:
    """The same with `fsync: process`."""

    async def scenario() -> None:
        random = Random(f"family {family}")
        disk, ledger = SimulatedDisk(), Ledger(random)
        for _ in range(LIVES):
            workload = random.choice(list(WORKLOADS.values()))
            await run(workload, disk, ledger, fsync_always=False)
            disk, ledger = a_point(disk, ledger, random, "kill")
        await recovers(disk, ledger, random, fsync_always=False)

    asyncio.run(scenario())
