from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.scores import Score, is_score_key, log_scores, make_score, span_scores
from tests.processors.genai.spans import any_value, put, span_of


def log_score(record: LogRecord) -> Score | None:
    scores = log_scores(record)
    assert len(scores) <= 1
    return scores[0] if scores else None


EVENT = "gen_ai.evaluation.result"

SPANS: dict[str, tuple[dict[str, Any], list[Score]]] = {
    "semantic conventions": (
        {
            "gen_ai.evaluation.name": "relevance",
            "gen_ai.evaluation.score.value": 0.25,
            "gen_ai.evaluation.score.label": "poor",
            "gen_ai.evaluation.explanation": "it rambles",
        },
        [Score("relevance", 0.25, "poor")],
    ),
    "no name": ({"gen_ai.evaluation.score.value": 0.25}, [Score("evaluation", 0.25, None)]),
    "older": ({"gen_ai.evaluation.score": 3}, [Score("evaluation", 3.0, None)]),
    "label only": ({"gen_ai.evaluation.score.label": "so-so"}, [Score("evaluation", None, "so-so")]),
    "pass": ({"gen_ai.evaluation.score.label": "Passed"}, [Score("evaluation", 1.0, "Passed")]),
    "fail": ({"gen_ai.evaluation.score.label": "FAIL"}, [Score("evaluation", 0.0, "FAIL")]),
    "a value outweighs its label": (
        {"gen_ai.evaluation.score.label": "fail", "gen_ai.evaluation.score.value": 0.9},
        [Score("evaluation", 0.9, "fail")],
    ),
    "named": ({"gen_ai.evaluation.tone.score": 0.5}, [Score("tone", 0.5, None)]),
    "named, value and label": (
        {"gen_ai.evaluation.tone.score.value": 0.5, "gen_ai.evaluation.tone.score.label": "ok"},
        [Score("tone", 0.5, "ok")],
    ),
    "Arize": ({"eval.hallucination.score": 1, "eval.hallucination.label": "yes"}, [Score("hallucination", 1.0, "yes")]),
    "detector": ({"evaluation.prompt_injection.score": 0.1}, [Score("prompt_injection", 0.1, None)]),
    "bare": ({"score": 0.1, "eval.score": 0.2}, [Score("score", 0.1, None), Score("eval.score", 0.2, None)]),
    "quality": ({"quality.score": 0.1}, [Score("quality.score", 0.1, None)]),
    "quality, prefixed": ({"gen_ai.quality.score": 0.1}, [Score("gen_ai.quality.score", 0.1, None)]),
    "feedback": ({"user.feedback.score": -1}, [Score("user.feedback.score", -1.0, None)]),
    "OpenInference": (
        {
            "evaluations.0.evaluation.name": "truth",
            "evaluations.0.evaluation.score": 0.3,
            "evaluations.1.evaluation.score": 0.4,
            "evaluations.1.evaluation.label": "meh",
            "session.annotations.0.annotation.name": "thumbs",
            "session.annotations.0.annotation.label": "false",
        },
        [Score("truth", 0.3, None), Score("evaluation", 0.4, "meh"), Score("thumbs", 0.0, "false")],
    ),
    "bool": ({"score": True, "eval.score": False}, [Score("score", 1.0, None), Score("eval.score", 0.0, None)]),
    "numbers in strings": (
        {"score": " 0.5 ", "eval.score": "1"},
        [Score("score", 0.5, None), Score("eval.score", 1.0, None)],
    ),
    "verdicts in strings": ({"score": "true"}, [Score("score", 1.0, "true")]),
    "not a number": ({"score": float("nan"), "eval.score": "nan"}, []),
    "not finite": ({"score": float("inf")}, []),
    "text": ({"score": "rather good"}, []),
    "lists": ({"score": [0.1]}, []),
    "relevance of documents": (
        {
            "document.score": 0.1,
            "retrieval.documents.0.document.score": 0.1,
            "reranker.output_documents.0.document.score": 0.1,
            "eval.retrieval.documents.0.document.score": 0.1,
        },
        [],
    ),
    "Arize, annotated": ({"annotation.tone.score": 0.5}, [Score("tone", 0.5, None)]),
    "the worst of several": ({"evaluation.toxicity.prompt.max_score": 0.9}, [Score("toxicity.prompt", 0.9, None)]),
    "Langtrace": ({"user.feedback.rating": -1}, [Score("user.feedback.rating", -1.0, None)]),
    "Patronus": ({"eval.score": 0.2, "eval.pass": False}, [Score("eval.score", 0.2, "fail")]),
    "Splunk": (
        {"gen_ai.evaluation.name": "tone", "gen_ai.evaluation.passed": True},
        [Score("tone", 1.0, "pass")],
    ),
    "Braintrust": (
        {"braintrust.scores": '{"tone": 0.5, "truth": null, "n": "x"}', "braintrust.scores.wit": 0.25},
        [Score("tone", 0.5, None), Score("wit", 0.25, None)],
    ),
    "pydantic-evals, offline": (
        {
            "scores": '{"tone": {"name": "tone", "value": 0.5, "reason": "…", "source": {"name": "LLMJudge"}}}',
            "assertions": {"polite": {"value": False, "source": {}}, "short": {"value": True, "source": {}}},
            "labels": {"mood": {"value": "calm", "source": {}}},
        },
        [
            Score("tone", 0.5, None),
            Score("polite", 0.0, "fail"),
            Score("short", 1.0, "pass"),
            Score("mood", None, "calm"),
        ],
    ),
    "the same words of others": ({"scores": '{"tone": {"value": 1}}', "labels": ["a"], "assertions": "x"}, []),
    "TruLens": (
        {
            "ai.observability.eval_root.metric_name": "distance",
            "ai.observability.eval_root.score": 0.5,
            "ai.observability.eval_root.higher_is_better": False,
        },
        [Score("distance", 0.5, None, higher_is_better=False)],
    ),
    "guardrails": (
        {
            "gen_ai.guardrail.name": "pii",
            "gen_ai.guardrail.status": "FAILED",
            "gen_ai.guardrail.triggered": False,
            "litellm.guardrail.status": "guardrail_intervened",
            "crewai.guardrail.success": True,
            "rail.stop": True,
        },
        [
            Score("guardrail.pii", 0.0, "fail"),
            Score("guardrail.pii", 1.0, "pass"),
            Score("guardrail", 0.0, "fail"),
            Score("guardrail", 1.0, "pass"),
        ],
    ),
    "guardrails that said nothing": ({"litellm.guardrail.status": "not_run"}, []),
    "others": (
        {"scores": 0.1, "scoreboard.score": 0.2, "http.score": 0.1, "my.label": "pass", "gen_ai.prompt": "score"},
        [],
    ),
}


@pytest.mark.parametrize(("attributes", "expected"), SPANS.values(), ids=SPANS.keys())
def test_scores_in_attributes(attributes: dict[str, Any], expected: list[Score]) -> None:
    """One score for each evaluation, from all the attributes that belong to it."""
    assert span_scores(span_of(attributes)) == expected
    assert any(is_score_key(key) for key in attributes) or not expected


EVENTS: dict[str, tuple[str, dict[str, Any], list[Score]]] = {
    "LangWatch": (
        "langwatch.evaluation.custom",
        {"json_encoded_event": '{"name": "tone", "passed": false, "score": 0.2, "details": "rude"}'},
        [Score("tone", 0.2, "fail")],
    ),
    "LangWatch, broken": ("langwatch.evaluation.custom", {"json_encoded_event": '{"name'}, []),
    "OpenLIT's guard": (
        "guard.evaluation",
        {"guard.name": "topic", "guard.action": "deny", "guard.score": 0.9},
        [Score("guardrail.topic", 0.0, "fail")],
    ),
    "Azure": ("gen_ai.evaluation.relevance", {"gen_ai.evaluation.score": 4}, [Score("evaluation", 4.0, None)]),
    "Splunk, older": (
        "gen_ai.evaluation",
        {"gen_ai.evaluation.name": "bias", "gen_ai.evaluation.score.value": 0.3},
        [Score("bias", 0.3, None)],
    ),
    "the evaluator failed": (EVENT, {"gen_ai.evaluation.score.value": 0.0, "error.type": "Timeout"}, []),
    "another event": ("exception", {"gen_ai.evaluation.score.value": 0.0}, []),
}


@pytest.mark.parametrize(("name", "attributes", "expected"), EVENTS.values(), ids=EVENTS.keys())
def test_events_of_many_evaluators(name: str, attributes: dict[str, Any], expected: list[Score]) -> None:
    """As span events and as log records alike."""
    assert span_scores(span_of({}, (name, attributes))) == expected
    record = LogRecord(event_name=name)
    put(record.attributes, attributes)
    assert log_scores(record) == expected


def test_one_evaluation_in_two_places_is_one_score() -> None:
    """OpenLIT writes it as attributes and as an event."""
    same = {"gen_ai.evaluation.name": "tone", "gen_ai.evaluation.score.value": 0.5}
    assert span_scores(span_of(same, (EVENT, same), (EVENT, same))) == [Score("tone", 0.5, None)]


def test_scores_in_events() -> None:
    """Each evaluation event is one score; other events are none, whatever they hold."""
    span = span_of(
        {},
        (EVENT, {"gen_ai.evaluation.name": "a", "gen_ai.evaluation.score.value": 0.1}),
        (EVENT, {"gen_ai.evaluation.score.label": "pass", "gen_ai.evaluation.name": "b"}),
        (EVENT, {"gen_ai.evaluation.name": "c", "error.type": "timeout"}),
        ("note", {"gen_ai.evaluation.score.value": 0.1, "score": 0.2}),
    )
    assert span_scores(span) == [Score("a", 0.1, None), Score("b", 1.0, "pass")]


def test_a_span_without_anything_has_no_scores() -> None:
    """And costs nothing."""
    assert span_scores(Span()) == []


@pytest.mark.parametrize("in_attribute", [False, True])
def test_scores_in_log_records(in_attribute: bool) -> None:  # noqa: FBT001  # a table's column
    """The event's name is a field of the record, or an attribute with older SDKs."""
    record = LogRecord(event_name="" if in_attribute else EVENT)
    if in_attribute:
        put(record.attributes, {"event.name": EVENT})
    put(record.attributes, {"gen_ai.evaluation.name": "a", "gen_ai.evaluation.score.value": "0.5"})
    assert log_score(record) == Score("a", 0.5, None)


def test_other_log_records_have_no_score() -> None:
    """Attributes alone do not make an evaluation."""
    record = LogRecord(event_name="gen_ai.choice")
    put(record.attributes, {"gen_ai.evaluation.score.value": 0.5})
    assert log_score(record) is None
    assert log_score(LogRecord()) is None
    assert log_score(LogRecord(event_name=EVENT)) is None


def test_names_and_labels_are_short() -> None:
    """They are held in memory for every undecided trace."""
    span = span_of({f"eval.{'n' * 500}.score": 1, f"eval.{'n' * 500}.label": "l" * 500})
    assert span_scores(span) == [Score("n" * 128, 1.0, "l" * 128)]


values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.binary()


@given(st.dictionaries(st.sampled_from(sorted({key for keys, _ in SPANS.values() for key in keys})), values))
def test_no_value_breaks_the_reader(attributes: dict[str, Any]) -> None:
    """Whatever sits under a score key, the scores are finite or only labels."""
    for score in span_scores(span_of(attributes, (EVENT, attributes))):
        assert score.value is not None or score.label is not None
        assert score.value is None or abs(score.value) < float("inf")
    record = LogRecord(event_name=EVENT, body=any_value("text"))
    put(record.attributes, attributes)
    log_score(record)


@pytest.mark.parametrize(
    ("value", "label", "expected"),
    [
        (0.5, None, Score("n", 0.5, None)),
        (0.5, "fail", Score("n", 0.5, "fail")),
        (0.5, " ", Score("n", 0.5, None)),
        (None, " Passed ", Score("n", 1.0, "Passed")),
        (None, "meh", Score("n", None, "meh")),
        (None, "", None),
        (None, " ", None),
        (None, None, None),
    ],
)
def test_a_score_that_came_by_itself(value: float | None, label: str | None, expected: Score | None) -> None:
    """The rules are those of attributes; without a value and a label there is no score."""
    assert make_score("n", value, label) == expected


def test_its_texts_are_cut() -> None:
    """As those of attributes are."""
    assert make_score("n" * 129, None, "l" * 129) == Score("n" * 128, None, "l" * 128)
