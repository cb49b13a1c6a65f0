"""`ttft`: keeps a trace in which a streamed answer took long to begin (time to the first token or chunk)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel


class TtftBody(StrictModel):
    threshold_ms: Annotated[int, Field(strict=True, ge=0)]
    """A trace with a slower call is kept; exclusive."""


class TtftPolicy(Policy):
    """Keeps a trace in which a streamed answer took longer than this to begin."""

    type: Literal["ttft"]
    ttft: TtftBody

    def compile(self, plan: Plan) -> TtftRule:
        return TtftRule(self.ttft.threshold_ms / 1000, plan.first_chunks())


@dataclass(frozen=True, slots=True)
class TtftRule:
    threshold_s: float
    failed_bit: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        slowest = None if facts.calls is None else facts.calls.slowest_first_chunk_s
        if slowest is not None and slowest > self.threshold_s:
            return KEEP
        if facts.failed & self.failed_bit:
            raise UnreadableError("ttft")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"slowest_s": None if facts.calls is None else facts.calls.slowest_first_chunk_s}
