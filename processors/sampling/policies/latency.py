"""`latency`: keeps a trace that took longer than a threshold, from its first start to its last end.

As in the Collector since 0.157, both thresholds together mean `threshold < duration <= upper`, and the lower one
alone is exclusive, too. Compared in nanoseconds, where the Collector cuts to whole milliseconds first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel

_NANO_PER_MS: Final = 1_000_000

Milliseconds = Annotated[int, Field(strict=True, ge=0)]


class LatencyBody(StrictModel):
    threshold_ms: Milliseconds
    """Keeps what takes longer; exclusive."""
    upper_threshold_ms: Milliseconds = 0
    """Keeps what takes no longer; inclusive. 0: no upper threshold."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.upper_threshold_ms and self.upper_threshold_ms <= self.threshold_ms:
            msg = "upper_threshold_ms must be greater than threshold_ms, or 0 for none"
            raise ValueError(msg)
        return self


class LatencyPolicy(Policy):
    """Keeps a trace that took longer than a threshold, from its first start to its last end."""

    type: Literal["latency"]
    latency: LatencyBody

    def compile(self, plan: Plan) -> LatencyRule:  # noqa: ARG002  # times are always observed
        body = self.latency
        upper_nano = body.upper_threshold_ms * _NANO_PER_MS if body.upper_threshold_ms else None
        return LatencyRule(body.threshold_ms * _NANO_PER_MS, upper_nano)


@dataclass(frozen=True, slots=True)
class LatencyRule:
    threshold_nano: int
    upper_threshold_nano: int | None
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        duration = facts.duration_nano
        if duration <= self.threshold_nano:
            return PASS
        return KEEP if self.upper_threshold_nano is None or duration <= self.upper_threshold_nano else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"duration_ms": facts.duration_nano / _NANO_PER_MS}
