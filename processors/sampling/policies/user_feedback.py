"""`user_feedback`: keeps a trace whose user rated it: a thumb, stars, a label. It may come long after the trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from processors.genai.scores import Score
from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel
from processors.values import glob_regex

FEEDBACK_NAMES: Final = ("*feedback*", "*thumb*", "*rating*", "*user*score*", "*csat*", "*stars*")
_NEGATIVE: Final = frozenset(
    {"negative", "bad", "down", "thumbs_down", "thumbs-down", "thumbs down", "dislike", "no", "false", "fail", "failed"}
    | {"poor", "unhelpful", "incorrect", "wrong"}
)
_POSITIVE: Final = frozenset(
    {
        "positive",
        "good",
        "up",
        "thumbs_up",
        "thumbs-up",
        "thumbs up",
        "like",
        "yes",
        "true",
        "pass",
        "passed",
        "helpful",
    }
    | {"great", "correct"}
)


class UserFeedbackBody(StrictModel):
    rating: Literal["negative", "positive", "any"] = "negative"
    """Which feedback: a value below `negative_below` or a label such as `thumbs_down` is negative, any other positive."""
    negative_below: Annotated[float, Field(strict=True, allow_inf_nan=False)] = 0.5
    """For thumbs as 0 and 1, or -1 and 1. For stars from 1 to 5, 3 is usual."""
    names: tuple[Annotated[str, Field(min_length=1)], ...] = FEEDBACK_NAMES
    """Globs over the names of evaluations: these are a user's feedback, without regard to case."""


class UserFeedbackPolicy(Policy):
    """Keeps a trace whose user rated it."""

    type: Literal["user_feedback"]
    user_feedback: UserFeedbackBody = UserFeedbackBody()

    def compile(self, plan: Plan) -> UserFeedbackRule:
        return UserFeedbackRule(self.user_feedback, plan.scores())


@dataclass(frozen=True, slots=True)
class UserFeedbackRule:
    body: UserFeedbackBody
    failed_bit: int
    category: Category = "low_score"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if any(map(self._counts, facts.scores or ())):
            return KEEP
        if facts.failed & self.failed_bit:
            raise UnreadableError("user_feedback")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"feedback": [score.value for score in facts.scores or () if self._is_feedback(score)]}

    def _is_feedback(self, score: Score) -> bool:
        pattern = glob_regex(tuple(name.casefold() for name in self.body.names))
        return pattern is not None and pattern.match(score.name.casefold()) is not None

    def _counts(self, score: Score) -> bool:
        if not self._is_feedback(score):
            return False
        negative = self._is_negative(score)
        return self.body.rating == "any" or (negative is not None and negative is (self.body.rating == "negative"))

    def _is_negative(self, score: Score) -> bool | None:
        label = (score.label or "").strip().casefold()
        if label in _NEGATIVE or label in _POSITIVE:
            return label in _NEGATIVE
        return None if score.value is None else score.value < self.body.negative_below
