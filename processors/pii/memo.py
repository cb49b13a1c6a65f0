"""Findings by fingerprint of the text: histories repeat in every span of a conversation."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import xxhash

from processors.pii.findings import Finding

Key = tuple[bool, int, bytes]


class Memo:
    """A bounded LRU from text to findings. Holds no text, only its xxh3_128 and its length."""

    def __init__(self, max_findings: int = 200_000) -> None:
        self._max_weight: Final = max_findings
        self._weight = 0
        self._entries: OrderedDict[Key, tuple[Finding, ...]] = OrderedDict()

    @staticmethod
    def key(text: str, *, full: bool = True) -> Key:
        """`full`: whether the text was looked through fully, or for exact forms only."""
        return full, len(text), xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass"))

    def get(self, key: Key) -> tuple[Finding, ...] | None:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Key, findings: tuple[Finding, ...]) -> None:
        if key in self._entries:
            return
        self._entries[key] = findings
        self._weight += 1 + len(findings)
        while self._weight > self._max_weight:
            _, gone = self._entries.popitem(last=False)
            self._weight -= 1 + len(gone)

    def __len__(self) -> int:
        return len(self._entries)
