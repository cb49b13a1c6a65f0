"""The vote that the three attribute policies share: does any span, or any resource, carry a matching value?"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.policies.base import KEEP, PASS, Evidence, Vote
from processors.section import StrictModel


class AttributeBody(StrictModel):
    key: str = Field(min_length=1)
    """Key of a span attribute or a resource attribute."""
    invert_match: bool = False
    """true: keep the traces in which nothing matches, those without the attribute included."""


class UnreadableError(Exception):
    """The attribute could not be evaluated on some span, so nobody knows whether it matches."""


@dataclass(frozen=True, slots=True)
class AttributeRule:
    key: str
    bit: int
    inverted: bool
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if facts.failed & self.bit:
            raise UnreadableError(self.key)
        # Without spans there is no telling that nothing matches: a score may come before the spans do.
        if self.inverted and not facts.span_count:
            return PASS
        return KEEP if bool(facts.matched & self.bit) is not self.inverted else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"key": self.key, "matched": bool(facts.matched & self.bit), "invert_match": self.inverted}
