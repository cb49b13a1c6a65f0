"""`sampling:` in policy.yaml."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator

from processors.genai.score_rules import Metric, ScoreRules
from processors.sampling.plan import Plan
from processors.sampling.policies import AnyPolicy
from processors.sampling.policies.base import NonEmpty, Policy, Rule
from processors.sampling.policies.probabilistic import ProbabilisticBody, ProbabilisticPolicy
from processors.sampling.policies.score import ScoreBody, ScorePolicy
from processors.sampling.policies.status_code import StatusCodeBody, StatusCodePolicy
from processors.sampling.waits import Waits
from processors.section import Section, StrictModel
from processors.values import Duration

BUILT_IN_POLICIES: Final[tuple[AnyPolicy, ...]] = (
    StatusCodePolicy(name="errors", type="status_code", status_code=StatusCodeBody(status_codes=("ERROR",))),
    ScorePolicy(name="low-score", type="score", score=ScoreBody(below=0.5)),
    ProbabilisticPolicy(
        name="routine", type="probabilistic", probabilistic=ProbabilisticBody(sampling_percentage=10.0)
    ),
)


class DecisionCache(StrictModel):
    sampled_cache_size: Annotated[int, Field(strict=True, ge=0)] = 0
    """Kept traces: spans that come later still are forwarded with the stamp of the others."""
    non_sampled_cache_size: Annotated[int, Field(strict=True, ge=0)] = 0
    """Dropped traces: spans that come later still are dropped, unless a rule keeps them for what they show."""


class Scores(StrictModel):
    """What the values of quality scores mean."""

    metrics: tuple[Metric, ...] = ()
    """Rules, by name of the evaluation: scale, direction, threshold."""


class SamplingSection(Section):
    """Which traces are kept, and how long they wait for the decision."""

    decision_wait: Duration = 30.0
    """From the first span of a trace to its decision."""
    decision_wait_after_root_received: Duration = 2.0
    """From the root to the decision, where that is sooner. 0, as in the Collector: the root changes nothing."""
    late_window: Duration = 600.0
    """How long a dropped trace stays recoverable."""
    mode: Literal["sample", "dry_run"] = "sample"
    """dry_run: everything is forwarded, marked with what would have happened and why."""
    logs: Literal["forward", "follow_trace"] = "forward"
    """Log records: forwarded at once, or, where they name a trace, held until it is decided, and kept or dropped with it."""
    idle_wait: Duration = 0.0
    """For agents that run for minutes: a trace without a root also waits until no span came for so long. 0: off."""
    max_wait: Duration = 600.0
    """From the first span to the decision at the latest, where `idle_wait` makes a trace wait on."""
    maximum_trace_spans: Annotated[int, Field(strict=True, ge=0)] = 0
    """A trace with more spans is decided at once; what comes later follows. 0: no limit."""
    maximum_trace_size_bytes: Annotated[int, Field(strict=True, ge=0)] = 0
    """A trace of more bytes is decided at once; what comes later follows. 0: no limit. (The Collector drops it.)"""
    num_traces: Annotated[int, Field(strict=True, ge=0)] = 0
    """Of more waiting traces, those nearest to their decision are decided at once. 0: no limit. (The Collector drops the
    oldest.)"""
    decision_cache: DecisionCache = DecisionCache()
    """Decisions remembered beyond `late_window`, in numbers of traces."""
    sample_on_first_match: bool = Field(default=False, strict=True)
    """Once a policy keeps a trace, those after it draw on no budget. Which traces are kept does not change otherwise."""
    scores: Scores = Scores()
    """What the values of quality scores mean, for the policy `score`."""
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

    def waits(self) -> Waits:
        return Waits(
            decision_s=self.decision_wait,
            after_root_s=self.decision_wait_after_root_received,
            late_window_s=self.late_window,
            idle_s=self.idle_wait,
            maximum_s=max(self.max_wait, self.decision_wait),
            trace_spans=self.maximum_trace_spans,
            trace_bytes=self.maximum_trace_size_bytes,
            waiting_traces=self.num_traces,
            sampled_cache=self.decision_cache.sampled_cache_size,
            non_sampled_cache=self.decision_cache.non_sampled_cache_size,
        )

    def compile(self) -> tuple[Plan, list[tuple[Policy, Rule]]]:
        """What to observe, and the voters, in order. The same section gives the same bits."""
        plan = Plan(ScoreRules(self.scores.metrics))
        if self.maximum_trace_size_bytes:
            plan.sizes()
        return plan, [(policy, policy.compile(plan)) for policy in self.policies]
