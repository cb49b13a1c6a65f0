"""`boolean_attribute`: keeps a trace with an attribute that is true, or false."""

from __future__ import annotations

from typing import Literal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field

from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import AttributeBody, AttributeRule
from processors.sampling.policies.base import Policy


class BooleanAttributeBody(AttributeBody):
    value: bool = Field(strict=True)
    """What the attribute must be."""


class BooleanAttributePolicy(Policy):
    """Keeps a trace with an attribute that is true, or false."""

    type: Literal["boolean_attribute"]
    boolean_attribute: BooleanAttributeBody

    def compile(self, plan: Plan) -> AttributeRule:
        body = self.boolean_attribute
        wanted = body.value

        def test(value: AnyValue) -> bool:
            return value.WhichOneof("value") == "bool_value" and value.bool_value is wanted

        return AttributeRule(body.key, plan.attribute(body.key, test), body.invert_match)
