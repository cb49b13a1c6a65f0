from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.pii.scrub import Pii
from processors.pii.section import PiiSection
from processors.processor import Report
from processors.values import Secret
from tests.processors.pii.fakes import ContentTable, NameDetector

EMAIL, CARD, PHONE, KEY = "jane@corp.internal", "4111 1111 1111 1111", "(415) 555-0100", "sk-proj-abcDEF1234567890"
PLANTED = f"{EMAIL}, {CARD}, {PHONE}, {KEY}"
PARTS = (b"jane", b"corp", b"4111", b"555-0100", b"415", b"abcDEF")
TRACE_ID = bytes(range(16))


def pii(**section: Any) -> Pii:
    return Pii(PiiSection.model_validate(section), NameDetector(), ContentTable(), Secret("0123456789abcdef" * 2))


def one_span() -> tuple[ExportTraceServiceRequest, Any]:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=TRACE_ID, span_id=b"12345678")
    return request, span


def attribute(span: Any, key: str, value: str) -> None:
    span.attributes.add(key=key).value.string_value = value


def values(span: Any) -> dict[str, Any]:
    return {kv.key: getattr(kv.value, kv.value.WhichOneof("value")) for kv in span.attributes}


def fill(value: AnyValue) -> None:
    """Plants in every form a value can have."""
    members = value.kvlist_value.values
    members.add(key="text").value.string_value = PLANTED
    members.add(key=f"key {EMAIL}").value.bool_value = True
    members.add(key="bytes").value.bytes_value = PLANTED.encode()
    members.add(key="binary").value.bytes_value = b"\xff\xfe" + PLANTED.encode()
    members.add(key="number").value.int_value = 4111111111111111
    members.add(key="double").value.double_value = 4111111111111111.0
    inner = members.add(key="array").value.array_value.values
    inner.add().string_value = json.dumps({"a": [PLANTED, {EMAIL: json.dumps([PLANTED])}]})
    inner.add().kvlist_value.values.add(key="x").value.string_value = PLANTED


def trace_request() -> ExportTraceServiceRequest:
    """Plants in every string of a trace request."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    fill(group.resource.attributes.add(key="app.resource").value)
    scope = group.scope_spans.add()
    scope.scope.name = f"scope {PLANTED}"
    scope.scope.version = PLANTED
    fill(scope.scope.attributes.add(key="app.scope").value)
    span = scope.spans.add(trace_id=TRACE_ID, span_id=b"12345678", name=f"chat {PLANTED}")
    attribute(span, "gen_ai.input.messages", json.dumps([{"role": "user", "content": f"I am Ada Lovelace, {PLANTED}"}]))
    attribute(span, "cut", json.dumps([{"role": "user", "content": PLANTED.replace("@", "\\u0040")}])[:-9])
    attribute(span, "plain", PLANTED)
    attribute(span, f"key.{EMAIL}", "x")
    fill(span.attributes.add(key="app.span").value)
    span.status.message = f"Ada Lovelace failed: {PLANTED}"
    event = span.events.add(name=f"event {PLANTED}")
    attribute(event, "exception.message", f"Ada Lovelace {PLANTED}")
    attribute(event, "exception.stacktrace", f"Ada Lovelace {PLANTED}")
    fill(event.attributes.add(key="app.event").value)
    fill(span.links.add(trace_id=TRACE_ID).attributes.add(key="app.link").value)
    return request


def log_request() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    fill(group.resource.attributes.add(key="app.resource").value)
    scope = group.scope_logs.add()
    fill(scope.scope.attributes.add(key="app.scope").value)
    plain = scope.log_records.add(severity_text=EMAIL, event_name=f"event {EMAIL}")
    plain.body.string_value = f"Ada Lovelace {PLANTED}"
    fill(plain.attributes.add(key="app.log").value)
    fill(scope.log_records.add().body)
    return request


def metric_request() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    fill(group.resource.attributes.add(key="app.resource").value)
    scope = group.scope_metrics.add()
    for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary"):
        metric = scope.metrics.add(name=f"m {EMAIL}", description=PLANTED, unit=EMAIL)
        fill(metric.metadata.add(key="app.meta").value)
        point = getattr(metric, kind).data_points.add()
        fill(point.attributes.add(key="app.point").value)
        if kind != "summary":
            fill(point.exemplars.add().filtered_attributes.add(key="app.exemplar").value)
    return request


def test_nothing_planted_is_in_the_output_bytes() -> None:
    """E-mail address, card, telephone number and key leave nowhere: not in any string of any of the three signals."""
    scrubber, report = pii(), Report()
    traces, logs, metrics = trace_request(), log_request(), metric_request()
    before = [request.SerializeToString() for request in (traces, logs, metrics)]
    assert all(part in raw for part in (b"jane", b"4111", b"abcDEF") for raw in before)
    scrubber.traces(traces, {}, report)
    scrubber.logs(logs, {}, report)
    scrubber.metrics(metrics, report)
    for request in (traces, logs, metrics):
        raw = request.SerializeToString()
        assert [part for part in (*PARTS, b"Lovelace") if part in raw] == []
    assert report.pii_findings["EMAIL_ADDRESS"] > 10
    assert not report.scrub_failures


def test_scrubbing_twice_changes_nothing() -> None:
    """What has been scrubbed passes a second scrubber byte for byte, counts on the span included."""
    entities = {"EMAIL_ADDRESS": "pseudonymize", "CREDIT_CARD": {"action": "mask", "keep_last": 4}}
    scrubber = pii(entities=entities, pseudonym_key_file="key")
    request = trace_request()
    scrubber.traces(request, {}, Report())
    once = request.SerializeToString()
    report = Report()
    scrubber.traces(request, {}, report)
    assert request.SerializeToString() == once
    assert not report.pii_findings


TEXTS = st.lists(
    st.sampled_from(
        [EMAIL, CARD, PHONE, KEY, "Ada Lovelace", "514-69-0360", "GB82WEST12345698765432", "<PERSON>", "[REDACTED]"]
    )
    | st.text(max_size=6),
    max_size=6,
).map(" ".join)


@given(TEXTS)
def test_scrubbed_text_holds_nothing_and_stays_as_it_is(text: str) -> None:
    """For any mixture of personal data and other text: nothing is left, and a second pass has nothing to do."""
    scrubber = pii(entities={"EMAIL_ADDRESS": "pseudonymize", "CREDIT_CARD": "mask"}, pseudonym_key_file="key")
    once = scrubber.text(text, Report())
    assert not any(value in once for value in (EMAIL, CARD, PHONE, KEY, "Lovelace", "514-69"))
    assert scrubber.text(once, Report()) == once


def test_findings_are_counted_on_their_span() -> None:
    """Each span bears how many findings of each type were acted on; the report has the sum."""
    request, span = one_span()
    span.name = f"chat {EMAIL}"
    attribute(span, "gen_ai.input.messages", f'["Ada Lovelace", "{EMAIL}"]')
    report = Report()
    pii().traces(request, {}, report)
    found = values(span)
    assert found["genai_sidecar.pii.person"] == 1
    assert found["genai_sidecar.pii.email_address"] == 2
    assert report.pii_findings == {"PERSON": 1, "EMAIL_ADDRESS": 2}


def test_each_text_is_read_once() -> None:
    """A history that repeats in every span, and in the next batch, is detected once."""
    detector = NameDetector()
    scrubber = Pii(PiiSection(), detector, ContentTable(), None)
    for _ in range(2):
        request, span = one_span()
        for key in ("gen_ai.input.messages", "gen_ai.output.messages"):
            attribute(span, key, '[{"content": "Ada Lovelace was here"}]')
        scrubber.traces(request, {}, Report())
        assert "Lovelace" not in str(values(span))
    assert detector.read.count("Ada Lovelace was here") == 1


def test_the_same_text_in_content_and_elsewhere() -> None:
    """One text looked at in two ways does not get in its own way."""
    request, span = one_span()
    attribute(span, "plain", "Nguyen")
    attribute(span, "gen_ai.input.messages", "Nguyen")
    attribute(span, "also_plain", "Nguyen")
    report = Report()
    pii().traces(request, {}, report)
    assert values(span)["gen_ai.input.messages"] == "<PERSON>"
    assert (values(span)["plain"], values(span)["also_plain"]) == ("Nguyen", "Nguyen")
    assert not report.scrub_failures


def test_attribute_globs() -> None:
    """`scrub` looks as closely as at content, `drop` removes, `keep` never touches, and `drop` wins over `keep`."""
    request, span = one_span()
    for key in ("app.user_note", "app.raw", "app.public_mail", "app.plain"):
        attribute(span, key, f"Ada Lovelace {EMAIL}")
    rules = {"scrub": ["app.user_*"], "drop": ["app.raw"], "keep": ["app.public_*", "app.raw"]}
    pii(attributes=rules).traces(request, {}, Report())
    found = values(span)
    assert "app.raw" not in found
    assert found["app.public_mail"] == f"Ada Lovelace {EMAIL}"
    assert found["app.user_note"] == "<PERSON> <EMAIL_ADDRESS>"
    assert found["app.plain"] == "Ada Lovelace <EMAIL_ADDRESS>"


def test_content_events() -> None:
    """The attributes of an event that carries content are content; single lower-case words in them stay unread."""
    request, span = one_span()
    event = span.events.add(name="gen_ai.user.message")
    attribute(event, "note", "from Ada Lovelace")
    attribute(event, "gen_ai.system", "openai")
    detector = NameDetector()
    Pii(PiiSection(), detector, ContentTable(), None).traces(request, {}, Report())
    assert values(event)["note"] == "from <PERSON>"
    assert "openai" not in detector.read


def test_a_text_that_breaks_the_detector_costs_itself_alone() -> None:
    """The attribute is removed, or the field emptied; its neighbours in the same batch are scrubbed as ever."""
    request, span = one_span()
    span.name = "venom 555"
    span.status.message = "poison"
    attribute(span, "gen_ai.input.messages", '["poison Ada Lovelace"]')
    attribute(span, "gen_ai.output.messages", '["Ada Lovelace"]')
    report = Report()
    pii().traces(request, {}, report)
    assert values(span) == {"gen_ai.output.messages": '["<PERSON>"]', "genai_sidecar.pii.person": 1}
    assert (span.name, span.status.message) == ("<removed>", "")
    assert report.scrub_failures == {"RuntimeError": 3}
    assert not report.rejected_traces


def test_reject_trace_names_the_traces() -> None:
    """With `reject_trace` a failure holds back its trace; one in the resource, all traces of that resource."""
    request, span = one_span()
    other = request.resource_spans.add()
    attribute(other.resource, "plain", "venom")
    other.scope_spans.add().spans.add(trace_id=b"b" * 16)
    request.resource_spans[1].scope_spans[0].spans.add(trace_id=b"c" * 16)
    attribute(span, "gen_ai.input.messages", "fine")
    report = Report()
    pii(on_failure="reject_trace").traces(request, {}, report)
    assert report.rejected_traces == {b"b" * 16, b"c" * 16}


def test_reject_trace_removes_log_records() -> None:
    """With `reject_trace` a log record that cannot be scrubbed is removed and counted, its neighbour stays."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    records.add().body.string_value = "poison"
    records.add().body.string_value = "Ada Lovelace"
    report = Report()
    pii(on_failure="reject_trace").logs(request, {}, report)
    assert [record.body.string_value for record in records] == ["<PERSON>"]
    assert report.rejected_items == {"scrub_failed": 1}


def test_a_body_that_cannot_be_scrubbed_is_removed() -> None:
    """By default the record stays, with a marker for its body."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.body.kvlist_value.values.add(key="a").value.string_value = "poison"
    pii().logs(request, {}, Report())
    assert record.body.string_value == "<removed>"


def test_unknown_fields_do_not_pass() -> None:
    """A field that this version of OTLP does not know cannot be scrubbed, so it goes."""
    request, _ = one_span()
    unknown = ExportTraceServiceRequest.FromString(request.SerializeToString() + b"\xfa\x3e\x12jane@corp.internal")
    assert b"jane" in unknown.SerializeToString()
    pii().traces(unknown, {}, Report())
    assert b"jane" not in unknown.SerializeToString()


def test_binary_content_is_marked() -> None:
    """Bytes that are no text do not pass under a content key; under any other they do."""
    request, span = one_span()
    span.attributes.add(key="gen_ai.input.messages").value.bytes_value = b"\xff\xd8 image"
    span.attributes.add(key="app.digest").value.bytes_value = b"\xff\xd8 image"
    pii().traces(request, {}, Report())
    assert values(span) == {"gen_ai.input.messages": b"<BLOB>", "app.digest": b"\xff\xd8 image"}


def test_the_report_and_the_memo_hold_no_content() -> None:
    """Whatever is kept or told is counts and fingerprints."""
    scrubber, report = pii(), Report()
    scrubber.traces(trace_request(), {}, report)
    told = repr(report) + repr(scrubber._memo._entries)
    assert not any(part.decode() in told for part in (*PARTS[:2], PARTS[-1]))


@pytest.mark.parametrize("key", ["user.full_name", "app.password", "http.request.header.authorization"])
def test_keys_that_say_what_they_hold(key: str) -> None:
    """Under such a key the value is acted on as a whole, on any span."""
    request, span = one_span()
    span.attributes.add(key=key).value.array_value.values.add().string_value = "Xyz Abc"
    pii().traces(request, {}, Report())
    assert b"Xyz" not in request.SerializeToString()


def test_a_backslash_that_is_no_escape_hides_nothing() -> None:
    r"""In `CORP\robert@x.com` the letter after the backslash belongs to the address, though `\r` could be an escape."""
    assert pii().text("CORP\\robert@example.com", Report()) == "CORP\\<EMAIL_ADDRESS>"
