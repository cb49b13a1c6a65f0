"""The policy types that look at a trace themselves. A new one is a module here and a line in each list below."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from processors.sampling.policies.always_sample import AlwaysSamplePolicy
from processors.sampling.policies.boolean_attribute import BooleanAttributePolicy
from processors.sampling.policies.latency import LatencyPolicy
from processors.sampling.policies.numeric_attribute import NumericAttributePolicy
from processors.sampling.policies.probabilistic import ProbabilisticPolicy
from processors.sampling.policies.score import ScorePolicy
from processors.sampling.policies.span_count import SpanCountPolicy
from processors.sampling.policies.status_code import StatusCodePolicy
from processors.sampling.policies.string_attribute import StringAttributePolicy
from processors.sampling.policies.trace_flags import TraceFlagsPolicy
from processors.sampling.policies.trace_state import TraceStatePolicy

AnyLeaf: TypeAlias = (
    AlwaysSamplePolicy
    | BooleanAttributePolicy
    | LatencyPolicy
    | NumericAttributePolicy
    | ProbabilisticPolicy
    | ScorePolicy
    | SpanCountPolicy
    | StatusCodePolicy
    | StringAttributePolicy
    | TraceFlagsPolicy
    | TraceStatePolicy
)
LeafPolicy: TypeAlias = Annotated[AnyLeaf, Field(discriminator="type")]
