"""The backends are programs that the tests start, and no part of the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.backends.environment import LOCK, REQUIREMENTS, ROOT, environment
from tests.support.lock import read_lock

DECLARED = [
    Requirement(line) for line in REQUIREMENTS.read_text().splitlines() if line.strip() and not line.startswith("#")
]


def test_what_is_declared_is_locked_with_hashes() -> None:
    """`make lock` after every change; and which index is used is up to the one who installs."""
    locked = read_lock(LOCK)
    for requirement in DECLARED:
        (entry, *_) = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(entry.version, prereleases=True), f"{requirement}: make lock"
    for entries in locked.values():
        for entry in entries:
            assert [pin.operator for pin in entry.requirement.specifier] == ["=="], entry.requirement
            assert entry.hashes, entry.requirement
    text = LOCK.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, flags=re.MULTILINE)


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock") if path != LOCK))
def test_the_project_depends_on_neither(lock: str) -> None:
    """Phoenix is under the Elastic License: it must not come along with anything that is shipped or developed with."""
    assert not {name for name in read_lock(ROOT / lock) if "phoenix" in name or name.startswith("mlflow")}


def test_the_project_imports_neither() -> None:
    """Nor do the tests: they start programs and ask over HTTP; the corpus's clients run in environments of their own."""
    imports = re.compile(r"^\s*(?:from|import) (?:phoenix|mlflow|openinference)\b", re.MULTILINE)
    sources = [path for package in ("processors", "sidecar", "tests") for path in (ROOT / package).rglob("*.py")]
    apart = ROOT / "tests" / "corpus"
    sources = [path for path in sources if apart not in path.parents]
    assert [str(path) for path in sources if imports.search(path.read_text())] == []


def test_the_environment_is_in_the_cache_and_changes_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that an outdated one is never taken."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = environment()
    assert before.parent == tmp_path / "otel-genai-sidecar"
    changed = tmp_path / "changed.lock"
    changed.write_text(LOCK.read_text() + "# changed\n")
    monkeypatch.setattr("tests.backends.environment.LOCK", changed)
    assert environment() != before
