"""`numeric_attribute`: keeps a trace with an attribute in a range, bounds included.

Unlike the Collector's, it compares doubles as well as integers (there, a double counts as 0), and 0 is a bound like
any other (there, it means that the bound is not set).
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field, model_validator

from processors.sampling.plan import Plan, Test
from processors.sampling.policies.attribute_rule import AttributeBody, AttributeRule
from processors.sampling.policies.base import Policy

Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True, allow_inf_nan=False)]


class NumericAttributeBody(AttributeBody):
    min_value: Number | None = None
    """Inclusive."""
    max_value: Number | None = None
    """Inclusive."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_value is None and self.max_value is None:
            msg = "one of min_value and max_value is needed"
            raise ValueError(msg)
        if self.min_value is not None and self.max_value is not None and self.min_value > self.max_value:
            msg = "min_value must not be greater than max_value"
            raise ValueError(msg)
        return self


class NumericAttributePolicy(Policy):
    """Keeps a trace with an attribute in a range. One of the two bounds is needed."""

    type: Literal["numeric_attribute"]
    numeric_attribute: NumericAttributeBody

    def compile(self, plan: Plan) -> AttributeRule:
        body = self.numeric_attribute
        bit = plan.attribute(body.key, _within(body.min_value, body.max_value))
        return AttributeRule(body.key, bit, body.invert_match)


def _within(min_value: float | None, max_value: float | None) -> Test:
    low = -math.inf if min_value is None else min_value
    high = math.inf if max_value is None else max_value

    def test(value: AnyValue) -> bool:
        # What is not a number reads as 0, and so does what is of the other kind.
        number = value.int_value or value.double_value
        return low <= number <= high and (number != 0 or value.HasField("int_value") or value.HasField("double_value"))

    def far_from_zero(value: AnyValue) -> bool:
        return low <= (value.int_value or value.double_value) <= high

    return test if low <= 0 <= high else far_from_zero
