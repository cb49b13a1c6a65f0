"""Which trace is due when: a queue by time in which most of the work is done for many traces at once.

Invariants
 1. A trace is handed out no earlier than its deadline, and by the first call at or after the deadline rounded up to
    the next 1/64 s: traces that came within one such step share a place, where a heap of traces would compare each.
 2. It is handed out as often as it was added: who moved its deadline must tell the stale entry from the good one.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from typing import Final

_STEPS_A_SECOND: Final = 64
"""A power of two, so that whole seconds and steps are exact."""


class Deadlines:
    def __init__(self) -> None:
        self._steps: list[int] = []
        self._by_step: dict[int, deque[tuple[float, bytes]]] = {}

    def add(self, deadline: float, trace_id: bytes) -> None:
        step = math.ceil(deadline * _STEPS_A_SECOND)
        there = self._by_step.get(step)
        if there is None:
            there = self._by_step[step] = deque()
            heapq.heappush(self._steps, step)
        there.append((deadline, trace_id))

    def next(self, now: float) -> tuple[float, bytes] | None:
        """Takes out the next (deadline, trace) that is due, if there is one. `inf`: whatever is next."""
        steps = self._steps
        if not steps or steps[0] > now * _STEPS_A_SECOND:
            return None
        there = self._by_step[steps[0]]
        due = there.popleft()
        if not there:
            del self._by_step[heapq.heappop(steps)]
        return due

    def traces(self) -> list[bytes]:
        """All that are in it now, each as often as it was added and not taken out."""
        return [trace_id for there in self._by_step.values() for _, trace_id in there]

    def clear(self) -> None:
        self._steps.clear()
        self._by_step.clear()
