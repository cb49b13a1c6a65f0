"""`tokens`: keeps a trace whose model calls used more than so many tokens together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from processors.processor import Category
from processors.sampling.call_totals import NO_COST
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel

Count = Annotated[int, Field(strict=True, ge=0)]


class TokensBody(StrictModel):
    """One of them is needed; a trace that exceeds any of those given is kept."""

    input_above: Count | None = None
    """Of the prompts, cache included."""
    output_above: Count | None = None
    """Of the answers, reasoning included."""
    total_above: Count | None = None
    """Of both."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.input_above is None and self.output_above is None and self.total_above is None:
            raise ValueError("one of input_above, output_above and total_above is needed")
        return self


class TokensPolicy(Policy):
    """Keeps a trace whose model calls used more than so many tokens together."""

    type: Literal["tokens"]
    tokens: TokensBody

    def compile(self, plan: Plan) -> TokensRule:
        body = self.tokens
        return TokensRule(
            math.inf if body.input_above is None else body.input_above,
            math.inf if body.output_above is None else body.output_above,
            math.inf if body.total_above is None else body.total_above,
            plan.call_usage(),
        )


@dataclass(frozen=True, slots=True)
class TokensRule:
    input_above: float
    output_above: float
    total_above: float
    failed_bit: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if facts.calls is not None:
            total = facts.calls.total()
            if (
                total.input_tokens > self.input_above
                or total.output_tokens > self.output_above
                or total.input_tokens + total.output_tokens > self.total_above
            ):
                return KEEP
        if facts.failed & self.failed_bit:
            raise UnreadableError("tokens")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        total = NO_COST if facts.calls is None else facts.calls.total()
        return {"input": total.input_tokens, "output": total.output_tokens}
