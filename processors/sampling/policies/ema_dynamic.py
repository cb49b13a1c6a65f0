"""`ema_dynamic`: keeps a share of all traces, of frequent kinds less and of rare ones all.

Kinds are told apart by the values of some attributes, such as model, route and kind of error. The same road as Refinery's
EMADynamicSampler; a trace is held against its kind's threshold by the randomness that `probabilistic` uses, so that
its `th` is right although rates change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from processors.processor import Category
from processors.sampling.ema import EmaRates
from processors.sampling.facts import TraceFacts
from processors.sampling.moment import Moment
from processors.sampling.plan import Plan
from processors.sampling.policies.base import Evidence, NonEmpty, Policy, Vote
from processors.sampling.policies.probabilistic import randomness_of
from processors.sampling.probability import salt_state, threshold_of
from processors.section import StrictModel
from processors.values import Duration

Share = Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)]


class EmaDynamicBody(StrictModel):
    goal_sampling_percentage: Share
    """Share of all traces to keep, in percent."""
    key_fields: NonEmpty[str]
    """Attribute keys of spans or resources. Traces with the same values are of one kind."""
    adjustment_interval: Duration = 15.0
    """How often the rates follow the traffic."""
    weight: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.5
    """Of the newest interval in the averages."""
    max_keys: Annotated[int, Field(strict=True, ge=1)] = 500
    """Kinds that are followed; the traffic of others is kept at the goal."""
    hash_salt: str = ""
    """As in `probabilistic`."""


class EmaDynamicPolicy(Policy):
    """Keeps a share of all traces: of frequent kinds less, of rare ones all."""

    type: Literal["ema_dynamic"]
    ema_dynamic: EmaDynamicBody

    @property
    def chance(self) -> bool:
        return True

    def compile(self, plan: Plan) -> EmaDynamicRule:
        body = self.ema_dynamic
        rates = EmaRates(100 / body.goal_sampling_percentage, body.adjustment_interval, body.weight, body.max_keys)
        slots = tuple(plan.value(key) for key in body.key_fields)
        return EmaDynamicRule(rates, slots, salt_state(body.hash_salt), plan.moment)


@dataclass(frozen=True, slots=True)
class EmaDynamicRule:
    rates: EmaRates
    slots: tuple[int, ...]
    salted: int
    moment: Moment
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        kind = self._kind(facts)
        rate = self.rates.count(kind, self.moment.s) if self.moment.spends else self.rates.rate(kind)
        threshold = threshold_of(1 / rate)
        randomness = randomness_of(trace_id, facts, self.salted)
        return Vote(randomness >= threshold, threshold, randomness)

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # the protocol's signature
        return {"rate": round(self.rates.rate(self._kind(facts)), 3)}

    def _kind(self, facts: TraceFacts) -> str:
        values = facts.values
        if not values:
            return ""
        return "\x1e".join(["\x1f".join(sorted(values.get(slot, ()))) for slot in self.slots])
