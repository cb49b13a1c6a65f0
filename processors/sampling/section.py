"""`sampling:` in policy.yaml."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pydantic import ValidationInfo, field_validator

from processors.sampling.plan import Plan
from processors.sampling.policies import AnyPolicy
from processors.sampling.policies.base import NonEmpty, Policy, Rule
from processors.sampling.policies.probabilistic import ProbabilisticBody, ProbabilisticPolicy
from processors.sampling.policies.score import ScoreBody, ScorePolicy
from processors.sampling.policies.status_code import StatusCodeBody, StatusCodePolicy
from processors.section import Section
from processors.values import Duration

BUILT_IN_POLICIES: Final[tuple[AnyPolicy, ...]] = (
    StatusCodePolicy(name="errors", type="status_code", status_code=StatusCodeBody(status_codes=("ERROR",))),
    ScorePolicy(name="low-score", type="score", score=ScoreBody(below=0.5)),
    ProbabilisticPolicy(
        name="routine", type="probabilistic", probabilistic=ProbabilisticBody(sampling_percentage=10.0)
    ),
)


class SamplingSection(Section):
    """Which traces are kept, and how long they wait for the decision."""

    decision_wait: Duration = 30.0
    """From the first span of a trace to its decision."""
    decision_wait_after_root_received: Duration = 2.0
    """From the root to the decision, where that is sooner. 0, as in the Collector: the root changes nothing."""
    late_window: Duration = 600.0
    """How long a dropped trace stays recoverable."""
    policies: NonEmpty[AnyPolicy] = BUILT_IN_POLICIES
    """A trace is kept if any of them keeps it."""

    @field_validator("decision_wait_after_root_received")
    @classmethod
    def _zero_is_off(cls, value: float, info: ValidationInfo) -> float:
        return value or info.data.get("decision_wait", value)

    @field_validator("policies")
    @classmethod
    def _unique_names(cls, policies: tuple[AnyPolicy, ...]) -> tuple[AnyPolicy, ...]:
        repeated = [name for name, count in Counter(policy.name for policy in policies).items() if count > 1]
        if repeated:
            msg = f"policy names must be unique; used more than once: {', '.join(repeated)}"
            raise ValueError(msg)
        return policies

    def compile(self) -> tuple[Plan, list[tuple[Policy, Rule]]]:
        """What to observe, and the voters, in order. The same section gives the same bits."""
        plan = Plan()
        return plan, [(policy, policy.compile(plan)) for policy in self.policies]
