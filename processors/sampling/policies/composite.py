"""`composite`: shares a number of spans a second among policies, the first that would keep a trace paying for it.

As the Collector documents it. Two things are different: the total holds, whatever the allocations add up to; and what
was refused for want of budget is not a rule's no.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.moment import Moment
from processors.sampling.plan import Plan
from processors.sampling.policies.and_ import AndPolicy
from processors.sampling.policies.base import PASS, Evidence, NonEmpty, Policy, Rule, Vote
from processors.sampling.policies.leaf import AnyLeaf
from processors.sampling.policies.not_ import NotPolicy
from processors.section import StrictModel

CompositeSubPolicy: TypeAlias = Annotated[AnyLeaf | AndPolicy | NotPolicy, Field(discriminator="type")]


class RateAllocation(StrictModel):
    """A policy's part of the total."""

    policy: str
    """Name of a policy in `composite_sub_policy`."""
    percent: float = Field(strict=True, ge=0, le=100)
    """Its part of `max_total_spans_per_second`."""


class CompositeBody(StrictModel):
    max_total_spans_per_second: int = Field(strict=True, ge=0)
    """What all of its policies together may keep."""
    policy_order: tuple[str, ...] = ()
    """Names of the policies, in the order in which they are asked. Empty: as they are listed."""
    composite_sub_policy: NonEmpty[CompositeSubPolicy]
    """The policies that share it."""
    rate_allocation: tuple[RateAllocation, ...] = ()
    """Parts of the total. A policy without one has an equal part: the total divided by the number of policies."""

    @model_validator(mode="after")
    def _names_are_known(self) -> CompositeBody:
        names = [policy.name for policy in self.composite_sub_policy]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"names in composite_sub_policy must be unique; used more than once: {', '.join(repeated)}"
            )
        for key, used in (
            ("policy_order", list(self.policy_order)),
            ("rate_allocation", [each.policy for each in self.rate_allocation]),
        ):
            unknown = [name for name in used if name not in names]
            if unknown:
                raise ValueError(f"{key} names no policy here: {', '.join(unknown)}; there are: {', '.join(names)}")
            if len(set(used)) < len(used):
                raise ValueError(f"{key} names a policy twice")
        return self


class CompositePolicy(Policy):
    """Shares a number of spans a second among policies; the first that would keep a trace pays for it."""

    type: Literal["composite"]
    composite: CompositeBody

    @property
    def chance(self) -> bool:
        return True

    def compile(self, plan: Plan) -> CompositeRule:
        body = self.composite
        # Bits are handed out in the order of the file, whatever the order of asking.
        rules = {policy.name: policy.compile(plan) for policy in body.composite_sub_policy}
        total = body.max_total_spans_per_second
        percents = {each.policy: each.percent for each in body.rate_allocation}
        parts = {name: total * percents[name] / 100 if name in percents else total / len(rules) for name in rules}
        order = body.policy_order or tuple(rules)
        subs = tuple(_Sub(name, rules[name], parts[name]) for name in order)
        return CompositeRule(subs, total, plan.moment, _Second())


@dataclass(frozen=True, slots=True)
class _Sub:
    name: str
    rule: Rule
    spans_per_second: float


@dataclass(slots=True)
class _Second:
    """What was kept in the running second."""

    second: int = -1
    by_policy: dict[str, int] = field(default_factory=dict)
    total: int = 0


@dataclass(frozen=True, slots=True)
class CompositeRule:
    subs: tuple[_Sub, ...]
    max_total: int
    moment: Moment
    spent: _Second

    @property
    def category(self) -> Category:
        return next((sub.rule.category for sub in self.subs if sub.rule.category != "default"), "default")

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        """The first policy that keeps the trace decides: if its part of the second is spent, no other is asked."""
        chance = False
        for sub in self.subs:
            vote = sub.rule.vote(trace_id, facts)
            if vote.kept:
                return Vote(self._pay(sub, facts.span_count), threshold=None, limited=True)
            chance = chance or vote.limited or vote.randomness is not None
        return Vote(kept=False, threshold=None, limited=True) if chance else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:
        spends, self.moment.spends = self.moment.spends, False
        try:
            asked = {sub.name: sub.rule.vote(trace_id, facts).kept for sub in self.subs}
        finally:
            self.moment.spends = spends
        return {"spans": facts.span_count, "would_keep": asked, "spent": dict(self.spent.by_policy)}

    def _pay(self, sub: _Sub, spans: int) -> bool:
        spent = self.spent
        second = int(self.moment.s)
        if second != spent.second:
            spent.second, spent.total = second, 0
            spent.by_policy.clear()
        of_sub = spent.by_policy.get(sub.name, 0)
        # What is larger than a whole second's part passes once nothing of that second is spent: see TokenBucket.
        fits = of_sub + spans <= sub.spans_per_second or (not of_sub and sub.spans_per_second > 0)
        fits = fits and (spent.total + spans <= self.max_total or (not spent.total and self.max_total > 0))
        if fits and self.moment.spends:
            spent.by_policy[sub.name] = of_sub + spans
            spent.total += spans
        return fits
