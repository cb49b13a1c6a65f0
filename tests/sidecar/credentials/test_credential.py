"""What every kind of credential file has in common, shown with one that is just text."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sidecar.credentials.credential import CredentialError, CredentialFiles, Files


@dataclass(frozen=True)
class Text:
    """Two files that fit if they end alike; `old` is out of date."""

    text: str

    def out_of_date(self, unix_s: float) -> str:
        return "expired" if "old" in self.text else ""


def parse(files: Files) -> Text:
    (_, first), (_, second) = files
    if first[-1:] != second[-1:]:
        raise CredentialError("mismatch", "they do not fit")
    return Text(first.decode())


@dataclass
class Watched:
    first: Path
    second: Path
    used: list[Text] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.write("one 1", "1")
        self.files = CredentialFiles("otlp/a", "text", {"a": self.first, "b": self.second}, parse, self.use)

    def use(self, value: Text) -> None:
        if self.broken:
            raise OSError("planted")
        self.used.append(value)

    def write(self, first: str, second: str) -> None:
        self.first.write_text(first)
        self.second.write_text(second)

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.files.reload(0.0)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    watched = Watched(tmp_path / "first", tmp_path / "second")
    watched.files.load()
    return watched


def test_a_change_is_in_force_at_the_second_look_that_sees_it(watched: Watched) -> None:
    """And stays there, used once, counted once."""
    watched.look(3)
    assert watched.used == []
    watched.write("two 2", "2")
    watched.look()
    assert watched.used == []
    watched.look(3)
    assert watched.used == [Text("two 2")]
    assert watched.files.value == Text("two 2")
    assert watched.files.results == {"applied": 1}


def test_between_two_files_nothing_happens(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """A look that falls between the writing of the first and the second file leaves no trace."""
    watched.first.write_text("two 2")
    watched.look()
    watched.second.write_text("2")
    watched.look(2)
    assert watched.used == [Text("two 2")]
    assert watched.files.results == {"applied": 1}
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize("wrong", ["mismatch", "missing", "unreadable", "too_large", "expired", "unusable"])
def test_files_that_cannot_be_used_leave_the_old_ones(
    watched: Watched, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Told once, counted once, however long it lasts; and over as soon as they can be used."""
    watched.write("planted 2", "2")
    match wrong:
        case "mismatch":
            watched.second.write_text("3")
        case "missing":
            watched.second.unlink()
        case "unreadable":
            watched.second.unlink()
            watched.second.mkdir()
        case "too_large":
            watched.second.write_bytes(bytes(1024 * 1024 + 1))
        case "expired":
            watched.first.write_text("planted old 2")
        case "unusable":
            watched.broken = True
    watched.look(5)
    assert watched.used == []
    assert watched.files.problem == wrong
    assert watched.files.results == {wrong: 1}
    (record,) = caplog.records
    assert wrong in record.getMessage()
    assert "otlp/a" in record.getMessage()
    assert "planted" not in caplog.text
    watched.broken = False
    if wrong == "unreadable":
        watched.second.rmdir()
    watched.write("three 3", "3")
    watched.look(2)
    assert watched.used == [Text("three 3")]
    assert watched.files.problem == ""


def test_putting_the_old_files_back_ends_the_problem(watched: Watched) -> None:
    """They are in force already: nothing is applied."""
    watched.second.unlink()
    watched.look(2)
    assert watched.files.problem == "missing"
    watched.write("one 1", "1")
    watched.look()
    assert watched.files.problem == ""
    assert watched.used == []


def test_what_expired_may_be_replaced_by_what_expired(tmp_path: Path) -> None:
    """Neither is better; the newer one is what somebody put there."""
    watched = Watched(tmp_path / "first", tmp_path / "second")
    watched.write("old 1", "1")
    watched.files.load()
    watched.write("old 2", "2")
    watched.look(2)
    assert watched.used == [Text("old 2")]


def test_a_pipe_blocks_nobody(watched: Watched) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    watched.second.unlink()
    os.mkfifo(watched.second)
    watched.look(2)
    assert watched.used == []
    assert watched.files.problem == "mismatch"


def test_what_was_never_loaded_is_left_alone(tmp_path: Path) -> None:
    """A receiver that did not start has nothing to reload."""
    watched = Watched(tmp_path / "first", tmp_path / "second")
    watched.write("two 2", "2")
    watched.look(3)
    assert watched.used == []
    assert not watched.files.loaded


def test_the_start_names_the_key_and_no_content(tmp_path: Path) -> None:
    """An OSError that says which file of the configuration it is."""
    watched = Watched(tmp_path / "first", tmp_path / "second")
    watched.second.unlink()
    with pytest.raises(OSError, match="b cannot be read: No such file"):
        watched.files.load()
