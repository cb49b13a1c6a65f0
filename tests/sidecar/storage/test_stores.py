from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sidecar.storage.config import StorageConfig
from sidecar.storage.disk_journal import DiskJournal
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.errors import StorageUnusable
from sidecar.storage.interfaces import RecordKind
from sidecar.storage.memory_journal import MemoryJournal
from sidecar.storage.memory_outbox import MemoryOutbox
from sidecar.storage.stores import Stores, open_stores
from tests.support.clock import FakeClock

MIB = 1024 * 1024


def opened(queue_mib: int = 1024, **settings: Any) -> Stores:
    return open_stores(
        StorageConfig.model_validate(settings),
        {"a": queue_mib * MIB, "b": MIB},
        on_done=lambda *_: None,
        on_event=lambda *_: None,
        clock=FakeClock(),
    )


def test_without_a_directory_everything_is_in_memory() -> None:
    """No file is made."""

    async def scenario() -> None:
        stores = opened()
        assert isinstance(stores.journal, MemoryJournal)
        assert isinstance(stores.outbox, MemoryOutbox)
        await stores.close()

    asyncio.run(scenario())


def test_with_a_directory_everything_is_on_disk(tmp_path: Path) -> None:
    """And the directory is free again after `close`."""

    async def scenario() -> None:
        for _ in range(2):
            stores = opened(directory=tmp_path)
            assert isinstance(stores.journal, DiskJournal)
            assert isinstance(stores.outbox, DiskOutbox)
            await stores.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(("queue_mib", "journal_mib"), [(1024, 32), (8, 56)])
def test_journal_and_outbox_share_the_size(tmp_path: Path, queue_mib: int, journal_mib: int) -> None:
    """The outbox has what its largest queue may hold, at most half; the journal has the rest."""

    async def scenario() -> None:
        for directory in (tmp_path, None):
            stores = opened(queue_mib, directory=directory, max_size_mib=64)
            assert stores.journal.max_bytes == journal_mib * MIB
            await stores.close()

    asyncio.run(scenario())


def test_a_store_that_cannot_be_opened_leaves_the_directory_free(tmp_path: Path) -> None:
    """With the right key again, the next start works."""

    async def scenario() -> None:
        stores = opened(directory=tmp_path)
        stores.journal.append(RecordKind.LOGS, b"request", 1, 0)
        await stores.close()
        key_file = tmp_path / "encryption.key"
        key = key_file.read_bytes()
        key_file.write_bytes(b"y" * 64)
        with pytest.raises(StorageUnusable):
            opened(directory=tmp_path)
        key_file.write_bytes(key)
        await opened(directory=tmp_path).close()

    asyncio.run(scenario())
