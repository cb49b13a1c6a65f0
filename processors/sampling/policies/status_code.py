"""`status_code`: keeps a trace in which some span has one of the listed statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from processors.processor import Category
from processors.sampling.facts import STATUS_ERROR, STATUS_OK, STATUS_UNSET, TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, PASS, Evidence, NonEmpty, Policy, Vote
from processors.section import StrictModel

_BITS: Final = {"UNSET": STATUS_UNSET, "OK": STATUS_OK, "ERROR": STATUS_ERROR}


class StatusCodeBody(StrictModel):
    status_codes: NonEmpty[Literal["OK", "ERROR", "UNSET"]]
    """One of them is enough."""


class StatusCodePolicy(Policy):
    """Keeps a trace in which some span has one of the statuses."""

    type: Literal["status_code"]
    status_code: StatusCodeBody

    def compile(self, plan: Plan) -> StatusCodeRule:  # noqa: ARG002  # statuses are always observed
        return StatusCodeRule(sum(_BITS[code] for code in set(self.status_code.status_codes)))


@dataclass(frozen=True, slots=True)
class StatusCodeRule:
    mask: int
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        return KEEP if facts.status_mask & self.mask else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"status_codes": [code for code, bit in _BITS.items() if facts.status_mask & bit]}
