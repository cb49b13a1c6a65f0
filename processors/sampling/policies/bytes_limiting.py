"""`bytes_limiting`: keeps traces while no more bytes a second are kept than allowed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import Policy
from processors.sampling.policies.limit import LimitRule
from processors.sampling.token_bucket import TokenBucket
from processors.section import StrictModel


class BytesLimitingBody(StrictModel):
    bytes_per_second: int = Field(strict=True, ge=0)
    """Bytes kept a second, on average, of spans as they came in, encoded."""
    burst_capacity: int = Field(default=0, strict=True, ge=0)
    """Bytes that can be kept at once after a quiet time. 0: twice `bytes_per_second`."""


class BytesLimitingPolicy(Policy):
    """Keeps traces while no more bytes a second are kept than allowed."""

    type: Literal["bytes_limiting"]
    bytes_limiting: BytesLimitingBody

    @property
    def chance(self) -> bool:
        return True

    def compile(self, plan: Plan) -> LimitRule:
        plan.sizes()
        body = self.bytes_limiting
        bucket = TokenBucket(body.bytes_per_second, body.burst_capacity or 2 * body.bytes_per_second)
        return LimitRule(bucket, _bytes, "bytes", plan.moment)


def _bytes(facts: TraceFacts) -> int:
    return facts.span_bytes
