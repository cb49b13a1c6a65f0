"""Files that a document names: every key that ends in `_file`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sidecar.documents.node import Document, KeyPath
from sidecar.documents.problem import DocumentErrors, Problem
from sidecar.documents.yaml_tree import read_bytes

MIN_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NamedFile:
    key: KeyPath
    content: bytes | None
    """None: it cannot be used, and `problem` says why."""
    problem: str = ""


def named_paths(document: Document) -> tuple[tuple[KeyPath, str], ...]:
    """Where each file is named, and its path: relative to the working directory, as in the Collector."""
    return tuple(
        (key, node.text)
        for key, node in document.scalars()
        if key and str(key[-1]).endswith("_file") and isinstance(node.value, str) and node.text and not node.broken
    )


def read_named(paths: Iterable[tuple[KeyPath, str]]) -> tuple[NamedFile, ...]:
    return tuple(_read(key, path) for key, path in paths)


def problems_of(document: Document, files: Iterable[NamedFile]) -> list[Problem]:
    return [document.problem(file.key, file.problem) for file in files if file.problem]


def _read(key: KeyPath, path: str) -> NamedFile:
    is_key = str(key[-1]).endswith("key_file")
    try:
        content = read_bytes(Path(path))
    except DocumentErrors as error:
        # The path is not shown for a key: someone may have put the key itself there.
        shown = "" if is_key else f" (value {path!r})"
        return NamedFile(key, None, f"{error.problems[0].what}{shown}")
    if is_key and len(content.strip()) < MIN_KEY_BYTES:
        return NamedFile(
            key,
            None,
            f"the key is too short; allowed: at least {MIN_KEY_BYTES} bytes, as `openssl rand -hex 32` writes",
        )
    return NamedFile(key, content)
