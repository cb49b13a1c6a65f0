"""Quality scores on spans and log records.

No dialect says what scale a score has, and one which way it points, so values are passed on as they are; what they
mean is for `score_rules`. `span_scores` runs for every span that comes in: a span without scores costs one dict
look-up per attribute. The same evaluation twice on a span, as attributes and as an event, is one score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.anyvalue import number
from processors.genai.call.values import flag_of, json_of
from processors.genai.event_names import log_event_name
from processors.genai.score_fields import EVALUATION_EVENTS, OF_SESSION, SCORE_FIELDS, ScoreField

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"

_MAX_TEXT_CHARS: Final = 128
PASSED: Final = frozenset({"pass", "passed"})
FAILED: Final = frozenset({"fail", "failed"})
_VERDICTS: Final = {"pass": 1.0, "passed": 1.0, "true": 1.0, "fail": 0.0, "failed": 0.0, "false": 0.0}
_FLAGS: Final = {"success": "pass", "guardrail_intervened": "fail", "allow": "pass", "deny": "fail", "block": "fail"}
_MAX_DETAILS: Final = 100


@dataclass(frozen=True, slots=True)
class Score:
    name: str
    """The evaluation's name, or the attribute key where it has none; at most 128 characters, like the label."""
    value: float | None
    """Finite; 1.0 and 0.0 for booleans and for verdicts such as `pass` and `fail`. None: only the label is known."""
    label: str | None
    higher_is_better: bool | None = None
    """As the evaluator says; nearly none does."""


def is_score_key(key: str) -> bool:
    """A span attribute from which `span_scores` reads a score or its label."""
    return SCORE_FIELDS[key] is not None


def is_evaluation_event(name: str) -> bool:
    """A span event or log record of this name is an evaluation."""
    return EVALUATION_EVENTS[name]


def span_scores(span: Span) -> list[Score]:
    """The scores in the span's attributes and in its events that are evaluations."""
    return _span_scores(span, sessions=None)


def session_scores(span: Span) -> list[Score]:
    """Those among them that are of the session as a whole."""
    return _span_scores(span, sessions=True)


def _span_scores(span: Span, *, sessions: bool | None) -> list[Score]:
    scores: list[Score] = []
    fields = SCORE_FIELDS
    hits: list[tuple[ScoreField, AnyValue]] | None = None
    for attribute in span.attributes:
        field = fields[attribute.key]
        if field is not None and (sessions is None or field.stem.startswith(OF_SESSION)):
            if hits is None:
                hits = []
            hits.append((field, attribute.value))
    if hits is not None:
        scores += _assemble(hits, span.attributes)
    if sessions is None:
        for event in span.events:
            if EVALUATION_EVENTS[event.name]:
                scores += _evaluation(event.name, event.attributes)
    return list(dict.fromkeys(scores)) if len(scores) > 1 else scores


def log_scores(record: LogRecord) -> list[Score]:
    """The scores in a log record that is an evaluation by its name (`event_names`)."""
    name = log_event_name(record)
    return _evaluation(name, record.attributes) if name is not None and EVALUATION_EVENTS[name] else []


def make_score(
    name: str, value: float | None, label: str | None, *, higher_is_better: bool | None = None
) -> Score | None:
    """A score by the rules that hold however it came: texts are cut to size, and a verdict gives a missing value.

    None if there is neither a value nor a label. `value` must be finite.
    """
    label = label.strip()[:_MAX_TEXT_CHARS] if label else None
    if value is None and label:
        value = _VERDICTS.get(label.casefold())
    if value is None and not label:
        return None
    return Score(name[:_MAX_TEXT_CHARS], value, label or None, higher_is_better)


def _evaluation(event: str, attributes: Iterable[KeyValue]) -> list[Score]:
    """The score of an evaluation event; none if the evaluator gave neither value nor label, or failed itself."""
    if event == "langwatch.evaluation.custom":
        tree = next((json_of(item.value) for item in attributes if item.key == "json_encoded_event"), None)
        return _from_json(tree if isinstance(tree, dict) else {})
    attributes = list(attributes)
    if event == "guard.evaluation":
        return _guard({item.key: item.value for item in attributes})
    if any(item.key == "error.type" and item.value.string_value for item in attributes):
        return []
    hits = [(field, item.value) for item in attributes if (field := SCORE_FIELDS[item.key]) is not None]
    of_name = [hit for hit in hits if hit[0].stem == "gen_ai.evaluation"]
    return _assemble(of_name or ([] if event == EVALUATION_EVENT else hits), attributes)[:1]


def _guard(values: Mapping[str, AnyValue]) -> list[Score]:
    """OpenLIT: what its guard did. Its own score is of the risk, not of the answer."""
    name = values["guard.name"].string_value if "guard.name" in values else ""
    action = values["guard.action"].string_value.strip().casefold() if "guard.action" in values else ""
    score = make_score(f"guardrail.{name}" if name else "guardrail", None, _FLAGS.get(action))
    return [] if score is None else [score]


def _from_json(tree: Mapping[str, Any]) -> list[Score]:
    """`{name, score, passed, label}`."""
    name, passed, label = tree.get("name"), tree.get("passed"), tree.get("label")
    label = label if isinstance(label, str) else None
    if label is None and isinstance(passed, bool):
        label = "pass" if passed else "fail"
    score = make_score(name if isinstance(name, str) and name else "evaluation", _finite(tree.get("score")), label)
    return [] if score is None else [score]


def _finite(item: Any) -> float | None:
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    try:
        value = float(item)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _assemble(hits: list[tuple[ScoreField, AnyValue]], attributes: Iterable[KeyValue]) -> list[Score]:
    """One score for each stem, in order of appearance."""
    stems: dict[str, dict[str, tuple[ScoreField, AnyValue]]] = {}
    for field, value in hits:
        stems.setdefault(field.stem, {})[field.part] = (field, value)
    wanted = {field.name_key for field, _ in hits if field.name_key}
    names = {item.key: item.value.string_value for item in attributes if item.key in wanted} if wanted else {}
    scores: list[Score] = []
    for parts in stems.values():
        if "details" in parts:
            scores += _details(parts["details"][1])
        elif "results" in parts:
            scores += _results(parts["results"][1])
        elif (score := _score(parts, names)) is not None:
            scores.append(score)
    return scores


def _details(value: AnyValue) -> list[Score]:
    """`{"name": 0.5, …}`."""
    tree = json_of(value)
    if not isinstance(tree, dict):
        return []
    found = (make_score(name, _finite(item), None) for name, item in list(tree.items())[:_MAX_DETAILS])
    return [score for score in found if score is not None]


def _results(value: AnyValue) -> list[Score]:
    """`{"name": {"value": 0.5, "source": {…}, …}, …}`, where a value may be a number, a verdict or a word."""
    tree = json_of(value)
    scores: list[Score] = []
    for name, item in list(tree.items())[:_MAX_DETAILS] if isinstance(tree, dict) else ():
        if isinstance(item, dict) and "value" in item and "source" in item:
            found = item["value"]
            label = (
                ("pass" if found else "fail") if isinstance(found, bool) else found if isinstance(found, str) else None
            )
            score = make_score(name, _finite(found), label)
            scores += [] if score is None else [score]
    return scores


def _score(parts: Mapping[str, tuple[ScoreField, AnyValue]], names: Mapping[str, str]) -> Score | None:
    field, _ = next(iter(parts.values()))
    name = (field.name_key and names.get(field.name_key)) or field.name
    if field.name == "guardrail" and name != field.name:
        name = f"guardrail.{name}"
    label: str | None = None
    value: float | None = None
    if "label" in parts:
        label = _label(parts["label"][1])
    if "value" in parts:
        raw = parts["value"][1]
        value = number(raw)
        if value is None and label is None and raw.string_value.strip().casefold() in _VERDICTS:
            label = raw.string_value.strip()
    for part, good in (("passed", True), ("blocked", False)):
        if part in parts and label is None:
            label = _verdict(parts[part][1], good=good)
    direction = flag_of(parts["direction"][1]) if "direction" in parts else None
    return make_score(name, value, label, higher_is_better=direction)


def _verdict(value: AnyValue, *, good: bool) -> str | None:
    word = value.string_value.strip().casefold()
    if word in PASSED | FAILED:
        return "pass" if word in PASSED else "fail"
    if word in _FLAGS:
        return _FLAGS[word]
    flag = flag_of(value)
    return None if flag is None else "pass" if flag is good else "fail"


def _label(value: AnyValue) -> str | None:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value.strip()[:_MAX_TEXT_CHARS] or None
        case "bool_value":
            return "true" if value.bool_value else "false"
        case _:
            return None
