from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sidecar.storage.directory import StorageDirectory
from sidecar.storage.errors import StorageUnusable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_directory_and_its_key_are_their_owners_only(tmp_path: Path) -> None:
    """Made with 0700 and 0600, whatever the umask; a directory that was open to others is closed to them."""
    place = tmp_path / "a" / "store"
    place.mkdir(parents=True)
    place.chmod(0o755)
    with StorageDirectory(place):
        assert mode(place) == 0o700
        assert mode(place / "encryption.key") == 0o600
        assert mode(place / "lock") == 0o600


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """The next start has the same, and no half-made key lies about."""
    with StorageDirectory(tmp_path) as first:
        key_id = first.vault.key_id
    with StorageDirectory(tmp_path) as second:
        assert second.vault.key_id == key_id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encryption.key", "lock"]


def test_two_directories_have_two_keys(tmp_path: Path) -> None:
    """A key is random, not derived from anything."""
    with StorageDirectory(tmp_path / "a") as one, StorageDirectory(tmp_path / "b") as other:
        assert one.vault.key_id != other.vault.key_id


def test_a_key_file_elsewhere_is_made_there(tmp_path: Path) -> None:
    """For a key on a memory volume and the data on a disk."""
    key_file = tmp_path / "keys" / "key"
    with StorageDirectory(tmp_path / "store", key_file):
        assert mode(key_file) == 0o600
        assert not (tmp_path / "store" / "encryption.key").exists()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told to take another directory; once the first is gone it may have this one."""
    with StorageDirectory(tmp_path), pytest.raises(StorageUnusable, match="in use by another process"):
        StorageDirectory(tmp_path)
    StorageDirectory(tmp_path).close()


@pytest.mark.parametrize("data", ["journal/0000000000000001.seg", "outbox.db"])
def test_a_missing_key_is_an_error_where_there_is_data(tmp_path: Path, data: str) -> None:
    """A new key would make the data unreadable without a word. Nothing is made, nothing is touched."""
    (tmp_path / "journal").mkdir()
    (tmp_path / data).write_bytes(b"sealed")
    with pytest.raises(StorageUnusable, match="put the key back"):
        StorageDirectory(tmp_path)
    assert (tmp_path / data).read_bytes() == b"sealed"
    assert not (tmp_path / "encryption.key").exists()


def test_data_without_a_key_is_set_aside_where_that_is_asked_for(tmp_path: Path) -> None:
    """For a key in memory and a node that was rebooted: it starts empty, and the data is still there to look at."""
    store, key_file = tmp_path / "store", tmp_path / "key"
    for content in (b"first", b"second"):
        (store / "journal").mkdir(parents=True)
        (store / "journal" / "1.seg").write_bytes(content)
        (store / "outbox.db-wal").write_bytes(content)
        (store / "outbox.db").write_bytes(content)
        key_file.unlink(missing_ok=True)
        with StorageDirectory(store, key_file, set_aside=True) as directory:
            assert directory.was_set_aside
            assert not (store / "outbox.db").exists()
            assert not directory.journal.exists()
        aside = store / "set-aside" / "without-key"
        assert (aside / "journal" / "1.seg").read_bytes() == content
        assert (aside / "outbox.db-wal").read_bytes() == content
    with StorageDirectory(store, key_file, set_aside=True) as directory:
        assert not directory.was_set_aside


def test_another_key_is_never_a_lost_one(tmp_path: Path) -> None:
    """A key file that is there and wrong is a mistake that somebody can mend."""
    (tmp_path / "outbox.db").write_bytes(b"sealed")
    (tmp_path / "key").write_text("x" * 40)
    with StorageDirectory(tmp_path, tmp_path / "key", set_aside=True) as directory:
        assert not directory.was_set_aside
    assert (tmp_path / "outbox.db").exists()


def test_a_short_key_is_an_error(tmp_path: Path) -> None:
    """It does not show the key."""
    (tmp_path / "key").write_text("hunter2\n")
    with pytest.raises(StorageUnusable, match="too short") as error:
        StorageDirectory(tmp_path / "store", tmp_path / "key")
    assert "hunter2" not in str(error.value)
    (tmp_path / "key").write_text("x" * 32)
    StorageDirectory(tmp_path / "store", tmp_path / "key").close()
