from __future__ import annotations

import pytest

from processors.genai.score_fields import EVALUATION_EVENTS, SCORE_FIELDS

PARTS = {
    "gen_ai.evaluation.score.value": ("gen_ai.evaluation", "value"),
    "gen_ai.evaluation.score.label": ("gen_ai.evaluation", "label"),
    "gen_ai.evaluation.passed": ("gen_ai.evaluation", "passed"),
    "eval.tone.score": ("eval.tone", "value"),
    "session.annotations.0.annotation.score": ("session.annotations.0.annotation", "value"),
    "ai.observability.eval_root.higher_is_better": ("ai.observability.eval_root", "direction"),
    "braintrust.scores": ("braintrust.scores", "details"),
}


@pytest.mark.parametrize(("key", "expected"), PARTS.items())
def test_parts_of_scores(key: str, expected: tuple[str, str]) -> None:
    """The stem tells what belongs together."""
    field = SCORE_FIELDS[key]
    assert field is not None
    assert (field.stem, field.part) == expected


@pytest.mark.parametrize("key", ["document.score", "http.score", "gen_ai.evaluation.name", "scoreboard", "my.label"])
def test_what_is_no_score(key: str) -> None:
    """Relevance of documents above all."""
    assert SCORE_FIELDS[key] is None


def test_evaluation_events() -> None:
    """By name alone."""
    names = (
        "gen_ai.evaluation.result",
        "gen_ai.evaluation",
        "gen_ai.evaluation.tone",
        "guard.evaluation",
        "exception",
        "",
    )
    assert [EVALUATION_EVENTS[name] for name in names] == [True, True, True, True, False, False]
