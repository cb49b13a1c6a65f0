"""Everything that is installed with the sidecar may be used and passed on with Apache-2.0 code."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

from tests.support.lock import read_lock

ROOT = Path(__file__).parents[1]

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CNRI-Python",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",  # copyleft for its own files only; they are used as published
    "PSF-2.0",
    "Zlib",
}

SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Older metadata names a licence freely."""


def licences(name: str) -> set[str]:
    """SPDX identifiers from the metadata of an installed distribution; a name without one stays as it is."""
    metadata = distribution(name).metadata
    given = [text for key in ("License-Expression", "License") for text in metadata.get_all(key, []) if text.strip()]
    if not given:
        classifiers = metadata.get_all("Classifier", [])
        given = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License :: ")]
    text = SPELLINGS.get(given[0].strip(), given[0].strip()) if given else "none is stated"
    return {SPELLINGS.get(part, part) for part in re.split(r"\s+(?:AND|OR)\s+", text.strip("()"))}


def test_only_allowed_licences_are_installed() -> None:
    """Each distribution of the runtime lock that applies here is installed, and each of its licences is allowed."""
    names = [
        name
        for name, entries in read_lock(ROOT / "requirements.lock").items()
        if any(entry.requirement.marker is None or entry.requirement.marker.evaluate() for entry in entries)
    ]
    assert len(names) > 40
    found = {name: licences(name) - ALLOWED for name in names}
    assert {name: unknown for name, unknown in found.items() if unknown} == {}


def test_the_notice_names_what_is_not_plainly_permissive() -> None:
    """NOTICE tells of every package under the Mozilla licence."""
    notice = (ROOT / "NOTICE").read_text()
    for name, entries in read_lock(ROOT / "requirements.lock").items():
        if any(entry.requirement.marker is None for entry in entries) and "MPL-2.0" in licences(name):
            assert name in notice
