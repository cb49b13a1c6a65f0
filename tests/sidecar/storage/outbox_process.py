"""A process that puts and settles until it is killed, and says line by line what it was promised.

put N        its batch, its decision and its done mark are in the outbox
taken N      handed out: it may be settled from here on
settled N    settled, and that is in the outbox, too
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
from pathlib import Path

from sidecar.batch import Delivered
from sidecar.storage.interfaces import Decided, Done
from tests.support.outbox import open_outbox, traces, written

SIZES = (100, 3000, 40_000)


def payload(number: int) -> bytes:
    return b"%d " % number * (SIZES[number % 3] // len(b"%d " % number))


def number_of(payload: bytes) -> int:
    return int(payload.split(b" ", 1)[0])


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def say(word: str, number: int) -> None:
    os.write(1, f"{word} {number}\n".encode())


async def work(directory: Path, first: int, seed: int) -> None:
    seeded = random.Random(seed)
    outbox = open_outbox(directory)
    queue = outbox.queue("a")
    numbers = itertools.count(first)
    while True:
        group = [next(numbers) for _ in range(seeded.randrange(1, 8))]
        outbox.decide([Decided(number, 1 << 62, "p", None, [trace_id(number)]) for number in group], lambda: None)
        await asyncio.gather(*(outbox.put(traces(payload(each)), [Done(each, (trace_id(each),))]) for each in group))
        for number in group:
            say("put", number)
        taken = [await queue.next() for _ in range(min(queue.waiting_batches, seeded.randrange(8)))]
        for batch in taken:
            say("taken", number_of(batch.payload))
            queue.settle(batch, Delivered())
        if seeded.random() < 0.5:
            await written(outbox)
            for batch in taken:
                say("settled", number_of(batch.payload))


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
