"""`span_count`: keeps a trace with so many spans, bounds included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel

Count = Annotated[int, Field(strict=True, ge=0)]


class SpanCountBody(StrictModel):
    min_spans: Count = 0
    """Inclusive."""
    max_spans: Count = 0
    """Inclusive. 0: no upper bound."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min_spans and not self.max_spans:
            raise ValueError("one of min_spans and max_spans is needed")
        if self.max_spans and self.min_spans > self.max_spans:
            raise ValueError("min_spans must not be greater than max_spans")
        return self


class SpanCountPolicy(Policy):
    """Keeps a trace with so many spans. One of the two bounds is needed."""

    type: Literal["span_count"]
    span_count: SpanCountBody

    def compile(self, plan: Plan) -> SpanCountRule:  # noqa: ARG002  # spans are always counted
        return SpanCountRule(self.span_count.min_spans, self.span_count.max_spans)


@dataclass(frozen=True, slots=True)
class SpanCountRule:
    min_spans: int
    max_spans: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        spans = facts.span_count
        if not spans or spans < self.min_spans:
            return PASS
        return KEEP if not self.max_spans or spans <= self.max_spans else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"span_count": facts.span_count}
