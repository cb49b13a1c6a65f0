"""`finish_reason`: keeps a trace in which a model stopped for one of these reasons: cut off, filtered, refused.

Such answers come with HTTP 200 and an unset status. Reasons are compared in one spelling, whatever the provider's.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from processors.genai.call.finish import finish_reason
from processors.genai.model_call import ModelCall
from processors.sampling.plan import Plan
from processors.sampling.policies.base import BitRule, NonEmpty, Policy
from processors.section import StrictModel


class FinishReasonBody(StrictModel):
    reasons: NonEmpty[Annotated[str, Field(min_length=1), AfterValidator(finish_reason)]]
    """`length`, `content_filter`, `error`, `tool_call`, `stop`, or any other; a provider's own spelling is understood."""


class FinishReasonPolicy(Policy):
    """Keeps a trace in which a model stopped for one of these reasons."""

    type: Literal["finish_reason"]
    finish_reason: FinishReasonBody

    def compile(self, plan: Plan) -> BitRule:
        reasons = frozenset(self.finish_reason.reasons)

        def stopped_so(call: ModelCall) -> bool:
            return not reasons.isdisjoint(call.finish_reasons)

        return BitRule(plan.call_test(stopped_so), "reason_found")
