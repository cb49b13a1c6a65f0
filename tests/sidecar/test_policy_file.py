from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from sidecar.documents import DocumentErrors
from sidecar.policy_file import BUILT_IN_DIGEST, LoadedPolicy, PolicyWatcher, load_policy
from tests.support.clock import FakeClock

KEY = "0123456789abcdef0123456789abcdef"


def wait(seconds: int) -> str:
    return f"version: 1\nsampling: {{decision_wait: {seconds}s}}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(wait(1))
    return file


class Watched:
    """A watcher whose time the test moves, and what it reported."""

    def __init__(self, path: Path) -> None:
        self.applied: list[float] = []
        self.refused: list[list[str]] = []
        self.clock = FakeClock()
        self.watcher = PolicyWatcher(
            path, self.clock, self._changed, lambda e: self.refused.append(e.messages), environ={}
        )

    def _changed(self, loaded: LoadedPolicy) -> None:
        self.applied.append(loaded.policy.sampling.decision_wait)

    def polls(self, times: int = 2) -> None:
        for _ in range(times):
            self.watcher.poll()


def test_without_a_file_the_built_in_policy_holds() -> None:
    """It needs no key and no file."""
    loaded = load_policy(None)
    assert loaded.digest == BUILT_IN_DIGEST
    assert loaded.policy.pii.enabled
    assert loaded.keys.pseudonym is None


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "version: 1\n", "version: 1\npii:\nsampling:\n"])
def test_an_empty_file_is_the_built_in_policy(path: Path, text: str) -> None:
    """So is one with the version alone, or with sections that have nothing under them."""
    path.write_text(text)
    assert load_policy(path, {}).policy == load_policy(None).policy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pii: {enabled: true}", "version: required, but missing; allowed: 1"),
        ("version: 2", "version: not one of the allowed values (value 2)"),
        ("version: 1\npie: {}", "pie: unknown key; did you mean pii?"),
    ],
)
def test_the_version_must_be_there_and_known(path: Path, text: str, message: str) -> None:
    """A file that some later version wrote is not half understood."""
    path.write_text(text)
    with pytest.raises(DocumentErrors) as caught:
        load_policy(path, {})
    assert message in str(caught.value)


def test_the_data_makes_the_same_policy_again(path: Path) -> None:
    """The worker process gets it, with variables expanded."""
    path.write_text("version: 1\nsampling: {decision_wait: '${env:WAIT}'}\n")
    loaded = load_policy(path, {"WAIT": "7s"})
    assert type(loaded.policy).model_validate(loaded.data) == loaded.policy
    assert loaded.policy.sampling.decision_wait == 7


def test_keys_and_recognizers_are_read_with_the_policy(path: Path) -> None:
    """Without the final newline an editor leaves."""
    (path.parent / "key").write_text(KEY + "\n")
    (path.parent / "more.yaml").write_text("recognizers: [{name: a, regex: '^x$'}]")
    path.write_text(
        "version: 1\npii:\n  entities: {PERSON: pseudonymize}\n"
        f"  pseudonym_key_file: {path.parent}/key\n  recognizers_file: {path.parent}/more.yaml\n"
    )
    loaded = load_policy(path, {})
    assert loaded.keys.pseudonym is not None
    assert loaded.keys.pseudonym.reveal() == KEY
    assert loaded.keys.recognizers == {"recognizers": [{"name": "a", "regex": "^x$"}]}
    assert KEY not in repr(loaded)


def test_errors_of_all_files_come_together(path: Path) -> None:
    """The policy's own, those of the files it names, and those inside them."""
    (path.parent / "key").write_text("two words of a key that is long enough")
    (path.parent / "more.yaml").write_text("a: 1\na: 2\n")
    path.write_text(
        f"version: 1\npii:\n  pseudonym_key_file: {path.parent}/key\n  recognizers_file: {path.parent}/more.yaml\n"
        "  score_threshold: 7\n"
    )
    with pytest.raises(DocumentErrors) as caught:
        load_policy(path, {})
    found = [(Path(problem.source).name, problem.line, problem.key) for problem in caught.value.problems]
    assert found == [
        ("more.yaml", 2, "a"),
        ("policy.yaml", 3, "pii.pseudonym_key_file"),
        ("policy.yaml", 5, "pii.score_threshold"),
    ]
    assert "two words" not in str(caught.value)


def test_a_change_is_applied_once(path: Path) -> None:
    """Nothing is reported before there is a change, nor again after it."""
    watched = Watched(path)
    watched.polls(3)
    path.write_text(wait(2))
    watched.polls(5)
    assert (watched.applied, watched.refused) == ([2.0], [])


def test_a_file_that_is_still_being_written_is_left_alone(path: Path) -> None:
    """Every prefix that happens to be valid YAML would otherwise be a policy for a moment."""
    watched = Watched(path)
    for text in ("", "version: 1\n", "version: 1\nsampling: {decision", wait(3)):
        path.write_text(text)
        watched.polls(1)
    watched.polls(2)
    assert (watched.applied, watched.refused) == ([3.0], [])


def test_a_bad_file_is_refused_once_and_the_next_good_one_applied(path: Path) -> None:
    """One report for one content, however long it stays."""
    watched = Watched(path)
    path.write_text("version: 1\nsampling: {decision_wiat: 5s}\n")
    watched.polls(5)
    assert watched.applied == []
    assert len(watched.refused) == 1
    assert "did you mean decision_wait?" in watched.refused[0][0]
    path.write_text("version: [1\n")
    watched.polls(5)
    assert len(watched.refused) == 2
    path.write_text(wait(4))
    watched.polls()
    assert watched.applied == [4.0]


def test_a_removed_or_emptied_file_is_an_error(path: Path) -> None:
    """Neither puts the built-in policy in force."""
    watched = Watched(path)
    path.unlink()
    watched.polls(3)
    path.write_text("\n")
    watched.polls(3)
    assert watched.applied == []
    assert [messages[0].split(": ", 1)[1].split(":")[0] for messages in watched.refused] == [
        "cannot be read",
        "empty; allowed",
    ]
    path.write_text(wait(1))
    watched.polls()
    assert watched.applied == [1.0]


@pytest.mark.parametrize("content", [b"x" * (1 << 20) + b"x", b"[" * 100_000, b"\xff", b"a: &a [*a]"])
def test_hostile_content_is_refused(path: Path, content: bytes) -> None:
    """Too large, too deep, no text, endless: the running policy stays."""
    watched = Watched(path)
    path.write_bytes(content)
    watched.polls(3)
    assert (watched.applied, len(watched.refused)) == ([], 1)


def test_a_config_map_flip_is_a_change(tmp_path: Path) -> None:
    """Kubernetes swaps the `..data` symlink that the file's own symlink leads through."""
    for name, seconds in (("..v1", 1), ("..v2", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(wait(seconds))
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "policy.yaml").symlink_to("..data/policy.yaml")
    watched = Watched(tmp_path / "policy.yaml")
    (tmp_path / "..tmp").symlink_to("..v2")
    os.replace(tmp_path / "..tmp", tmp_path / "..data")  # noqa: PTH105  # as the kubelet does
    watched.polls()
    assert watched.applied == [2.0]


def test_touching_a_file_changes_nothing(path: Path) -> None:
    """Content counts, not times and inodes."""
    watched = Watched(path)
    other = path.with_name("other")
    other.write_text(path.read_text())
    other.replace(path)
    os.utime(path, (1, 1))
    watched.polls(3)
    assert (watched.applied, watched.refused) == ([], [])


def test_a_new_key_is_a_change(path: Path) -> None:
    """A rotated key is read, and a key that was missing is found when it comes."""
    key = path.parent / "key"
    path.write_text(f"version: 1\npii: {{pseudonym_key_file: {key}}}\n")
    watched = Watched(path)
    with pytest.raises(DocumentErrors):
        watched.watcher.start()
    key.write_text(KEY)
    watched.polls()
    key.write_text(KEY[::-1])
    watched.polls()
    assert len(watched.applied) == 2


def test_a_change_between_load_and_watch_is_not_lost(path: Path) -> None:
    """`start` gives the policy the watcher counts from."""
    watched = Watched(path)
    path.write_text(wait(2))
    assert watched.watcher.start().policy.sampling.decision_wait == 1
    watched.polls()
    assert watched.applied == [2.0]


def test_it_polls_at_its_interval(path: Path) -> None:
    """A change is in force within two intervals, and cancelling ends the watch."""
    watched = Watched(path)

    def change() -> None:
        path.write_text(wait(2))

    async def scenario() -> list[list[float]]:
        task = asyncio.ensure_future(watched.watcher.run())
        await watched.clock.advance(10)
        change()
        seen = [list(watched.applied)]
        for _ in range(2):
            await watched.clock.advance(1)
            seen.append(list(watched.applied))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(scenario()) == [[], [], [2.0]]
