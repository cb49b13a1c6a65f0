"""A small JSON object in the storage directory, sealed: written as a whole, and lost without harm.

    file = salt (32) · AES-256-GCM of the JSON, under a key derived for this salt

Recovery: a file that is not there, torn, or sealed under another key counts as an empty object.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sidecar.storage.vault import SALT_BYTES, Damaged, Vault

_MAX_BYTES: Final = 16 * 1024 * 1024


class StateFile:
    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self._vault = vault

    def load(self) -> dict[str, Any]:
        """Empty where nothing can be read."""
        try:
            with self._path.open("rb") as file:
                sealed = file.read(_MAX_BYTES)
            cipher = self._vault.cipher(self._purpose, sealed[:SALT_BYTES])
            data = json.loads(cipher.open(0, sealed[SALT_BYTES:], b""))
        except (OSError, Damaged, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def save(self, state: Mapping[str, Any]) -> None:
        """The old content or the new, whatever happens meanwhile. Raises OSError."""
        salt = self._vault.new_salt()
        sealed = salt + self._vault.cipher(self._purpose, salt).seal(0, json.dumps(state).encode(), b"")
        unfinished = self._path.with_name(f"{self._path.name}.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
        unfinished.replace(self._path)

    @property
    def _purpose(self) -> str:
        return f"state {self._path.name}"
