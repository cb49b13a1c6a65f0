"""`trace_state`: keeps a trace in which some span's tracestate has a key with one of the values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from processors.sampling.plan import Plan
from processors.sampling.policies.base import BitRule, NonEmpty, Policy
from processors.section import StrictModel


class TraceStateBody(StrictModel):
    key: str = Field(min_length=1)
    """A vendor's key, as it stands before the `=`."""
    values: NonEmpty[Annotated[str, Field(min_length=1)]]
    """One of them is enough."""


class TraceStatePolicy(Policy):
    """Keeps a trace in which some span's tracestate has the key with one of the values."""

    type: Literal["trace_state"]
    trace_state: TraceStateBody

    def compile(self, plan: Plan) -> BitRule:
        key, values = self.trace_state.key, frozenset(self.trace_state.values)

        def test(trace_state: str) -> bool:
            members = (member.strip(" \t").partition("=") for member in trace_state.split(","))
            return any(name == key and value in values for name, _, value in members)

        return BitRule(plan.trace_state(test), "matched")
