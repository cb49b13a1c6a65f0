"""`boolean_attribute`: keeps a trace with an attribute that is true, or false."""

from __future__ import annotations

from operator import attrgetter
from typing import Final, Literal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field

from processors.sampling.plan import Plan, Test
from processors.sampling.policies.attribute_rule import AttributeBody, AttributeRule
from processors.sampling.policies.base import Policy

_IS_TRUE: Final[Test] = attrgetter("bool_value")
"""False for a value of any other type."""


class BooleanAttributeBody(AttributeBody):
    value: bool = Field(strict=True)
    """What the attribute must be."""


class BooleanAttributePolicy(Policy):
    """Keeps a trace with an attribute that is true, or false."""

    type: Literal["boolean_attribute"]
    boolean_attribute: BooleanAttributeBody

    def compile(self, plan: Plan) -> AttributeRule:
        body = self.boolean_attribute
        test = _IS_TRUE if body.value else _is_false
        return AttributeRule(body.key, plan.attribute(body.key, test), body.invert_match)


def _is_false(value: AnyValue) -> bool:
    return not value.bool_value and value.HasField("bool_value")
