"""The policy types that look at a trace themselves. A new one is a module here and a line in each list below."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from processors.sampling.policies.agent_loop import AgentLoopPolicy
from processors.sampling.policies.always_sample import AlwaysSamplePolicy
from processors.sampling.policies.boolean_attribute import BooleanAttributePolicy
from processors.sampling.policies.bytes_limiting import BytesLimitingPolicy
from processors.sampling.policies.cost import CostPolicy
from processors.sampling.policies.ema_dynamic import EmaDynamicPolicy
from processors.sampling.policies.error_type import ErrorTypePolicy
from processors.sampling.policies.finish_reason import FinishReasonPolicy
from processors.sampling.policies.latency import LatencyPolicy
from processors.sampling.policies.new_prompt import NewPromptPolicy
from processors.sampling.policies.numeric_attribute import NumericAttributePolicy
from processors.sampling.policies.ottl_condition import OttlConditionPolicy
from processors.sampling.policies.pii import PiiPolicy
from processors.sampling.policies.probabilistic import ProbabilisticPolicy
from processors.sampling.policies.rate_limiting import RateLimitingPolicy
from processors.sampling.policies.score import ScorePolicy
from processors.sampling.policies.span_count import SpanCountPolicy
from processors.sampling.policies.status_code import StatusCodePolicy
from processors.sampling.policies.string_attribute import StringAttributePolicy
from processors.sampling.policies.tokens import TokensPolicy
from processors.sampling.policies.trace_flags import TraceFlagsPolicy
from processors.sampling.policies.trace_state import TraceStatePolicy
from processors.sampling.policies.ttft import TtftPolicy
from processors.sampling.policies.user_feedback import UserFeedbackPolicy

AnyLeaf: TypeAlias = (
    AgentLoopPolicy
    | AlwaysSamplePolicy
    | BooleanAttributePolicy
    | BytesLimitingPolicy
    | CostPolicy
    | EmaDynamicPolicy
    | ErrorTypePolicy
    | FinishReasonPolicy
    | LatencyPolicy
    | NewPromptPolicy
    | NumericAttributePolicy
    | OttlConditionPolicy
    | PiiPolicy
    | ProbabilisticPolicy
    | RateLimitingPolicy
    | ScorePolicy
    | SpanCountPolicy
    | StatusCodePolicy
    | StringAttributePolicy
    | TokensPolicy
    | TraceFlagsPolicy
    | TraceStatePolicy
    | TtftPolicy
    | UserFeedbackPolicy
)
LeafPolicy: TypeAlias = Annotated[AnyLeaf, Field(discriminator="type")]
