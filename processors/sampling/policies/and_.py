"""`and`: keeps a trace that all of its policies would keep."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from processors.sampling.plan import Plan
from processors.sampling.policies.all_of import AllOf
from processors.sampling.policies.base import NonEmpty, Policy
from processors.sampling.policies.sub_policy import SubPolicy
from processors.section import StrictModel


class AndBody(StrictModel):
    and_sub_policy: NonEmpty[SubPolicy]
    """All of them must keep the trace."""


class AndPolicy(Policy):
    """Keeps a trace that all of its policies would keep."""

    type: Literal["and"]
    and_: AndBody = Field(alias="and")

    @property
    def chance(self) -> bool:
        return any(policy.chance for policy in self.and_.and_sub_policy)

    def compile(self, plan: Plan) -> AllOf:
        return AllOf.compile(self.and_.and_sub_policy, plan)
