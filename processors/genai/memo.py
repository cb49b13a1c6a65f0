"""A function of attribute keys, remembered: a key seen before costs one dict look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

V = TypeVar("V")

MAX_KEYS: Final = 16 * 1024
MAX_KEY_CHARS: Final = 256


class KeyMemo(dict[str, V], Generic[V]):
    """`memo[key]` is `compute(key)`. At most `max_keys` of `max_chars` characters are held, whatever clients send."""

    __slots__ = ("_compute", "_max_chars", "_max_keys")

    def __init__(self, compute: Callable[[str], V], max_keys: int = MAX_KEYS, max_chars: int = MAX_KEY_CHARS) -> None:
        super().__init__()
        self._compute = compute
        self._max_keys = max_keys
        self._max_chars = max_chars

    def __missing__(self, key: str) -> V:
        value = self._compute(key)
        if len(key) <= self._max_chars:
            if len(self) >= self._max_keys:
                self.clear()  # keys that are still in use come back at once
            self[key] = value
        return value
