"""Decisions about traces whose data are gone, for spans that come later still. Bounded: the oldest go first."""

from __future__ import annotations

from collections import OrderedDict

from processors.processor import Stamp


class Remembered:
    """Sizes are numbers of traces; 0 remembers none. The Collector's `decision_cache`."""

    def __init__(self, kept: int, dropped: int) -> None:
        self._kept: OrderedDict[bytes, tuple[str, Stamp | None]] = OrderedDict()
        self._dropped: OrderedDict[bytes, tuple[str, Stamp | None]] = OrderedDict()
        self._max_kept, self._max_dropped = kept, dropped

    def resize(self, kept: int, dropped: int) -> None:
        self._max_kept, self._max_dropped = kept, dropped
        for traces, most in ((self._kept, kept), (self._dropped, dropped)):
            while len(traces) > most:
                traces.popitem(last=False)

    def put(self, trace_id: bytes, policy: str, stamp: Stamp | None) -> None:
        """`stamp` is None for a dropped trace."""
        traces, most = (self._dropped, self._max_dropped) if stamp is None else (self._kept, self._max_kept)
        if not most:
            return
        traces[trace_id] = policy, stamp
        if len(traces) > most:
            traces.popitem(last=False)

    def recall(self, trace_id: bytes) -> tuple[str, Stamp | None] | None:
        """Takes out what is remembered: policy and stamp."""
        return self._kept.pop(trace_id, None) or self._dropped.pop(trace_id, None)
