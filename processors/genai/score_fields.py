"""What an attribute key contributes to a quality score: the carriers of all dialects."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from processors.genai.memo import KeyMemo


class ScoreField(NamedTuple):
    """Attributes with the same stem belong to one score."""

    stem: str
    part: str
    """`value`; `label`; `passed` or `blocked` (a flag or a word); `direction` (higher is better); `details`, `results` (JSON)."""
    name: str
    """Used if there is no attribute `name_key`."""
    name_key: str | None = None


def _alone(key: str, part: str, name: str | None = None, name_key: str | None = None) -> ScoreField:
    return ScoreField(key, part, name or key, name_key)


_EXACT: Final = {
    "eval.score": _alone("eval.score", "value"),
    "eval.pass": ScoreField("eval.score", "passed", "eval.score"),  # Patronus
    "evaluation.score": _alone("evaluation.score", "value"),
    "gen_ai.quality.score": _alone("gen_ai.quality.score", "value"),  # Last9
    "quality.score": _alone("quality.score", "value"),
    "score": _alone("score", "value"),
    "user.feedback.score": _alone("user.feedback.score", "value"),
    "user.feedback.rating": _alone("user.feedback.rating", "value"),  # Langtrace
    "gen_ai.evaluation.passed": ScoreField("gen_ai.evaluation", "passed", "evaluation", "gen_ai.evaluation.name"),
    "braintrust.scores": _alone("braintrust.scores", "details"),
    # pydantic-evals, offline. The words mean nothing by themselves; the objects under them have a form of their own.
    **{key: _alone(key, "results") for key in ("scores", "assertions", "labels")},
    **{
        f"{stem}.{last}": ScoreField(stem, part, "evaluation", f"{stem}.metric_name")
        for stem in ("ai.observability.eval", "ai.observability.eval_root")  # TruLens
        for last, part in (("score", "value"), ("higher_is_better", "direction"))
    },
    # Guardrails
    "ai.observability.guardrail.passed": _alone(
        "ai.observability.guardrail.passed", "passed", "guardrail", "ai.observability.guardrail.name"
    ),
    "gen_ai.guardrail.status": _alone("gen_ai.guardrail.status", "passed", "guardrail", "gen_ai.guardrail.name"),
    "gen_ai.guardrail.triggered": _alone("gen_ai.guardrail.triggered", "blocked", "guardrail", "gen_ai.guardrail.name"),
    "litellm.guardrail.status": _alone("litellm.guardrail.status", "passed", "guardrail", "litellm.guardrail.name"),
    "crewai.guardrail.success": _alone("crewai.guardrail.success", "passed", "guardrail"),
    "rail.stop": _alone("rail.stop", "blocked", "guardrail", "rail.name"),  # NeMo
}
_OTEL: Final = re.compile(r"gen_ai\.evaluation\.score(?:\.(value|label))?")
_OTEL_NAMED: Final = re.compile(r"(gen_ai\.evaluation\.(.+))\.score(?:\.(value|label))?", re.DOTALL)
_NAMED: Final = re.compile(r"((?:eval|evaluation|annotation)\.(.+))\.(score|max_score|label)", re.DOTALL)
_BRAINTRUST: Final = re.compile(r"braintrust\.scores\.(.+)", re.DOTALL)
_OPENINFERENCE: Final = re.compile(
    r"((?:trace\.|session\.)?(?:annotations\.[0-9]+\.annotation|evaluations\.[0-9]+\.evaluation))\.(score|label)"
)
_RELEVANCE: Final = re.compile(r"(?:.*\.)?document\.score", re.DOTALL)
"""A document's relevance to a query, not the answer's quality."""
OF_SESSION: Final = "session."
"""Stems that begin so are scores of the whole session."""


def _field(key: str) -> ScoreField | None:
    if key in _EXACT:
        return _EXACT[key]
    if ("score" not in key and not key.endswith(".label")) or _RELEVANCE.fullmatch(key):
        return None
    if match := _OTEL.fullmatch(key):
        return ScoreField("gen_ai.evaluation", _part(match[1]), "evaluation", "gen_ai.evaluation.name")
    if match := _OTEL_NAMED.fullmatch(key):
        return ScoreField(match[1], _part(match[3]), match[2])
    if match := _NAMED.fullmatch(key):
        return ScoreField(match[1], _part(match[3]), match[2])
    if match := _OPENINFERENCE.fullmatch(key):
        return ScoreField(match[1], _part(match[2]), match[1].rpartition(".")[2], f"{match[1]}.name")
    if match := _BRAINTRUST.fullmatch(key):
        return ScoreField(key, "value", match[1])
    return None


def _part(last: str | None) -> str:
    return "label" if last == "label" else "value"


SCORE_FIELDS: Final = KeyMemo(_field)
"""By attribute key; None for one that is no part of a score."""


def _is_evaluation_event(name: str) -> bool:
    return (
        name in {"gen_ai.evaluation", "langwatch.evaluation.custom", "guard.evaluation"}
        or name.startswith("gen_ai.evaluation.")  # `…result`; one for each evaluation in older Azure SDKs
    )


EVALUATION_EVENTS: Final = KeyMemo(_is_evaluation_event)
"""By name of a span event or log record: whether it is an evaluation."""
