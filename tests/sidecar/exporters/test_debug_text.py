from __future__ import annotations

import json

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from processors.otlp.signal import Signal
from sidecar.batch import Batch
from sidecar.exporters.debug_text import render
from tests.sidecar.exporters.backends import batch_of
from tests.support.otlp import SPAN_ID, TRACE_ID


def trace(name: str) -> Batch:
    request = ExportTraceServiceRequest()
    span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=TRACE_ID, span_id=SPAN_ID, name=name, start_time_unix_nano=1_000_000, end_time_unix_nano=3_500_000
        )
    )
    span.status.code = Status.STATUS_CODE_ERROR
    span.attributes.add(key="gen_ai.request.model").value.string_value = "gpt-4o"
    span.attributes.add(key="n").value.int_value = 3
    span.attributes.add(key="b").value.bytes_value = b"abc"
    span.attributes.add(key="l").value.array_value.values.add().bool_value = True
    span.attributes.add(key="m").value.kvlist_value.values.add(key="x")
    span.attributes.add(key="nothing")
    return Batch(1, Signal.TRACES, request.SerializeToString(), 1)


@pytest.mark.parametrize(
    ("signal", "words"), [(Signal.TRACES, "3 spans"), (Signal.LOGS, "3 log records"), (Signal.METRICS, "3 metrics")]
)
def test_basic_is_a_count(signal: Signal, words: str) -> None:
    """Nothing is parsed for it."""
    assert render(batch_of(signal, 3), "basic") == words
    assert render(Batch(1, signal, b"\xff", 3), "basic") == words


def test_normal_is_a_line_an_item() -> None:
    """Ids, name, duration, status and short attributes."""
    head, line = render(trace("chat"), "normal").splitlines()
    assert head == "1 span"
    ids, _, rest = line.partition(" chat ")
    assert ids == f"  {TRACE_ID.hex()}/{SPAN_ID.hex()}"
    assert rest == (
        "2.500 ms ERROR gen_ai.request.model=gpt-4o n=3 b=<3 bytes> l=<list of 1> m=<mapping of 1> nothing="
    )
    assert render(batch_of(Signal.LOGS), "normal").splitlines()[1].endswith("0 text")
    assert render(batch_of(Signal.METRICS), "normal").splitlines()[1] == "  metric-0 sum, data points: 1"


def test_detailed_is_everything() -> None:
    """The request as OTLP JSON, indented."""
    head, _, rest = render(trace("chat"), "detailed").partition("\n")
    assert head == "1 span"
    assert json.loads(rest)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == "chat"


@given(st.text(max_size=300))
@pytest.mark.parametrize("verbosity", ["normal", "detailed"])
def test_a_terminal_is_not_steered(verbosity: str, name: str) -> None:
    """No escape sequence, line break or change of direction in telemetry reaches the terminal as such."""
    text = render(trace("\x1b[2J\u202e\r" + name), verbosity)  # type: ignore[arg-type]  # a parameter
    assert all(one.isprintable() for one in text.replace("\n", ""))
    if verbosity == "normal":
        assert len(text.splitlines()) == 2


def test_what_is_no_request_raises() -> None:
    """The exporter says so; there is nothing to show."""
    for verbosity in ("normal", "detailed"):
        with pytest.raises(DecodeError):
            render(Batch(1, Signal.TRACES, b"\xff", 1), verbosity)
