from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from processors.genai.links import response_link, session_link, span_link
from processors.genai.score_carriers import log_reports, span_reports
from processors.genai.score_report import parse_reports, report_body
from processors.genai.scores import Score, span_scores
from tests.processors.genai.spans import put, span_of

TARGET, OTHER = b"x" * 16, b"y" * 16
NOTE: dict[str, Any] = {
    "openinference.span.kind": "EVALUATOR",
    "annotations.0.annotation.name": "tone",
    "annotations.0.annotation.score": 0.25,
}


def carried(attributes: dict[str, Any], *links: bytes) -> list[tuple[str, str | None, float | None]]:
    """(target, name, value) of each report, and that they can be read again."""
    span = span_of(attributes)
    for trace_id in links:
        span.links.add(trace_id=trace_id, span_id=b"s" * 8)
    reports = span_reports(span, span_scores(span))
    assert len(parse_reports(report_body(reports))) == len(reports)
    targets = ("trace_id", "response_id", "session_id", "span_id")
    return [(next(r[t] for t in targets if t in r), r["name"], r["value"]) for r in reports]


def test_a_carrier_span_with_links() -> None:
    """Its scores are of the traces that it links to, each once, and not of its own again."""
    own = span_of({}).trace_id
    assert carried(NOTE, TARGET, OTHER, TARGET, own, bytes(16), b"short") == [
        (TARGET.hex(), "tone", 0.25),
        (OTHER.hex(), "tone", 0.25),
    ]
    assert carried(NOTE) == []
    assert len(carried(NOTE, *(bytes([n]) * 16 for n in range(1, 100)))) == 32, "not of a batch's thousands"


def test_a_model_call_keeps_its_scores() -> None:
    """Links of a call are to what it came from."""
    call = NOTE | {"openinference.span.kind": "LLM", "llm.model_name": "m", "gen_ai.response.id": "r"}
    assert carried(call, TARGET) == []


def test_scores_of_a_session() -> None:
    """Only those that say so: every span of a session names it."""
    session = {
        "session.id": "s1",
        "session.annotations.0.annotation.name": "happy",
        "session.annotations.0.annotation.score": 1,
    }
    assert carried(NOTE | {"session.id": "s1"}) == []
    assert carried(NOTE | session) == [("s1", "happy", 1.0)]


def test_scores_of_a_response_and_of_a_record() -> None:
    """An evaluator's own span names what it judged; a link says so better."""
    judged = NOTE | {"gen_ai.response.id": "resp-1"}
    assert carried(judged) == [("resp-1", "tone", 0.25)]
    assert carried(judged, TARGET) == [(TARGET.hex(), "tone", 0.25)]
    trulens = {
        "ai.observability.eval.target_record_id": "rec",
        "ai.observability.eval.metric_name": "truth",
        "ai.observability.eval.score": 0.5,
    }
    assert carried(trulens) == [("rec", "truth", 0.5)]


def test_scores_of_a_span() -> None:
    """An evaluator that names the span it judged, elsewhere."""
    judged = NOTE | {"gen_ai.evaluation.target_span_id": "00F067AA0BA902B7"}
    assert carried(judged) == [("00f067aa0ba902b7", "tone", 0.25)]
    assert carried(NOTE | {"gen_ai.evaluation.target_span_id": "a span"}) == []
    itself = span_of(judged)
    itself.span_id = bytes.fromhex("00f067aa0ba902b7")
    assert span_reports(itself, span_scores(itself)) == []


SPAN = "00f067aa0ba902b7"
LOGS: dict[str, tuple[dict[str, Any], list[tuple[int, str]]]] = {
    "response": ({"gen_ai.response.id": "r"}, [(response_link("r"), "q")]),
    "session": ({"session.id": "s"}, [(session_link("s"), "q")]),
    "the response is nearer": ({"gen_ai.response.id": "r", "session.id": "s"}, [(response_link("r"), "q")]),
    "the span is nearest": (
        {"gen_ai.evaluation.target_span_id": SPAN, "gen_ai.response.id": "r"},
        [(span_link(bytes.fromhex(SPAN)), "q")],
    ),
    "nobody's": ({}, []),
    "an id beyond measure": ({"session.id": "s" * 600}, []),
}


@pytest.mark.parametrize(("attributes", "expected"), LOGS.values(), ids=LOGS.keys())
def test_logs_without_a_trace(attributes: dict[str, Any], expected: list[tuple[int, str]]) -> None:
    """Name what they judged."""
    record = LogRecord(event_name="gen_ai.evaluation.result")
    put(record.attributes, {"gen_ai.evaluation.name": "q", "gen_ai.evaluation.score.value": 0.5, **attributes})
    reports = parse_reports(report_body(log_reports(record)))
    assert [(report.link, report.score.name) for report in reports] == expected
    assert log_reports(LogRecord(event_name="other")) == []
    record.span_id = b"spanspan"
    assert {report.link for report in parse_reports(report_body(log_reports(record)))} == (
        {span_link(b"spanspan")} if "gen_ai.evaluation.target_span_id" not in attributes else {expected[0][0]}
    )


def test_the_direction_travels_along() -> None:
    """What TruLens says of its own metric is known where the score is used."""
    span = span_of(
        {
            "ai.observability.eval.target_record_id": "rec",
            "ai.observability.eval_root.score": 0.5,
            "ai.observability.eval_root.higher_is_better": False,
        }
    )
    (report,) = parse_reports(report_body(span_reports(span, span_scores(span))))
    assert report.score == Score("evaluation", 0.5, None, higher_is_better=False)


def test_nothing_carries_nothing() -> None:
    """An empty body is a list."""
    assert parse_reports(report_body([])) == []
