"""`trace_flags`: keeps a trace of which some span has the W3C `sampled` flag: an app sampled it at its head."""

from __future__ import annotations

from typing import Literal

from processors.sampling.plan import Plan
from processors.sampling.policies.base import BitRule, Policy


class TraceFlagsPolicy(Policy):
    """Keeps a trace of which some span has the W3C `sampled` flag: an app sampled it at its head. Has no settings."""

    type: Literal["trace_flags"]

    def compile(self, plan: Plan) -> BitRule:
        return BitRule(plan.sampled_flag(), "sampled")
