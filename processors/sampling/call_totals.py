"""What the model calls of a trace add up to: tokens, cost, the slowest first chunk.

Several spans may tell of one call, and they come in any order and in different requests: the calls of a trace are held
one by one, until it is decided, and each is counted once (`processors/genai/call_pairs.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from processors.genai.call_pairs import OneCall, counting, same_calls

MAX_CALLS: Final = 4096
"""Of one trace that are told apart. Beyond it each span counts."""
MAX_PARENTS: Final = 4096
"""Spans of one trace, other than calls, of which is known what lies above them."""

_ID_BYTES: Final = 8


class CallCost(NamedTuple):
    input_tokens: int
    output_tokens: int
    usd: float


NO_COST: Final = CallCost(0, 0, 0.0)


@dataclass(slots=True)
class CallTotals:
    """Merging is associative and commutative, up to the limits above."""

    counted: CallCost = NO_COST
    """The sum of calls that are no longer told apart."""
    by_response: dict[int, CallCost] = field(default_factory=dict)
    """By hash of the response id: of calls of which only the response is remembered."""
    calls: dict[bytes, tuple[OneCall, CallCost]] = field(default_factory=dict)
    """By span id."""
    slowest_first_chunk_s: float | None = None
    parents: bytearray = field(default_factory=bytearray, compare=False)
    """Span id and its parent's, 8 bytes each, one after the other: of the spans that are no calls."""
    _total: CallCost | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, call: OneCall, cost: CallCost) -> None:
        self._total = None
        known = self.calls.get(call.span_id)
        if known is None and len(self.calls) < MAX_CALLS:
            self.calls[call.span_id] = call, cost
        elif known != (call, cost):  # else it was sent twice
            self._count(call.response, cost)

    def add_parent(self, span_id: bytes, parent_id: bytes) -> None:
        if len(self.parents) < MAX_PARENTS * 2 * _ID_BYTES and len(span_id) == len(parent_id) == _ID_BYTES:
            self.parents += span_id
            self.parents += parent_id

    def add_first_chunk(self, after_s: float | None) -> None:
        if after_s is not None:
            self.slowest_first_chunk_s = max(after_s, self.slowest_first_chunk_s or 0.0)

    def merge(self, other: CallTotals) -> None:
        self._total = None
        self.counted = _sum(self.counted, other.counted)
        for response, cost in other.by_response.items():
            self._count(response, cost)
        for call, cost in other.calls.values():
            self.add(call, cost)
        self.parents += other.parents[: max(0, MAX_PARENTS * 2 * _ID_BYTES - len(self.parents))]
        self.add_first_chunk(other.slowest_first_chunk_s)

    def total(self) -> CallCost:
        if self._total is None:
            self._total = self._add_up()
        return self._total

    def condense(self) -> None:
        """Tells the calls so far no longer apart, but by their responses: a decided trace is held for long."""
        once = self._once()
        self.calls = {}
        self.parents = bytearray()
        for call, cost in once:
            self._count(call.response, cost)

    def _add_up(self) -> CallCost:
        condensed = CallTotals(self.counted, dict(self.by_response), self.calls, None, self.parents)
        condensed.condense()
        total = condensed.counted
        for cost in condensed.by_response.values():
            total = _sum(total, cost)
        return total

    def _once(self) -> list[tuple[OneCall, CallCost]]:
        if len(self.calls) < 2:
            return list(self.calls.values())
        raw = bytes(self.parents)
        parents = {
            raw[at : at + _ID_BYTES]: raw[at + _ID_BYTES : at + 2 * _ID_BYTES]
            for at in range(0, len(raw), 2 * _ID_BYTES)
        }
        by = same_calls((call for call, _ in self.calls.values()), parents)
        once = {span_id: each for span_id, each in self.calls.items() if span_id not in by}
        for span_id in by:
            counts = counting(span_id, by)
            if counts in once:  # its usage may be on the other span
                (call, cost), (_, same) = once[counts], self.calls[span_id]
                once[counts] = call, _together(cost, same)
        return list(once.values())

    def _count(self, response: int | None, cost: CallCost) -> None:
        self._total = None
        if response is not None and (response in self.by_response or len(self.by_response) < MAX_CALLS):
            # Of two reports of one response the larger: one of them may lack its usage.
            self.by_response[response] = max(cost, self.by_response.get(response, NO_COST))
        else:
            self.counted = _sum(self.counted, cost)


def _sum(one: CallCost, two: CallCost) -> CallCost:
    return CallCost(one.input_tokens + two.input_tokens, one.output_tokens + two.output_tokens, one.usd + two.usd)


def _together(counts: CallCost, same: CallCost) -> CallCost:
    """What two spans of one call say of it; the cost is that of the one that counts, if it has one."""
    return CallCost(
        max(counts.input_tokens, same.input_tokens),
        max(counts.output_tokens, same.output_tokens),
        counts.usd or same.usd,
    )
