"""`error_type`: keeps a trace with an error of one of these types or kinds, also those that no span status shows."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field

from processors.genai.call.errors import error_kind
from processors.genai.model_call import ModelCall
from processors.sampling.plan import Plan
from processors.sampling.policies.base import BitRule, NonEmpty, Policy
from processors.section import StrictModel
from processors.values import glob_regex


class ErrorTypeBody(StrictModel):
    types: NonEmpty[Annotated[str, Field(min_length=1)]]
    """Globs over the error's type as it is spelled (`openai.RateLimitError`, `429`), or its kind: timeout, rate_limit,
    authentication, context_length, content_filter, cancelled, tool, guardrail, bad_request, server, network, other."""


class ErrorTypePolicy(Policy):
    """Keeps a trace with an error of one of these types or kinds."""

    type: Literal["error_type"]
    error_type: ErrorTypeBody

    def compile(self, plan: Plan) -> BitRule:
        pattern = glob_regex(self.error_type.types)
        assert pattern is not None  # noqa: S101  # there is at least one glob

        def failed_so(call: ModelCall) -> bool:
            return call.error is not None and _fits(pattern, call.error.type, call.error.kind)

        def names_it(value: AnyValue) -> bool:
            name = value.string_value
            return bool(name) and _fits(pattern, name, error_kind(name))

        # `error.type` also stands on spans that are no model calls: tools, HTTP requests, agents.
        bits = plan.call_test(failed_so) | plan.attribute("error.type", names_it)
        return BitRule(bits, "type_found", "error")


def _fits(pattern: re.Pattern[str], name: str, kind: str) -> bool:
    return pattern.match(name) is not None or pattern.match(kind) is not None
