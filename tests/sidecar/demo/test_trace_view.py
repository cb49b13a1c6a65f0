from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from sidecar.demo.trace_view import TraceView, trace_views

TRACE_ID = bytes(range(16))


def messages(role: str, *texts: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text} for text in texts]}])


def span(request: ExportTraceServiceRequest, start: int, parent: bytes = b"12345678", **attributes: Any) -> Any:
    made = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=TRACE_ID, span_id=start.to_bytes(8, "big"), parent_span_id=parent, start_time_unix_nano=start
        )
    )
    for key, value in attributes.items():
        pair = made.attributes.add(key=key.replace("__", "."))
        match value:
            case bool():
                pair.value.bool_value = value
            case int():
                pair.value.int_value = value
            case float():
                pair.value.double_value = value
            case _:
                pair.value.string_value = value
    return made


def view(*requests: ExportTraceServiceRequest) -> TraceView:
    (only,) = trace_views(requests).values()
    return only


def test_it_joins_the_spans_of_a_trace_over_requests() -> None:
    """Spans in any order and in any request make one view, told by time."""
    first, second = ExportTraceServiceRequest(), ExportTraceServiceRequest()
    span(second, 1, parent=b"", app__chat__title="title")
    span(first, 4, gen_ai__input__messages=messages("user", "again?"), gen_ai__output__messages=messages("a", "last"))
    span(first, 2, gen_ai__input__messages=messages("user", "first?"), gen_ai__output__messages=messages("a", "one"))
    seen = view(first, second)
    assert (seen.title, seen.question, seen.answer, seen.spans) == ("title", "first?", "last", 3)
    assert (seen.trace_id, seen.root_span_id) == (TRACE_ID.hex(), "0000000000000001")


def test_it_adds_up_findings_and_costs() -> None:
    """Findings by entity type and costs are summed over the spans; the rest is read from whichever has it."""
    request = ExportTraceServiceRequest()
    span(request, 1, genai_sidecar__pii__person=2, gen_ai__usage__cost=0.5, genai_sidecar__cost__source="policy")
    span(request, 2, genai_sidecar__pii__person=1, genai_sidecar__pii__email_address=1, gen_ai__usage__cost=0.25)
    span(request, 3, genai_sidecar__sampling__policy="errors", genai_sidecar__prompt__hash="h")
    seen = view(request)
    assert seen.findings == {"PERSON": 3, "EMAIL_ADDRESS": 1}
    assert (seen.cost_usd, seen.cost_source) == (0.75, "policy")
    assert (seen.policy, seen.prompt_hash, seen.late) == ("errors", "h", False)


def test_a_trace_without_price_has_no_cost() -> None:
    """Unknown is not zero."""
    request = ExportTraceServiceRequest()
    span(request, 1)
    assert view(request).cost_usd is None


def test_the_first_failure_is_the_error() -> None:
    """Where several spans failed, the one that began first tells why."""
    request = ExportTraceServiceRequest()
    for start, text in ((2, "second"), (1, "first")):
        status = span(request, start).status
        status.code, status.message = Status.STATUS_CODE_ERROR, text
    assert view(request).error == "first"


def test_content_that_is_no_json_is_no_content() -> None:
    """A value that was replaced whole is shown as removed, and costs nothing else."""
    request = ExportTraceServiceRequest()
    span(request, 1, gen_ai__input__messages="<removed>", app__chat__title="title")
    assert (view(request).question, view(request).title) == ("", "title")


def test_a_late_trace_is_told_apart() -> None:
    """One span that says so is enough."""
    request = ExportTraceServiceRequest()
    span(request, 1)
    span(request, 2, genai_sidecar__sampling__late=True)
    assert view(request).late
