from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.sidecar.storage import outbox_process
from tests.sidecar.storage.outbox_process import number_of, payload, trace_id
from tests.support.outbox import Told, open_outbox, take

ROOT = Path(__file__).parents[3]
KILLS = 10


def run_until_killed(directory: Path, first: int, seeded: random.Random) -> list[tuple[str, int]]:
    """What it said before it was killed, at some line or a little after."""
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", outbox_process.__name__, str(directory), str(first), str(first)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        lines = [process.stdout.readline() for _ in range(seeded.randrange(1, 200))]
    finally:
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
    whole = b"".join(lines) + rest
    # A kill can cut the last line.
    return [(word, int(number)) for word, number in (line.split() for line in whole.decode().split("\n")[:-1])]


def test_a_kill_at_any_moment_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    """Each process goes on with what the one before left: what was put is there, what was settled is not.

    With each batch its decision and its done mark are there.
    """
    seeded = random.Random()
    said: dict[str, set[int]] = defaultdict(set)
    first = 1
    for _ in range(KILLS):
        for word, number in run_until_killed(tmp_path, first, seeded):
            said[word].add(number)
        first = max(said["put"], default=0) + 1_000

        async def check() -> None:
            told = Told()
            outbox = open_outbox(tmp_path, told=told)
            queue = outbox.queue("a")
            payloads = await take(queue, queue.waiting_batches)
            found = [number_of(each) for each in payloads]
            assert payloads == [payload(number) for number in found]
            assert len(found) == len(set(found))
            assert said["put"] - said["taken"] <= set(found)
            assert not said["settled"] & set(found)
            decided = {each for decision in outbox.decisions() for each in decision.trace_ids}
            assert {trace_id(number) for number in said["put"] | set(found)} <= decided
            assert said["put"] | set(found) <= outbox.done(0, 1 << 60).keys()
            assert not told.damage
            await outbox.close()

        asyncio.run(check())
    assert len(said["put"]) > KILLS
    assert said["settled"]
