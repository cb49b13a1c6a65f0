"""`cost`: keeps a trace whose model calls cost more than so much together.

Reported costs count as they are; the others are priced as the `cost` section says. A call without a price counts
nothing. Costs are known before anything is sampled, so that the dearest traces are there whatever the share.
"""

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


class CostBody(StrictModel):
    above_usd: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
    """Traces that cost more are kept; exclusive."""


class CostPolicy(Policy):
    """Keeps a trace whose model calls cost more than so much together."""

    type: Literal["cost"]
    cost: CostBody

    def compile(self, plan: Plan) -> CostRule:
        return CostRule(self.cost.above_usd, plan.call_usage(costs=True))


@dataclass(frozen=True, slots=True)
class CostRule:
    above_usd: float
    failed_bit: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if facts.calls is not None and facts.calls.total().usd > self.above_usd:
            return KEEP
        if facts.failed & self.failed_bit:
            raise UnreadableError("cost")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"usd": round(facts.calls.total().usd, 9) if facts.calls is not None else 0.0}
