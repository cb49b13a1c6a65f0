from __future__ import annotations

from typing import Literal

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.processor import Processor, Report, Stamp
from processors.sampling.stamp import DRY_RUN_KEY, LATE_KEY, POLICY_KEY, SamplingStamp
from tests.processors.sampling.build import OTHER_TRACE_ID, TRACE_ID, log, logs, request, span

STAMPER: Processor = SamplingStamp()


def stamped(of: Span, stamp: Stamp) -> Span:
    whole = request(of)
    STAMPER.traces(whole, {TRACE_ID: stamp}, Report())
    return whole.resource_spans[0].scope_spans[0].spans[0]


def attributes(of: Span) -> list[tuple[str, object]]:
    return [(each.key, getattr(each.value, each.value.WhichOneof("value") or "")) for each in of.attributes]


def test_policy_and_tracestate() -> None:
    """Every span of a kept trace says which policy kept it, and what it stands for."""
    span_out = stamped(span(attrs={"k": "v"}), Stamp("routine", 0xE6666666666666, 0xF0000000000000))
    assert attributes(span_out) == [("k", "v"), (POLICY_KEY, "routine")]
    assert span_out.trace_state == "ot=th:e6666666666666;rv:f0000000000000"


def test_late() -> None:
    """Only traces that were dropped at first are marked late."""
    assert attributes(stamped(span(), Stamp("errors", 0, late=True))) == [(POLICY_KEY, "errors"), (LATE_KEY, True)]


def test_earlier_stamps_are_replaced() -> None:
    """One value a key: another sidecar's, or a forged one, does not stay beside ours, doubled keys included."""
    came = span(attrs={POLICY_KEY: "x", "k": "v", LATE_KEY: True})
    came.attributes.add(key=POLICY_KEY).value.int_value = 7
    assert attributes(stamped(came, Stamp("errors"))) == [("k", "v"), (POLICY_KEY, "errors")]


def test_tracestate_is_composed() -> None:
    """A threshold that came in is never lowered, and others' entries stay."""
    assert stamped(span(trace_state="a=1,ot=rv:ffffffffffffff;th:8"), Stamp("errors")).trace_state == (
        "ot=th:8;rv:ffffffffffffff,a=1"
    )


def test_unknown_probability() -> None:
    """Without a threshold, a `th` that came in would be a lie, too."""
    assert stamped(span(trace_state="ot=th:0"), Stamp("a", None)).trace_state == ""


def test_other_traces_are_left_alone() -> None:
    """A span without a stamp stays as it is."""
    whole = request(span(OTHER_TRACE_ID, attrs={POLICY_KEY: "x"}))
    before = whole.SerializeToString()
    STAMPER.traces(whole, {TRACE_ID: Stamp("errors")}, Report())
    assert whole.SerializeToString() == before


def test_logs_and_metrics_pass() -> None:
    """The stamp is for spans."""
    records = logs(log(k="v"))
    before = records.SerializeToString()
    STAMPER.logs(records, {TRACE_ID: Stamp("errors")}, Report())
    STAMPER.metrics(ExportMetricsServiceRequest(), Report())
    assert records.SerializeToString() == before


@pytest.mark.parametrize("would", ["kept", "dropped"])
def test_in_a_dry_run_spans_say_what_would_have_happened(would: Literal["kept", "dropped"]) -> None:
    """And their tracestate stays: nothing was sampled here."""
    came = span(trace_state="ot=th:8", attrs={DRY_RUN_KEY: "forged"})
    left = stamped(came, Stamp("routine", 0xE6666666666666, 5, would=would))
    assert attributes(left) == [(POLICY_KEY, "routine"), (DRY_RUN_KEY, would)]
    assert left.trace_state == "ot=th:8"
