"""What a score means: from a metric's own scale and direction to 0 (bad) … 1 (good).

Nothing in telemetry says on what scale a score is, and one value does not show it: 0.9 may be the best of 0 to 1 or
less than the worst of 1 to 5. So a scale is taken from a rule of the policy, or not at all:
 - a metric with a rule is mapped by it; values outside its scale are taken for its ends;
 - without one, a metric whose name tells that higher is worse (hallucination, toxicity, bias, …) is taken to be on
   0 to 1, and turned round; what is above 1 counts as worst;
 - any other has no meaning here, and its value is compared as it is.
A verdict (`pass`, `fail`) means the same in every metric.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from processors.genai.memo import KeyMemo
from processors.genai.scores import FAILED, PASSED, Score
from processors.section import StrictModel
from processors.values import glob_regex

Bound = Annotated[float, Field(allow_inf_nan=False)]

_NAMED_SCALES: Final[dict[str, tuple[float, float]]] = {
    "pass_fail": (0.0, 1.0),
    "likert_5": (1.0, 5.0),
    "likert_7": (1.0, 7.0),
    "percent": (0.0, 100.0),
    "thumbs": (-1.0, 1.0),
}
_WORSE_WHEN_HIGHER: Final = re.compile(
    r"(?<![a-z])(?:hallucinat\w*|toxic(?:ity)?|bias(?:ed)?|(?:prompt_?)?injections?|jailbreaks?|pii|harm(?:ful)?(?:ness)?"
    r"|hate(?:ful)?|hate_?unfairness|violence|sexual|self_?harm|profanity|insults?|misinformation|disinformation"
    r"|restricted_?topics?|leak(?:age|s)?|risk|contradictions?|stereotyp\w*)(?![a-z])"
)
_BETTER_AFTER_ALL: Final = re.compile(
    r"(?<![a-z])(?:no|non|not|free|without|absence|absent|anti|avoids?|safe|safety)(?![a-z])"
)
"""`toxicity_free`, `no_hallucination`: the name of a good thing."""
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Metric(StrictModel):
    """How to read the scores of some evaluations. The first entry whose name fits is used."""

    name: Annotated[str, Field(min_length=1)]
    """Glob over names of evaluations, without regard to case."""
    scale: Literal["pass_fail", "likert_5", "likert_7", "percent", "thumbs"] | tuple[Bound, Bound] = (0.0, 1.0)
    """Lowest and highest value: `[1, 5]`, or a name: pass_fail (0, 1), likert_5 (1 to 5), likert_7 (1 to 7),
    percent (0 to 100), thumbs (-1 to 1)."""
    higher_is_better: bool | None = None
    """Absent: what the evaluator says, or else the name: not for hallucination, toxicity, bias and their like."""
    threshold: Bound | None = None
    """The value, on its own scale, that becomes 0.5. Absent: the middle of the scale."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        low, high = self.bounds
        if low >= high:
            raise ValueError("scale: the lowest value must be less than the highest")
        if self.threshold is not None and not low < self.threshold < high:
            raise ValueError("threshold must lie within the scale, and not at its ends")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        return _NAMED_SCALES[self.scale] if isinstance(self.scale, str) else self.scale


class ScoreRules:
    """The metrics of a policy, and what names tell."""

    def __init__(self, metrics: Sequence[Metric] = ()) -> None:
        self._metrics = [(glob_regex((metric.name.casefold(),)), metric) for metric in metrics]
        self._by_name = KeyMemo(self._metric)
        self._worse = KeyMemo(worse_when_higher)

    def good(self, score: Score) -> float | None:
        """How good it is, 0 to 1; None if there is no value, or nothing that says what it means."""
        value = score.value
        if value is None or math.isnan(value):
            return None
        label = score.label.casefold() if score.label else ""
        if (label in PASSED and value == 1) or (label in FAILED and value == 0):
            return value
        metric = self._by_name[score.name]
        if metric is None:
            if score.higher_is_better is None and not self._worse[score.name]:
                return None
            better = score.higher_is_better is True
            return _within(value if better else 1 - value)
        better_higher = metric.higher_is_better
        if better_higher is None:
            better_higher = score.higher_is_better
        if better_higher is None:
            better_higher = not self._worse[score.name]
        place = _placed(value, *metric.bounds, metric.threshold)
        return place if better_higher else 1 - place

    def _metric(self, name: str) -> Metric | None:
        name = name.casefold()
        return next((metric for pattern, metric in self._metrics if pattern is not None and pattern.match(name)), None)


def worse_when_higher(name: str) -> bool:
    """Whether the name of an evaluation is that of a bad thing."""
    words = _CAPITAL.sub("_", name).casefold().replace("-", "_").replace(" ", "_")
    return _WORSE_WHEN_HIGHER.search(words) is not None and _BETTER_AFTER_ALL.search(words) is None


def _placed(value: float, low: float, high: float, threshold: float | None) -> float:
    if threshold is None:
        return _within((value - low) / (high - low))
    if value < threshold:
        return _within((value - low) / (threshold - low) / 2)
    return _within(0.5 + (value - threshold) / (high - threshold) / 2)


def _within(place: float) -> float:
    return min(max(place, 0.0), 1.0)
