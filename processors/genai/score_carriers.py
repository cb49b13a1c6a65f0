"""Scores in OTLP that are of another trace: a span with a link, a span or log record that names a response, a session or
a span.

An evaluator writes its verdict where it runs, often in a trace of its own and long after. These are the same as what
`POST /v1/scores` takes (`score_report`), and take the same road from here on. A score on a span that is itself a model
call is that call's, whatever else the span names or links to.

| carrier                                                        | the scores are of                                |
|----------------------------------------------------------------|--------------------------------------------------|
| a span with links (OpenInference annotations)                  | the traces linked to, and its own                |
| `session.annotations.#.…`, `session.evaluations.#.…`           | the session in `session.id`, and its own trace   |
| a span that is no model call, with `gen_ai.response.id`        | the trace of that response, and its own          |
| `ai.observability.eval.target_record_id` (TruLens)             | the traces of that record, and its own           |
| `gen_ai.evaluation.target_span_id` (Future AGI)                | the trace of that span, and its own              |
| a log record without a trace id                                | the span, the response or the session it names   |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.links import MAX_ID_CHARS, link_maker, response_link, session_link
from processors.genai.model_call import read_model_call
from processors.genai.score_report import is_span_id
from processors.genai.scores import Score, log_scores, session_scores

ReportFields: TypeAlias = dict[str, Any]
"""One object of `POST /v1/scores`."""

MAX_LINKS: Final = 32
"""Of one span; a span of a batch may link to thousands, and no judge judges so many."""

_ZERO_TRACE_ID: Final = bytes(16)
_SPAN_ID_BYTES: Final = 8
_TARGET_SPAN: Final = "gen_ai.evaluation.target_span_id"
_TARGET_RECORD: Final = "ai.observability.eval.target_record_id"


def span_reports(span: Span, scores: Iterable[Score], scope: str = "") -> list[ReportFields]:
    """What a span with these scores says of other traces."""
    call = read_model_call(span, scope)
    if call is not None and call.is_single:
        return []
    scores = list(scores)
    found: list[ReportFields] = []
    linked = dict.fromkeys(link.trace_id for link in span.links[:MAX_LINKS])
    for trace_id in linked:
        if len(trace_id) == 16 and trace_id not in {_ZERO_TRACE_ID, span.trace_id}:
            found += _reports({"trace_id": trace_id.hex()}, scores)
    named = _ids(span.attributes)
    if named.span is not None and named.span != span.span_id.hex():
        found += _reports({"span_id": named.span}, scores)
    if named.response is not None and not linked:
        found += _reports({"response_id": named.response}, scores)
    if named.record is not None:
        found += _reports({"session_id": named.record}, scores)
    if named.session is not None:
        found += _reports({"session_id": named.session}, session_scores(span))
    return found


def log_reports(record: LogRecord) -> list[ReportFields]:
    """What an evaluation without a trace id says of other traces: the nearest that it names."""
    scores = log_scores(record)
    if not scores:
        return []
    named = _ids(record.attributes)
    span_id = named.span or (record.span_id.hex() if len(record.span_id) == _SPAN_ID_BYTES else None)
    if span_id is not None and int(span_id, 16):
        return _reports({"span_id": span_id}, scores)
    if named.response is not None:
        return _reports({"response_id": named.response}, scores)
    session = named.record or named.session
    return [] if session is None else _reports({"session_id": session}, scores)


class _Ids(NamedTuple):
    response: str | None = None
    session: str | None = None
    record: str | None = None
    """What TruLens scored."""
    span: str | None = None
    """16 hexadecimal digits, not all zero."""


def _ids(attributes: Iterable[KeyValue]) -> _Ids:
    """Those that come first."""
    found: dict[str, str] = {}
    for attribute in attributes:
        text = attribute.value.string_value
        if not 0 < len(text) <= MAX_ID_CHARS:
            continue
        if attribute.key == _TARGET_RECORD:
            found.setdefault("record", text)
        if attribute.key == _TARGET_SPAN and is_span_id(text):
            found.setdefault("span", text.lower())
        make = link_maker(attribute.key)
        if make is response_link:
            found.setdefault("response", text)
        elif make is session_link:
            found.setdefault("session", text)
    return _Ids(**found)


def _reports(target: Mapping[str, str], scores: Iterable[Score]) -> list[ReportFields]:
    return [
        {
            **target,
            "name": score.name if score.name.strip() else "evaluation",
            "value": score.value,
            "label": score.label,
            "higher_is_better": score.higher_is_better,
        }
        for score in scores
    ]
