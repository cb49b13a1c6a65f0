"""Quality scores on spans and log records.

No dialect says what scale a score has or which way it points, so values are passed on as they are.
`span_scores` runs for every span that comes in: a span without scores costs one dict look-up per attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.anyvalue import number
from processors.genai.memo import KeyMemo

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"

_MAX_TEXT_CHARS: Final = 128
_VERDICTS: Final = {"pass": 1.0, "passed": 1.0, "true": 1.0, "fail": 0.0, "failed": 0.0, "false": 0.0}


@dataclass(frozen=True, slots=True)
class Score:
    name: str
    """The evaluation's name, or the attribute key where it has none; at most 128 characters, like the label."""
    value: float | None
    """Finite; 1.0 and 0.0 for booleans and for verdicts such as `pass` and `fail`. None: only the label is known."""
    label: str | None


class _Field(NamedTuple):
    """What one attribute contributes to a score: attributes with the same stem belong together."""

    stem: str
    part: str
    """`value` or `label`."""
    name: str
    """Used if there is no attribute `name_key`."""
    name_key: str | None


_BARE: Final = (
    "eval.score",
    "evaluation.score",
    "gen_ai.quality.score",
    "quality.score",
    "score",
    "user.feedback.score",
)
_OTEL: Final = re.compile(r"gen_ai\.evaluation\.score(?:\.(value|label))?")
_OTEL_NAMED: Final = re.compile(r"(gen_ai\.evaluation\.(.+))\.score(?:\.(value|label))?", re.DOTALL)
_NAMED: Final = re.compile(r"((?:eval|evaluation)\.(.+))\.(score|label)", re.DOTALL)
_OPENINFERENCE: Final = re.compile(
    r"((?:trace\.|session\.)?(?:annotations\.[0-9]+\.annotation|evaluations\.[0-9]+\.evaluation))\.(score|label)"
)
_RELEVANCE: Final = re.compile(r"(?:.*\.)?document\.score", re.DOTALL)
"""A document's relevance to a query, not the answer's quality."""


def _field(key: str) -> _Field | None:
    if "score" not in key and not key.endswith(".label"):
        return None
    if key in _BARE:
        return _Field(key, "value", key, None)
    if _RELEVANCE.fullmatch(key):
        return None
    if match := _OTEL.fullmatch(key):
        stem = "gen_ai.evaluation"
        return _Field(stem, _part(match[1]), "evaluation", "gen_ai.evaluation.name")
    if match := _OTEL_NAMED.fullmatch(key):
        return _Field(match[1], _part(match[3]), match[2], None)
    if match := _NAMED.fullmatch(key):
        return _Field(match[1], _part(match[3]), match[2], None)
    if match := _OPENINFERENCE.fullmatch(key):
        return _Field(match[1], _part(match[2]), match[1].rpartition(".")[2], f"{match[1]}.name")
    return None


def _part(last: str | None) -> str:
    return "label" if last == "label" else "value"


_FIELDS: Final = KeyMemo(_field)


def is_score_key(key: str) -> bool:
    """A span attribute from which `span_scores` reads a score or its label."""
    return _FIELDS[key] is not None


def span_scores(span: Span) -> list[Score]:
    """The scores in the span's attributes and in its events named `gen_ai.evaluation.result`."""
    scores: list[Score] = []
    fields = _FIELDS
    hits: list[tuple[_Field, AnyValue]] | None = None
    for attribute in span.attributes:
        field = fields[attribute.key]
        if field is not None:
            if hits is None:
                hits = []
            hits.append((field, attribute.value))
    if hits is not None:
        scores += _assemble(hits, span.attributes)
    for event in span.events:
        if event.name == EVALUATION_EVENT:
            score = _evaluation(event.attributes)
            if score is not None:
                scores.append(score)
    return scores


def log_score(record: LogRecord) -> Score | None:
    """The score in a log record named `gen_ai.evaluation.result`, in `event_name` or the attribute `event.name`."""
    name = record.event_name
    if not name:
        name = next((item.value.string_value for item in record.attributes if item.key == "event.name"), "")
    return _evaluation(record.attributes) if name == EVALUATION_EVENT else None


def make_score(name: str, value: float | None, label: str | None) -> Score | None:
    """A score by the rules that hold however it came: texts are cut to size, and a verdict gives a missing value.

    None if there is neither a value nor a label. `value` must be finite.
    """
    label = label.strip()[:_MAX_TEXT_CHARS] if label else None
    if value is None and label:
        value = _VERDICTS.get(label.casefold())
    if value is None and not label:
        return None
    return Score(name[:_MAX_TEXT_CHARS], value, label or None)


def _evaluation(attributes: Iterable[KeyValue]) -> Score | None:
    """One score of an evaluation event; None if the evaluator gave neither value nor label, as when it failed."""
    attributes = list(attributes)
    hits = [
        (field, attribute.value)
        for attribute in attributes
        if (field := _FIELDS[attribute.key]) is not None and field.stem == "gen_ai.evaluation"
    ]
    return next(iter(_assemble(hits, attributes)), None)


def _assemble(hits: list[tuple[_Field, AnyValue]], attributes: Iterable[KeyValue]) -> list[Score]:
    """One score for each stem, in order of appearance."""
    stems: dict[str, dict[str, tuple[_Field, AnyValue]]] = {}
    for field, value in hits:
        stems.setdefault(field.stem, {})[field.part] = (field, value)
    wanted = {field.name_key for field, _ in hits if field.name_key}
    names = {item.key: item.value.string_value for item in attributes if item.key in wanted} if wanted else {}
    scores = (_score(parts, names) for parts in stems.values())
    return [score for score in scores if score is not None]


def _score(parts: Mapping[str, tuple[_Field, AnyValue]], names: Mapping[str, str]) -> Score | None:
    field, _ = next(iter(parts.values()))
    name = (field.name_key and names.get(field.name_key)) or field.name
    label: str | None = None
    value: float | None = None
    if "label" in parts:
        label = _label(parts["label"][1])
    if "value" in parts:
        raw = parts["value"][1]
        value = number(raw)
        if value is None and label is None and raw.string_value.strip().casefold() in _VERDICTS:
            label = raw.string_value.strip()
    return make_score(name, value, label)


def _label(value: AnyValue) -> str | None:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value.strip()[:_MAX_TEXT_CHARS] or None
        case "bool_value":
            return "true" if value.bool_value else "false"
        case _:
            return None
