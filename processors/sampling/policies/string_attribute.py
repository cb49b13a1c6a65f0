"""`string_attribute`: keeps a trace with an attribute that equals one of the values, or matches one of the patterns.

Patterns are RE2's, as in the Collector, found anywhere in the value: anchor them with `^` and `$`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field, model_validator

from processors.sampling.patterns import DEFAULT_CACHE_SIZE, check_pattern, searcher
from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import AttributeBody, AttributeRule
from processors.sampling.policies.base import NonEmpty, Policy


class StringAttributeBody(AttributeBody):
    values: NonEmpty[Annotated[str, Field(min_length=1)]]
    """One of them is enough."""
    enabled_regex_matching: bool = False
    """true: the values are regular expressions (RE2 syntax), found anywhere in the attribute's value."""
    cache_max_size: int = Field(default=0, strict=True, ge=0, le=1_000_000)
    """Results of `enabled_regex_matching` remembered by value; 0: 128."""

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for index, value in enumerate(self.values if self.enabled_regex_matching else ()):
            try:
                check_pattern(value)
            except ValueError as error:
                msg = f"values[{index}] is {error}"
                raise ValueError(msg) from None
        return self


class StringAttributePolicy(Policy):
    """Keeps a trace with an attribute that equals one of the values, or matches one of the patterns."""

    type: Literal["string_attribute"]
    string_attribute: StringAttributeBody

    def compile(self, plan: Plan) -> AttributeRule:
        return AttributeRule(self.string_attribute.key, self._bit(plan), self.string_attribute.invert_match)

    def _bit(self, plan: Plan) -> int:
        body = self.string_attribute
        if not body.enabled_regex_matching:
            return plan.text(body.key, frozenset(body.values).__contains__)
        matches = searcher(body.values, body.cache_max_size or DEFAULT_CACHE_SIZE)
        if not matches(""):
            return plan.text(body.key, matches)

        def test(value: AnyValue) -> bool:  # any other type reads as empty
            return matches(value.string_value) and value.HasField("string_value")

        return plan.attribute(body.key, test)
