"""What every policy has in common: `{name, type, <type>: {…}}` in policy.yaml, and one vote a trace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, NamedTuple, Protocol, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.section import StrictModel

Evidence: TypeAlias = dict[str, object]
"""What a policy saw, for people: numbers, names, booleans; never the value of an attribute."""

Item = TypeVar("Item")


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise ValueError("at least one is needed")
    return items


# Not Field(min_length=1): that counts only the valid items, and adds a second error to each mistake in the only one.
NonEmpty = Annotated[tuple[Item, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]


class Vote(NamedTuple):
    kept: bool
    threshold: int | None = 0
    """The rejection threshold the trace was held against (56 bits); None where no threshold says the probability."""
    randomness: int | None = None
    """What was held against `threshold`; None for a rule, which leaves nothing to chance."""
    limited: bool = False
    """A budget had a say: it is no rule, and nobody knows with what probability it kept the trace."""

    @property
    def certain(self) -> bool:
        """It would be the same for every trace with these facts."""
        return self.randomness is None and not self.limited


KEEP: Final = Vote(kept=True)
PASS: Final = Vote(kept=False)
"""Not a no: the other policies decide."""


class Rule(Protocol):
    """A policy ready to vote. But for limits (`Vote.limited`), votes depend on nothing but the arguments."""

    @property
    def category(self) -> Category:
        """What a trace is that this policy keeps, unless it has an error."""

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        """May raise: whoever asks must then keep the trace."""

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence: ...


class Policy(StrictModel, ABC):
    """One entry of `sampling.policies`; subclasses add `type` and the field named after it."""

    name: str = Field(min_length=1, pattern=r"\S")
    """Shown in metrics and in `genai_sidecar.sampling.policy`; unique."""

    drops: ClassVar[bool] = False
    """A vote to keep means: drop, whatever the others say."""

    @property
    def chance(self) -> bool:
        """The policy samples at random, so a trace that it passes over was dropped by it."""
        return False

    @abstractmethod
    def compile(self, plan: Plan) -> Rule:
        """Tells `plan` what must be observed, and returns the voter."""


@dataclass(frozen=True, slots=True)
class BitRule:
    """Keeps a trace in which some span set the bit."""

    bit: int
    what: str
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        return KEEP if facts.matched & self.bit else PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {self.what: bool(facts.matched & self.bit)}
