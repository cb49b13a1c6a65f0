"""`score`: keeps a trace with a quality score that is too low, too high, or labelled as bad.

Scores are whatever evaluations put on the trace, in any known dialect: span attributes, span events, log records,
`POST /v1/scores`. `below` looks at how good a score is, 0 to 1, where `sampling.scores.metrics` or the metric's name
says what its values mean, and else at the value; `above` and `labels` look at what came.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import Field, model_validator

from processors.genai.score_rules import ScoreRules
from processors.genai.scores import Score
from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan, Test
from processors.sampling.policies.attribute_rule import UnreadableError
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Vote
from processors.section import StrictModel
from processors.values import glob_regex

Bound = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Texts = tuple[Annotated[str, Field(min_length=1)], ...]


class ScoreBody(StrictModel):
    """A score matches if it is below `below`, or above `above`, or has one of the `labels`."""

    below: Bound | None = None
    """Scores less than this match; exclusive. Of a metric whose meaning is known (`sampling.scores.metrics`, or a name such
    as toxicity), how good it is counts, 0 to 1; of others the value."""
    above: Bound | None = None
    """Scores greater than this match, as they came; exclusive."""
    labels: Texts = ()
    """Scores with one of these labels match, without regard to case."""
    names: Texts = ()
    """Globs; only evaluations with such a name count. Empty: all."""
    attributes: Texts = ()
    """Globs; to this policy, numeric attributes with such a key are scores, too, whatever `names` says."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.below is None and self.above is None and not self.labels:
            msg = "one of below, above and labels is needed"
            raise ValueError(msg)
        if self.below is not None and self.above is not None and self.below > self.above:
            msg = "below must not be greater than above: every score would match"
            raise ValueError(msg)
        return self


class ScorePolicy(Policy):
    """Keeps a trace with a quality score that is too low, too high, or labelled as bad.

    `below`, `above` or `labels` is needed.
    """

    type: Literal["score"]
    score: ScoreBody

    def compile(self, plan: Plan) -> ScoreRule:
        body = self.score
        return ScoreRule(
            below=-math.inf if body.below is None else body.below,
            above=math.inf if body.above is None else body.above,
            labels=frozenset(label.casefold() for label in body.labels),
            names=glob_regex(body.names),
            rules=plan.score_rules,
            scores_bit=plan.scores(),
            attributes_bit=plan.attributes(body.attributes, _outside(body.below, body.above)) if body.attributes else 0,
        )


@dataclass(frozen=True, slots=True)
class ScoreRule:
    below: float
    above: float
    labels: frozenset[str]
    names: re.Pattern[str] | None
    rules: ScoreRules = field(compare=False)
    scores_bit: int
    attributes_bit: int
    category: Category = "low_score"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        if facts.matched & self.attributes_bit or any(map(self._matches, facts.scores or ())):
            return KEEP
        if facts.failed & (self.scores_bit | self.attributes_bit):
            raise UnreadableError("score")
        return PASS

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        scores = [self._seen(score) for score in facts.scores or ()]
        return {"scores": scores, "attributes_matched": bool(facts.matched & self.attributes_bit)}

    def _seen(self, score: Score) -> Evidence:
        seen: Evidence = {"name": score.name, "value": score.value, "matched": self._matches(score)}
        good = self.rules.good(score)
        return seen if good is None else {**seen, "good": good}

    def _matches(self, score: Score) -> bool:
        if self.names is not None and not self.names.match(score.name):
            return False
        value = score.value
        if value is not None:
            good = self.rules.good(score)
            if (value if good is None else good) < self.below or value > self.above:
                return True
        return bool(self.labels and score.label and score.label.casefold() in self.labels)


def _outside(below: float | None, above: float | None) -> Test:
    low = -math.inf if below is None else below
    high = math.inf if above is None else above

    def test(value: AnyValue) -> bool:
        kind = value.WhichOneof("value")
        if kind == "double_value":
            return value.double_value < low or value.double_value > high
        return kind == "int_value" and (value.int_value < low or value.int_value > high)

    return test
