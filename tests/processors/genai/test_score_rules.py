from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from processors.genai.score_rules import Metric, ScoreRules, worse_when_higher
from processors.genai.scores import Score


def good(score: Score, *metrics: dict[str, Any]) -> float | None:
    found = ScoreRules([Metric.model_validate(metric) for metric in metrics]).good(score)
    return None if found is None else round(found, 6)


RULED: dict[str, tuple[dict[str, Any], float, float]] = {
    "0 to 1 is the default": ({"name": "q"}, 0.25, 0.25),
    "1 to 5": ({"name": "q", "scale": [1, 5]}, 2.0, 0.25),
    "0 to 7, worse when higher": ({"name": "q", "scale": [0, 7], "higher_is_better": False}, 7.0, 0.0),
    "likert": ({"name": "q", "scale": "likert_5"}, 5.0, 1.0),
    "percent": ({"name": "q", "scale": "percent"}, 40.0, 0.4),
    "thumbs": ({"name": "q", "scale": "thumbs"}, -1.0, 0.0),
    "pass or fail": ({"name": "q", "scale": "pass_fail"}, 1.0, 1.0),
    "above the scale": ({"name": "q"}, 3.0, 1.0),
    "below the scale": ({"name": "q", "scale": [1, 5]}, 0.0, 0.0),
    "at the threshold": ({"name": "q", "threshold": 0.8}, 0.8, 0.5),
    "below the threshold": ({"name": "q", "threshold": 0.8}, 0.4, 0.25),
    "above the threshold": ({"name": "q", "threshold": 0.8}, 0.9, 0.75),
    "at the threshold, turned": ({"name": "q", "threshold": 0.2, "higher_is_better": False}, 0.2, 0.5),
    "above the threshold, turned": ({"name": "q", "threshold": 0.2, "higher_is_better": False}, 0.6, 0.25),
    "glob, in any case": ({"name": "Q*", "scale": "percent"}, 40.0, 0.4),
}


@pytest.mark.parametrize(("metric", "value", "expected"), RULED.values(), ids=RULED.keys())
def test_a_rule_says_what_a_value_means(metric: dict[str, Any], value: float, expected: float) -> None:
    """Scale, direction and threshold; what is outside the scale is at its end."""
    assert good(Score("q", value, None), metric) == expected


def test_without_a_rule_a_value_means_nothing() -> None:
    """0.9 may be good or bad; the first rule that fits is used."""
    assert good(Score("relevance", 0.9, None)) is None
    assert good(Score("relevance", 3.0, None), {"name": "other"}) is None
    assert good(Score("q", 3.0, None), {"name": "q", "scale": [1, 5]}, {"name": "*", "scale": "percent"}) == 0.5
    assert good(Score("q", None, "meh"), {"name": "q"}) is None
    assert good(Score("q", float("nan"), None), {"name": "q"}) is None


BAD_NAMES = (
    "hallucination", "Hallucination", "hallucination.response", "hallucination_rate", "toxicity", "toxicity.prompt",
    "Toxic", "bias", "gender-bias", "prompt_injection", "PromptInjection", "pii", "pii_leakage", "self_harm", "SelfHarm",
    "violence", "hate_unfairness", "harmfulness", "restricted_topics.response", "jailbreak",
)  # fmt: skip
GOOD_NAMES = (
    "relevance", "faithfulness", "harmlessness", "unbiased", "toxicity_free", "no_hallucination", "NonToxicity",
    "groundedness", "helpfulness", "score", "evaluation", "", "happiness", "chatter",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_of_bad_things(name: str) -> None:
    """Higher is worse: turned round, on 0 to 1, and above it worst."""
    assert worse_when_higher(name)
    assert good(Score(name, 0.9, None)) == pytest.approx(0.1)
    assert good(Score(name, 4.0, None)) == 0.0
    assert good(Score(name, 4.0, None), {"name": "*", "scale": [0, 8]}) == 0.5
    assert good(Score(name, 0.9, None), {"name": "*", "higher_is_better": True}) == 0.9


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_other_names(name: str) -> None:
    """Say nothing, or that higher is better."""
    assert not worse_when_higher(name)


def test_what_the_evaluator_says() -> None:
    """Its direction counts before the name's, and a rule's before both."""
    assert good(Score("toxicity", 0.9, None, higher_is_better=True)) == 0.9
    assert good(Score("q", 0.9, None, higher_is_better=False)) == pytest.approx(0.1)
    assert good(Score("q", 0.9, None, higher_is_better=False), {"name": "q", "higher_is_better": True}) == 0.9


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (Score("toxicity", 1.0, "pass"), 1.0),
        (Score("toxicity", 0.0, "Fail"), 0.0),
        (Score("toxicity", 1.0, "fail"), 0.0),
        (Score("toxicity", 0.0, "pass"), 1.0),
        (Score("toxicity", 1.0, "true"), 0.0),
        (Score("q", 1.0, "pass"), 1.0),
        (Score("q", 0.4, "pass"), None),
    ],
    ids=str,
)
def test_a_verdict_means_the_same_everywhere(score: Score, expected: float | None) -> None:
    """A passed toxicity check is good, although 1 is the worst toxicity."""
    assert good(score) == expected


@pytest.mark.parametrize(
    "metric",
    [
        {"name": ""},
        {"name": "q", "scale": [1, 1]},
        {"name": "q", "scale": [5, 1]},
        {"name": "q", "scale": "stars"},
        {"name": "q", "threshold": 1.0},
        {"name": "q", "scale": [1, 5], "threshold": 0.5},
    ],
    ids=str,
)
def test_rules_that_make_no_sense(metric: dict[str, Any]) -> None:
    """Are errors when the policy is loaded."""
    with pytest.raises(ValidationError):
        Metric.model_validate(metric)


@settings(max_examples=50)
@given(
    st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)
def test_more_is_never_less(one: float, other: float, better: bool) -> None:  # noqa: FBT001  # drawn
    """Within 0 to 1, and in the order of the values."""
    rules = ScoreRules([Metric(name="q", scale=(1, 5), threshold=2, higher_is_better=better)])
    a, b = rules.good(Score("q", min(one, other), None)), rules.good(Score("q", max(one, other), None))
    assert a is not None
    assert b is not None
    assert 0 <= a <= 1
    assert 0 <= b <= 1
    assert (a <= b) if better else (b <= a)
