"""`always_sample`: keeps every trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, Evidence, Policy, Vote


class AlwaysSamplePolicy(Policy):
    """Keeps every trace. Has no settings."""

    type: Literal["always_sample"]

    def compile(self, plan: Plan) -> AlwaysSampleRule:  # noqa: ARG002  # needs nothing of it
        return AlwaysSampleRule()


@dataclass(frozen=True, slots=True)
class AlwaysSampleRule:
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        return KEEP

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {}
