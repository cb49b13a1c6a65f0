"""What `rate_limiting` and `bytes_limiting` share: a budget that a trace is paid from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.moment import Moment
from processors.sampling.policies.base import Evidence, Vote
from processors.sampling.token_bucket import TokenBucket


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Keeps a trace while the budget lasts. The only rules whose votes depend on what came before."""

    bucket: TokenBucket
    cost: Callable[[TraceFacts], int]
    unit: str
    moment: Moment
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        cost = self.cost(facts)
        ask = self.bucket.take if self.moment.spends else self.bucket.has
        return Vote(ask(cost, self.moment.s), threshold=None, limited=True)

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {self.unit: self.cost(facts), "budget": round(self.bucket.tokens, 3)}
