"""A function of attribute keys, remembered: a key seen before costs one dict look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

V = TypeVar("V")

_MAX_KEYS: Final = 16 * 1024
_MAX_KEY_CHARS: Final = 256


class KeyMemo(dict[str, V], Generic[V]):
    """`memo[key]` is `compute(key)`. At most 16 Ki keys of 256 characters are held, whatever clients send."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[str], V]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: str) -> V:
        value = self._compute(key)
        if len(key) <= _MAX_KEY_CHARS:
            if len(self) >= _MAX_KEYS:
                self.clear()  # keys that are still in use come back at once
            self[key] = value
        return value
