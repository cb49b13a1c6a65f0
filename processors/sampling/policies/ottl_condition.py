"""`ottl_condition`: keeps a trace in which a condition of the OpenTelemetry Transformation Language is true.

It is true of one span, or of one span event; conditions are evaluated on arrival, span by span. What a condition may
contain: docs/processors/ottl-condition.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.ottl.compiler import Condition, compile_condition
from processors.sampling.ottl.grammar import ConditionError
from processors.sampling.ottl.paths import Context
from processors.sampling.ottl.values import OttlError
from processors.sampling.plan import Plan, SpanTest
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.sampling.span_view import SpanView
from processors.section import StrictModel

MAX_CONDITIONS: Final = 100
"""Of one policy: each costs something on every span."""
MAX_EVENTS: Final = 1024
"""Of one span: no more are looked at, and nobody knows of the others."""

Conditions = Annotated[tuple[str, ...], Field(max_length=MAX_CONDITIONS)]


class OttlConditionBody(StrictModel):
    """One condition at least; one that is true is enough."""

    error_mode: Literal["ignore", "silent", "propagate"] = "ignore"
    """Where a condition cannot be evaluated on a span: `ignore` and `silent` take it for false; `propagate` keeps the
    trace and counts the policy as failed, unless another condition or span is true."""
    span: Conditions = ()
    """Conditions on spans."""
    spanevent: Conditions = ()
    """Conditions on the events of spans."""

    @model_validator(mode="after")
    def _conditions_compile(self) -> Self:
        if not self.span and not self.spanevent:
            raise ValueError("one of span and spanevent needs a condition")
        _compiled(self.span, "span")
        _compiled(self.spanevent, "spanevent")
        return self


class OttlConditionPolicy(Policy):
    """Keeps a trace in which a condition is true of some span, or of some span event."""

    type: Literal["ottl_condition"]
    ottl_condition: OttlConditionBody

    def compile(self, plan: Plan) -> OttlConditionRule:
        body = self.ottl_condition
        of_spans = _compiled(body.span, "span")
        of_events = _compiled(body.spanevent, "spanevent")
        test = _test(of_spans, of_events, propagate=body.error_mode == "propagate")
        keys = {key for condition in (*of_spans, *of_events) for key in condition.span_keys}
        return OttlConditionRule(plan.span_test(test, keys))


@dataclass(frozen=True, slots=True)
class OttlConditionRule:
    bit: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if facts.matched & self.bit:
            return KEEP
        if facts.failed & self.bit:
            raise UnreadableError("ottl_condition")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"matched": bool(facts.matched & self.bit)}


def _compiled(texts: Sequence[str], context: Context) -> list[Condition]:
    conditions = []
    for index, text in enumerate(texts):
        try:
            conditions.append(compile_condition(text, context))
        except ConditionError as error:
            msg = f"{context}[{index}]: {error}"
            raise ValueError(msg) from None
    return conditions


def _test(of_spans: Sequence[Condition], of_events: Sequence[Condition], *, propagate: bool) -> SpanTest:
    if len(of_spans) == 1 and not of_events:
        return _test_of_one(of_spans[0].is_true, propagate=propagate)

    def test(view: SpanView) -> bool:
        failure: OttlError | None = None
        for condition in of_spans:
            try:
                if condition.is_true(view):
                    return True
            except OttlError as error:
                failure = error
        events = view.span.events if of_events else ()
        for index, event in enumerate(events):
            if index == MAX_EVENTS:
                raise UnreadableError("ottl_condition")
            view.event = event
            for condition in of_events:
                try:
                    if condition.is_true(view):
                        return True
                except OttlError as error:
                    failure = error
        if failure is not None and propagate:
            raise failure
        return False

    return test


def _test_of_one(is_true: SpanTest, *, propagate: bool) -> SpanTest:
    """The commonest policy, without the loops."""
    if propagate:
        return is_true

    def test(view: SpanView) -> bool:
        try:
            return is_true(view)
        except OttlError:
            return False

    return test
