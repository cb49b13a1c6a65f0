"""`pii`: keeps a trace in which personal data of a type was found, where the spans come from a sidecar that scrubbed them.

Content is scrubbed after the decision, so that dropped traces cost nothing. A gateway behind sidecars sees what they
found: the counts under `genai_sidecar.pii.<type>`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field

from processors.genai.anyvalue import count
from processors.sampling.plan import Plan
from processors.sampling.policies.base import BitRule, NonEmpty, Policy
from processors.section import StrictModel

_PREFIX = "genai_sidecar.pii."


class PiiBody(StrictModel):
    entity_types: NonEmpty[Annotated[str, Field(pattern=r"^(?:[A-Z][A-Z0-9_]*|\*)$")]]
    """Types in Presidio's spelling, such as CREDIT_CARD; `*` for any."""
    min_findings: Annotated[int, Field(strict=True, ge=1)] = 1
    """On one span."""


class PiiPolicy(Policy):
    """Keeps a trace in which a sidecar before this one found personal data of a type."""

    type: Literal["pii"]
    pii: PiiBody

    def compile(self, plan: Plan) -> BitRule:
        least = self.pii.min_findings

        def enough(value: AnyValue) -> bool:
            return (count(value) or 0) >= least

        keys = tuple(_PREFIX + entity_type.lower() for entity_type in self.pii.entity_types)
        return BitRule(plan.attributes(keys, enough), "found")
