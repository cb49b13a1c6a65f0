"""`agent_loop`: keeps a trace in which an agent goes round in circles, too deep, or from failure to failure.

It looks at all that came of the trace, over any number of requests; late spans count, too. What is looked at is
structure alone: agents' turns, tools' names, the fingerprint of their arguments, how they ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from processors.genai.asked_calls import AskedCallReader
from processors.genai.call.operations import ONE_CALL
from processors.genai.step import read_step
from processors.processor import Category
from processors.sampling.agent_steps import AgentStep, AgentSteps
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.sampling.span_view import SpanView
from processors.section import StrictModel

Limit = Annotated[int, Field(strict=True, ge=0)]


class AgentLoopBody(StrictModel):
    """A trace that reaches one of these is kept. 0: not looked for."""

    max_depth: Limit = 10
    """Agents within one another, or tools within one another. More than these are a loop."""
    same_call: Limit = 5
    """Calls of one tool with the same arguments, by the spans of tools or by what models ask for. Calls whose arguments
    are not recorded are not compared."""
    failures_in_a_row: Limit = 4
    """Failed tool calls with no success between them: by the span, or where the result says so in a field."""
    handoffs: Limit = 6
    """Turns that two agents hand to each other and back, with no third between them."""

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if not (self.max_depth or self.same_call or self.failures_in_a_row or self.handoffs):
            raise ValueError("one of max_depth, same_call, failures_in_a_row and handoffs must be above 0")
        return self


class AgentLoopPolicy(Policy):
    """Keeps a trace in which an agent goes round in circles, too deep, or from failure to failure."""

    type: Literal["agent_loop"]
    agent_loop: AgentLoopBody = AgentLoopBody()

    def compile(self, plan: Plan) -> AgentLoopRule:
        return AgentLoopRule(self.agent_loop, plan.span_reader(StepReader()))


class StepReader:
    """Adds a span to the steps of its trace."""

    def __init__(self) -> None:
        self._asked = AskedCallReader()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StepReader)

    def __hash__(self) -> int:
        return hash(StepReader)

    def __call__(self, view: SpanView, facts: TraceFacts) -> None:
        span = view.span
        if facts.steps is None:
            facts.steps = AgentSteps()
        scope = view.scope_spans.scope.name
        step = read_step(span, scope)
        parent, start = span.parent_span_id, span.start_time_unix_nano
        if step is None:
            facts.steps.add(span.span_id, AgentStep(parent, start))
            return
        asked, targets = self._asked.read(span, scope) if step.operation in ONE_CALL else ((), ())
        made = AgentStep(
            parent,
            start,
            step.operation,
            step.name,
            step.arguments,
            failed=step.error is not None,
            end_unix_nano=span.end_time_unix_nano,
            hands_over=step.is_handoff,
            hands_to=targets if step.hands_to is None else (step.hands_to,),
            asked=asked,
        )
        facts.steps.add(span.span_id, made)


@dataclass(frozen=True, slots=True)
class AgentLoopRule:
    body: AgentLoopBody
    failed_bit: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        body, steps = self.body, facts.steps
        if steps is not None and (
            0 < body.same_call <= steps.most_repeated_call()
            or 0 < body.failures_in_a_row <= steps.most_failures_in_a_row()
            or 0 < body.handoffs <= steps.most_handoffs()
            or 0 < body.max_depth < steps.depth()
        ):
            return KEEP
        if facts.failed & self.failed_bit:
            raise UnreadableError("agent_loop")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        steps = facts.steps or AgentSteps()
        return {
            "depth": steps.depth(),
            "same_call": steps.most_repeated_call(),
            "failures_in_a_row": steps.most_failures_in_a_row(),
            "handoffs": steps.most_handoffs(),
        }
