"""Which decided traces are to be forgotten when: in the order of their decisions, but for those of one moment."""

from __future__ import annotations

from collections import deque


class LateWindow:
    def __init__(self) -> None:
        self._moments: deque[tuple[float, list[bytes]]] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, expires: float, trace_id: bytes) -> None:
        self._count += 1
        if self._moments and self._moments[-1][0] == expires:
            self._moments[-1][1].append(trace_id)
        else:
            self._moments.append((expires, [trace_id]))

    def next(self, now: float) -> bytes | None:
        """Takes out the oldest, if its window is over. `inf`: whatever is oldest."""
        if not self._moments or self._moments[0][0] > now:
            return None
        self._count -= 1
        traces = self._moments[0][1]
        trace_id = traces.pop()
        if not traces:
            self._moments.popleft()
        return trace_id
