"""How many bytes of requests may be in memory at once, over all connections and both protocols."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sidecar.intake import Overloaded


class ByteBudget:
    """Invariant: `used` is the sum of what open holds have grown to, and never above `limit_bytes`."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.used = 0

    def hold(self, size_bytes: int = 0) -> Hold:
        """A context manager that gives everything back at its end. Raises Overloaded if there is no room."""
        hold = Hold(self)
        hold.grow(size_bytes)
        return hold


class Hold:
    __slots__ = ("_budget", "_size")

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._size = 0

    def grow(self, size_bytes: int) -> None:
        """Takes more. Raises Overloaded if there is no room; what is held already stays held until the end."""
        if self._budget.used + size_bytes > self._budget.limit_bytes:
            raise Overloaded("too many bytes in flight")
        self._budget.used += size_bytes
        self._size += size_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.used -= self._size
        self._size = 0
