"""Lists of words to fill frames with: lines of `kind: one | another`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DIRECTORY: Final = Path(__file__).parent / "lists"


def read_words(name: str) -> dict[str, list[str]]:
    words = {}
    for line in (DIRECTORY / f"{name}.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, _, rest = line.partition(": ")
            words[kind] = [word.strip() for word in rest.split(" | ")]
    return words
