"""Reads model calls for the policies that ask for them. One for each plan; a span that is no call costs one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from processors.genai.call_pairs import OneCall
from processors.genai.model_call import ModelCall
from processors.sampling.call_totals import CallCost, CallTotals
from processors.sampling.facts import TraceFacts
from processors.sampling.span_view import SpanView

CallTest: TypeAlias = Callable[[ModelCall], bool]
PriceOf: TypeAlias = Callable[[ModelCall, int], float | None]
"""USD of a call that began at a time (Unix ns); None where it is unknown."""


class CallReader:
    def __init__(self) -> None:
        self.tests: list[tuple[int, CallTest]] = []
        """Bits of `TraceFacts.matched`, and what some call must pass to set them."""
        self.reads_first_chunks = False
        self.reads_usage = False
        """What the calls of a trace used, each once, however many spans tell of it."""
        self.reads_costs = False
        self.price_of: PriceOf | None = None
        """Given by whoever observes, if `reads_costs`."""

    def __call__(self, view: SpanView, facts: TraceFacts) -> None:
        span = view.span
        call = view.model_call()
        if call is not None:
            for bit, test in self.tests:
                if not facts.matched & bit and test(call):
                    facts.matched |= bit
        if call is not None and call.is_single:
            if self.reads_first_chunks and call.time_to_first_chunk_s is not None:
                _totals(facts).add_first_chunk(call.time_to_first_chunk_s)
            if self.reads_usage:
                self._read_usage(view, call, _totals(facts))
        elif self.reads_usage and (parent_id := span.parent_span_id):
            # It tells which of two calls lies below the other.
            _totals(facts).add_parent(span.span_id, parent_id)

    def _read_usage(self, view: SpanView, call: ModelCall, totals: CallTotals) -> None:
        span = view.span
        usd = None
        if self.price_of is not None:
            usd = self.price_of(call, span.start_time_unix_nano or span.end_time_unix_nano)
        cost = CallCost(call.input_tokens or 0, call.output_tokens or 0, usd or 0.0)
        totals.add(OneCall.of(span, view.scope_name, call), cost)


def _totals(facts: TraceFacts) -> CallTotals:
    if facts.calls is None:
        facts.calls = CallTotals()
    return facts.calls
