"""`not`: keeps a trace that its policy would not keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Rule, Vote
from processors.sampling.policies.leaf import LeafPolicy
from processors.section import StrictModel


class NotBody(StrictModel):
    not_sub_policy: LeafPolicy
    """It must not keep the trace."""


class NotPolicy(Policy):
    """Keeps a trace that its policy would not keep."""

    type: Literal["not"]
    not_: NotBody = Field(alias="not")

    @property
    def chance(self) -> bool:
        return self.not_.not_sub_policy.chance

    def compile(self, plan: Plan) -> NotRule:
        return NotRule(self.not_.not_sub_policy.compile(plan))


@dataclass(frozen=True, slots=True)
class NotRule:
    rule: Rule
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        vote = self.rule.vote(trace_id, facts)
        if vote.randomness is not None:
            # What is kept below a threshold has a probability that no `th` can say.
            return Vote(not vote.kept, None, vote.randomness, vote.limited)
        if vote.limited:
            return Vote(not vote.kept, None, limited=True)
        # Without spans there is no telling: a score may come before the spans do.
        return PASS if vote.kept or not facts.span_count else KEEP

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:
        return {"not": self.rule.saw(trace_id, facts)}
