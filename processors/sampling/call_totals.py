"""What the model calls of a trace add up to: tokens, cost, the slowest first chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import xxhash

MAX_RESPONSES: Final = 4096
"""Calls of one trace that are told apart by their response. Beyond it each span counts."""


class CallCost(NamedTuple):
    input_tokens: int
    output_tokens: int
    usd: float


NO_COST: Final = CallCost(0, 0, 0.0)


@dataclass(slots=True)
class CallTotals:
    """Merging is associative and commutative. A response that several spans report, as a gateway and its client do, or two
    instrumentations, counts once.
    """

    unnamed: CallCost = NO_COST
    """The sum of the calls without a response id."""
    by_response: dict[int, CallCost] = field(default_factory=dict)
    """By hash of the response id."""
    slowest_first_chunk_s: float | None = None

    def add(self, response_id: str | None, cost: CallCost) -> None:
        if response_id is None or len(self.by_response) >= MAX_RESPONSES:
            self.unnamed = _sum(self.unnamed, cost)
        else:
            self._add_response(xxhash.xxh3_64_intdigest(response_id.encode("utf-8", "surrogatepass")), cost)

    def add_first_chunk(self, after_s: float | None) -> None:
        if after_s is not None:
            self.slowest_first_chunk_s = max(after_s, self.slowest_first_chunk_s or 0.0)

    def merge(self, other: CallTotals) -> None:
        self.unnamed = _sum(self.unnamed, other.unnamed)
        for response, cost in other.by_response.items():
            self._add_response(response, cost)
        self.add_first_chunk(other.slowest_first_chunk_s)

    def total(self) -> CallCost:
        total = self.unnamed
        for cost in self.by_response.values():
            total = _sum(total, cost)
        return total

    def _add_response(self, response: int, cost: CallCost) -> None:
        # Of two reports of one response the larger: one of them may lack its usage.
        self.by_response[response] = max(cost, self.by_response.get(response, NO_COST))


def _sum(one: CallCost, two: CallCost) -> CallCost:
    return CallCost(one.input_tokens + two.input_tokens, one.output_tokens + two.output_tokens, one.usd + two.usd)
