"""`probabilistic`: keeps a share of all traces, the same ones as a Collector with the same `hash_salt` does.

Where the trace brought its own randomness (`rv`, or `th` alone: then the trace id's bits), that is used in place of
the hash: what was sampled before us and what we sample must be drawn from one and the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import Evidence, Policy, Vote
from processors.sampling.probability import hashed_randomness, salt_state, threshold_of, trace_id_randomness
from processors.sampling.tracestate import format_randomness
from processors.section import StrictModel


class ProbabilisticBody(StrictModel):
    sampling_percentage: float = Field(strict=True, allow_inf_nan=False)
    """Share to keep, in percent. 0 or less: none; 100 or more: all."""
    hash_salt: str = ""
    """Empty: the Collector's default. Give all probabilistic policies of one file the same."""


class ProbabilisticPolicy(Policy):
    """Keeps a share of all traces, the same ones as a Collector with the same `hash_salt` does."""

    type: Literal["probabilistic"]
    probabilistic: ProbabilisticBody

    @property
    def chance(self) -> bool:
        return True

    def compile(self, plan: Plan) -> ProbabilisticRule:  # noqa: ARG002  # tracestate is always observed
        body = self.probabilistic
        return ProbabilisticRule(threshold_of(body.sampling_percentage / 100), salt_state(body.hash_salt))


@dataclass(frozen=True, slots=True)
class ProbabilisticRule:
    threshold: int
    salted: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        randomness = randomness_of(trace_id, facts, self.salted)
        return Vote(randomness >= self.threshold, self.threshold, randomness)

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:
        return {
            "randomness": format_randomness(randomness_of(trace_id, facts, self.salted)),
            "threshold": format_randomness(self.threshold),
        }


def randomness_of(trace_id: bytes, facts: TraceFacts, salted: int) -> int:
    """What the trace brought, else what the Collector's hash gives; `salted` comes from `salt_state`."""
    if facts.randomness is not None:
        return facts.randomness
    return trace_id_randomness(trace_id) if facts.head_sampled else hashed_randomness(trace_id, salted)
