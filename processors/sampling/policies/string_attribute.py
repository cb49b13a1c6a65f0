r"""`string_attribute`: keeps a trace with an attribute that equals one of the values, or matches one of the patterns.

Patterns are Python's regular expressions, found anywhere in the value: anchor them with `^` and `$`. The Collector's
are Go's; what only Go knows (`[[:alpha:]]`, `\pL`, `\z`) is an error here, not a silent difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field, model_validator

from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import AttributeBody, AttributeRule
from processors.sampling.policies.base import NonEmpty, Policy

DEFAULT_CACHE_SIZE: Final = 128
"""The Collector's."""

_POSIX_CLASS: Final = re.compile(r"\[:\^?\w+:\]")
_CACHED_CHARACTERS: Final = 1024


class StringAttributeBody(AttributeBody):
    values: NonEmpty[Annotated[str, Field(min_length=1)]]
    """One of them is enough."""
    enabled_regex_matching: bool = False
    """true: the values are Python's regular expressions, found anywhere in the attribute's value."""
    cache_max_size: int = Field(default=0, strict=True, ge=0, le=1_000_000)
    """Results of `enabled_regex_matching` remembered by value; 0: 128."""

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for index, value in enumerate(self.values if self.enabled_regex_matching else ()):
            try:
                _compiled(value)
            except (re.error, RecursionError, OverflowError) as error:
                msg = f"values[{index}] is not a regular expression: {error}"
                raise ValueError(msg) from None
        return self


class StringAttributePolicy(Policy):
    """Keeps a trace with an attribute that equals one of the values, or matches one of the patterns."""

    type: Literal["string_attribute"]
    string_attribute: StringAttributeBody

    def compile(self, plan: Plan) -> AttributeRule:
        body = self.string_attribute
        matches = _search(body) if body.enabled_regex_matching else frozenset(body.values).__contains__

        def test(value: AnyValue) -> bool:
            return value.WhichOneof("value") == "string_value" and matches(value.string_value)

        return AttributeRule(body.key, plan.attribute(body.key, test), body.invert_match)


def _compiled(pattern: str) -> re.Pattern[str]:
    if _POSIX_CLASS.search(pattern):
        raise re.error("POSIX classes such as [[:alpha:]] are not known; use \\w, \\d or a set")
    return re.compile(pattern)


def _search(body: StringAttributeBody) -> Callable[[str], bool]:
    patterns = tuple(_compiled(value) for value in body.values)

    def search(text: str) -> bool:
        return any(pattern.search(text) for pattern in patterns)

    cached = lru_cache(maxsize=body.cache_max_size or DEFAULT_CACHE_SIZE)(search)
    return lambda text: cached(text) if len(text) <= _CACHED_CHARACTERS else search(text)
