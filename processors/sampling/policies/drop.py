"""`drop`: drops a trace that all of its policies would keep, whatever the other policies say, errors included.

As in the Collector it comes first, wherever it stands in the list. If its policies cannot tell, nothing is dropped.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from processors.sampling.plan import Plan
from processors.sampling.policies.all_of import AllOf
from processors.sampling.policies.base import NonEmpty, Policy
from processors.sampling.policies.sub_policy import SubPolicy
from processors.section import StrictModel


class DropBody(StrictModel):
    drop_sub_policy: NonEmpty[SubPolicy]
    """All of them must keep a trace for it to be dropped."""


class DropPolicy(Policy):
    """Drops a trace that all of its policies would keep, whatever the other policies say."""

    drops: ClassVar[bool] = True

    type: Literal["drop"]
    drop: DropBody

    def compile(self, plan: Plan) -> AllOf:
        return AllOf.compile(self.drop.drop_sub_policy, plan)
