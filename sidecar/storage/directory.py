"""The storage directory: one process at a time, readable by its owner only, with one encryption key.

    lock              held (flock) by the process that uses the directory
    encryption.key    unless the key is elsewhere
    journal/          `disk_journal.py`
    outbox.db         `disk_outbox.py`
    system-prompts    `state_file.py`: hashes of the system prompts seen so far

Rules for the key
  1. Without a key file one is made, but only while there is nothing that another key could have written.
  2. A key file that is not there although there is data, or too short, or not this directory's: an error, and nothing
     is changed. What was written under a key is lost without it: that is what makes a key worth having.
     With `lost_key: set_aside`, data whose key file is not there goes to set-aside/, and a key is made.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from pathlib import Path
from typing import Final, Self

from sidecar.storage.errors import StorageUnusable
from sidecar.storage.file_system import ASIDE
from sidecar.storage.vault import Vault

_log = logging.getLogger(__name__)

MIN_KEY_BYTES: Final = 32
_KEY_NAME: Final = "encryption.key"
_LOCK_NAME: Final = "lock"
_JOURNAL: Final = "journal"
_OUTBOX: Final = "outbox.db"


class StorageDirectory:
    """Raises StorageUnusable with what to do about it, and OSError where the disk says no."""

    def __init__(self, path: Path, key_file: Path | None = None, *, set_aside: bool = False) -> None:
        self.path = path
        self.was_set_aside = False
        self._may_set_aside = set_aside
        self._key_file = key_file or path / _KEY_NAME
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            path.chmod(0o700)
        except PermissionError:  # the mount point of a volume may be another user's; what is made in it is ours
            _log.warning("%s belongs to another user; its mode stays as it is.", path)
        self._lock = os.open(path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            self._take_lock()
            self.vault: Final = Vault(self._key())
        except BaseException:
            self.close()
            raise

    @property
    def journal(self) -> Path:
        return self.path / _JOURNAL

    def close(self) -> None:
        """Another process may use the directory from here on."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageUnusable(
                f"storage.directory {self.path} is in use by another process; give each sidecar a directory of its own"
            ) from None

    def _key(self) -> bytes:
        try:
            key = self._key_file.read_bytes().strip()
        except FileNotFoundError:
            if self._has_data():
                if not self._may_set_aside:
                    raise StorageUnusable(
                        f"{self.path} holds encrypted data, and its key file {self._key_file} is not there; put the key "
                        "back, or move the directory away to start with an empty one. Nothing was deleted."
                    ) from None
                self._set_aside()
            return self._new_key()
        if len(key) < MIN_KEY_BYTES:
            raise StorageUnusable(
                f"the key in {self._key_file} is too short; allowed: at least {MIN_KEY_BYTES} bytes, "
                "as `openssl rand -hex 32` writes"
            )
        return key

    def _has_data(self) -> bool:
        return (self.path / _OUTBOX).exists() or (self.journal.exists() and any(self.journal.iterdir()))

    def _set_aside(self) -> None:
        """The one before it goes for it: there is room for one."""
        aside = self.path / ASIDE / "without-key"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700, parents=True)
        for path in (self.journal, *self.path.glob(f"{_OUTBOX}*")):
            if path.exists():
                path.rename(aside / path.name)
        self.was_set_aside = True
        _log.error("The key of the data in %s is gone; the data is in %s, and nobody can read it.", self.path, aside)

    def _new_key(self) -> bytes:
        """Complete on disk under its name, or not there at all: half a key would lock its own data away."""
        key = secrets.token_hex(MIN_KEY_BYTES).encode()
        self._key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._key_file.with_name(f"{self._key_file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, key + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        unfinished.rename(self._key_file)
        directory = os.open(self._key_file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return key
