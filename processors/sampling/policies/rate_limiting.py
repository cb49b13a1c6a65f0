"""`rate_limiting`: keeps traces while no more spans a second are kept than allowed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import Policy
from processors.sampling.policies.limit import LimitRule
from processors.sampling.token_bucket import TokenBucket
from processors.section import StrictModel


class RateLimitingBody(StrictModel):
    spans_per_second: int = Field(strict=True, ge=0)
    """Spans kept a second, on average."""
    burst_capacity: int = Field(default=0, strict=True, ge=0)
    """Spans that can be kept at once after a quiet time. 0: twice `spans_per_second`."""


class RateLimitingPolicy(Policy):
    """Keeps traces while no more spans a second are kept than allowed."""

    type: Literal["rate_limiting"]
    rate_limiting: RateLimitingBody

    @property
    def chance(self) -> bool:
        return True

    def compile(self, plan: Plan) -> LimitRule:
        body = self.rate_limiting
        bucket = TokenBucket(body.spans_per_second, body.burst_capacity or 2 * body.spans_per_second)
        return LimitRule(bucket, _spans, "spans", plan.moment)


def _spans(facts: TraceFacts) -> int:
    return facts.span_count
