"""Outboxes on disk for tests, and what they told."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused
from sidecar.clock import Clock, SystemClock
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.interfaces import ExporterQueue, Outbox
from sidecar.storage.queues import Takes
from sidecar.storage.vault import Vault

KEY = b"a key of thirty-two bytes or so."
PLENTY = 10**12
_LAST = "the last, number "
_numbers = itertools.count()


@dataclass
class Told:
    ends: list[tuple[bytes, dict[str, Delivered | Refused]]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def done(self, batch: Batch, outcomes: Mapping[str, Delivered | Refused]) -> None:
        self.ends.append((batch.payload, dict(outcomes)))


def open_outbox(
    directory: Path,
    *exporters: str,
    told: Told | None = None,
    key: bytes = KEY,
    clock: Clock | None = None,
    fsync_always: bool = False,
    takes: Takes | None = None,
) -> DiskOutbox:
    told = told or Told()
    return DiskOutbox(
        directory,
        Vault(key),
        dict.fromkeys(exporters or ("a",), PLENTY),
        told.done,
        fsync_always=fsync_always,
        clock=clock or SystemClock(),
        on_damage=told.damage.append,
        on_error=told.errors.append,
        takes=takes,
    )


def traces(*payloads: bytes) -> list[tuple[Signal, bytes, int]]:
    """One item each."""
    return [(Signal.TRACES, payload, 1) for payload in payloads]


async def take(queue: ExporterQueue, batches: int) -> list[bytes]:
    return [(await queue.next()).payload for _ in range(batches)]


async def deliver(outbox: Outbox, exporter: str) -> list[bytes]:
    """All that waits for it, delivered, oldest first; what is damaged settles itself meanwhile."""
    last = f"{_LAST}{next(_numbers)}".encode()
    await outbox.put(traces(last), [])
    queue = outbox.queue(exporter)
    payloads: list[bytes] = []
    while not payloads or payloads[-1] != last:
        batch = await queue.next()
        payloads.append(batch.payload)
        queue.settle(batch, Delivered())
    return [payload for payload in payloads if not payload.startswith(_LAST.encode())]


async def written(outbox: Outbox) -> None:
    """Returns when all that was handed over before is committed."""
    await outbox.put([], [])
