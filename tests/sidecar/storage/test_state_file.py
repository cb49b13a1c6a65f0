from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sidecar.storage.state_file import StateFile
from sidecar.storage.vault import Vault

VAULT = Vault(b"k" * 32)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    """By its owner only, and not to be read without the key."""
    file = StateFile(tmp_path / "state", VAULT)
    file.save({"support bot": [1, "x"]})
    file.save({"support bot": [2, "y"]})
    assert StateFile(tmp_path / "state", VAULT).load() == {"support bot": [2, "y"]}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o600
    assert b"support bot" not in (tmp_path / "state").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    """Not there, torn, changed, under another key, or no object."""
    path = tmp_path / "state"
    file = StateFile(path, VAULT)
    assert file.load() == {}
    file.save({"a": 1})
    assert StateFile(path, Vault(b"o" * 32)).load() == {}
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(damaged)
        assert file.load() == {}
    file.save([])  # type: ignore[arg-type]  # what an earlier version might have written
    assert file.load() == {}


def test_a_disk_that_says_no_is_an_error(tmp_path: Path) -> None:
    """Whoever saves has to tell of it; what was there stays."""
    with pytest.raises(OSError, match="gone"):
        StateFile(tmp_path / "gone" / "state", VAULT).save({})
