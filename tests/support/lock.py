"""Reads what `make lock` writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Locked:
    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        (pin,) = self.requirement.specifier
        return pin.version


def read_lock(path: Path) -> dict[str, list[Locked]]:
    """By normalised name; a package has several entries if its version depends on the platform or Python."""
    locked: dict[str, list[Locked]] = {}
    for line in path.read_text().replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        text, *hashes = line.split(" --hash=")
        requirement = Requirement(text.strip())
        entry = Locked(requirement, tuple(value.strip() for value in hashes))
        locked.setdefault(canonicalize_name(requirement.name), []).append(entry)
    return locked
