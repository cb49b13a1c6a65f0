"""Which stores a configuration asks for: on disk, or in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sidecar.clock import Clock
from sidecar.storage.config import StorageConfig
from sidecar.storage.directory import StorageDirectory
from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.file_system import Directory
from sidecar.storage.interfaces import Journal, OnDone, Outbox
from sidecar.storage.memory_journal import MemoryJournal
from sidecar.storage.memory_outbox import MemoryOutbox
from sidecar.storage.queues import Takes

OnEvent = Callable[[str, str], None]
"""Told (store, event) of what should not happen."""


@dataclass(frozen=True, slots=True)
class Stores:
    journal: Journal
    outbox: Outbox
    directory: StorageDirectory | None

    async def close(self) -> None:
        await self.outbox.close()  # first: what it still writes down lets go of records
        await self.journal.idle()
        self.journal.close()
        if self.directory is not None:
            self.directory.close()


def open_stores(
    config: StorageConfig,
    queue_bytes: Mapping[str, int],
    *,
    on_done: OnDone,
    on_event: OnEvent,
    clock: Clock,
    takes: Takes | None = None,
) -> Stores:
    """`queue_bytes` and `takes` by exporter. What one may hold, the journal cannot: together they stay within `max_bytes`.

    Raises StorageUnusable, and OSError.
    """
    limits = {name: min(size, config.max_bytes // 2) for name, size in queue_bytes.items()}
    journal_bytes = config.max_bytes - max(limits.values())
    if config.directory is None:
        return Stores(MemoryJournal(journal_bytes), MemoryOutbox(limits, on_done, takes), None)
    directory = StorageDirectory(config.directory, config.encryption_key_file, set_aside=config.lost_key == "set_aside")
    if directory.was_set_aside:
        on_event("directory", "lost_key")
    try:
        journal = DiskJournal(
            Directory(directory.journal),
            directory.vault,
            max_bytes=journal_bytes,
            fsync_always=config.fsync == "always",
            on_event=lambda event: on_event("journal", event),
        )
        outbox = DiskOutbox(
            directory.path,
            directory.vault,
            limits,
            on_done,
            fsync_always=config.fsync == "always",
            clock=clock,
            on_damage=lambda what: on_event("outbox", f"damaged_{what}"),
            on_error=lambda error: on_event("outbox", error),
            takes=takes,
        )
    except BaseException:
        directory.close()
        raise
    return Stores(journal, outbox, directory)
