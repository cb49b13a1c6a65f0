"""The lock files are what every installation starts from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.lock import read_lock

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def declared() -> dict[str, list[str]]:
    """Requirements in pyproject.toml by the lock that must have them."""
    data = project()
    runtime: list[str] = data["project"]["dependencies"]
    development = runtime + data["project"]["optional-dependencies"]["demo"] + data["dependency-groups"]["dev"]
    development += data["build-system"]["requires"]
    return dict(zip(LOCKS, (runtime, development, development + data["dependency-groups"]["bench"]), strict=True))


@pytest.mark.parametrize("name", LOCKS)
def test_every_declared_requirement_is_locked_at_a_version_it_allows(name: str) -> None:
    """A requirement that is missing, or was changed without `make lock`, fails here by name."""
    locked = read_lock(ROOT / name)
    for requirement in map(Requirement, declared()[name]):
        entries = locked.get(canonicalize_name(requirement.name))
        assert entries, f"{requirement.name} is not in {name}: make lock"
        for entry in entries:
            assert requirement.specifier.contains(entry.version, prereleases=True), f"{requirement}: make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """A file that is not one of those that were locked is refused."""
    locked = read_lock(ROOT / name)
    assert locked
    for entries in locked.values():
        for entry in entries:
            assert [pin.operator for pin in entry.requirement.specifier] == ["=="], entry.requirement
            assert entry.hashes, entry.requirement
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in entry.hashes), entry.requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_no_options_and_no_addresses(name: str) -> None:
    """Which index is used, and how, is up to the one who installs."""
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, flags=re.MULTILINE)


def test_the_locks_agree() -> None:
    """What was tested is what is run: a package has one version, whichever lock it is in."""
    runtime, development, bench = (
        {name: {entry.version for entry in entries} for name, entries in read_lock(ROOT / lock).items()}
        for lock in LOCKS
    )
    assert runtime.items() <= development.items() <= bench.items()
