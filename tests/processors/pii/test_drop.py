from __future__ import annotations

import pytest

from processors.pii.drop import ContentDropper
from processors.processor import Report
from tests.processors.pii.fakes import ContentTable
from tests.processors.pii.test_scrub import (
    PARTS,
    attribute,
    log_request,
    metric_request,
    one_span,
    trace_request,
    values,
)


@pytest.fixture
def dropper() -> ContentDropper:
    return ContentDropper(ContentTable())


def test_no_text_is_left_in_any_signal(dropper: ContentDropper) -> None:
    """Nothing that was planted anywhere comes out, and no attribute with a value of its own form."""
    report = Report()
    traces, logs, metrics = trace_request(), log_request(), metric_request()
    dropper.traces(traces, {}, report)
    dropper.logs(logs, {}, report)
    dropper.metrics(metrics, report)
    for request in (traces, logs, metrics):
        raw = request.SerializeToString()
        assert [part for part in (*PARTS, b"Lovelace", b"app.") if part in raw] == []
    assert report.scrub_failures == {"content_dropped": 1 + 2 + 5}


def test_what_names_programs_stays(dropper: ContentDropper) -> None:
    """Ids, status, models, finish reasons, numbers and booleans stay; the span is named by operation and model."""
    request, span = one_span()
    span.name = "Ada Lovelace asks"
    span.status.code = 2
    for key, value in (
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "gpt-4o-2024-08-06"),
        ("gen_ai.provider.name", "Ada Lovelace"),
        ("service.name", "jane@corp.internal"),
        ("note", "hello"),
        ("gen_ai.input.messages", "hello"),
    ):
        attribute(span, key, value)
    span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 12
    span.attributes.add(key="gen_ai.usage.cost").value.double_value = 0.5
    span.attributes.add(key="flag").value.bool_value = True
    span.attributes.add(key="card").value.int_value = 4111111111111111
    reasons = span.attributes.add(key="gen_ai.response.finish_reasons").value.array_value.values
    reasons.add().string_value = "stop"
    dropper.traces(request, {}, Report())
    found = values(span)
    assert found.pop("gen_ai.response.finish_reasons").values[0].string_value == "stop"
    assert found == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.cost": 0.5,
        "flag": True,
    }
    assert (span.name, span.status.code, span.span_id) == ("chat gpt-4o-2024-08-06", 2, b"12345678")


def test_a_span_without_a_model_loses_its_name(dropper: ContentDropper) -> None:
    """A name nobody can vouch for is replaced."""
    request, span = one_span()
    span.name = "GET"
    dropper.traces(request, {}, Report())
    assert span.name == "<removed>"


def test_unknown_fields_do_not_pass(dropper: ContentDropper) -> None:
    """A field that this version of OTLP does not know may hold anything."""
    request, _ = one_span()
    request.MergeFromString(b"\xfa\x3e\x12jane@corp.internal")
    dropper.traces(request, {}, Report())
    assert b"jane" not in request.SerializeToString()
