from __future__ import annotations

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.sampling.ottl.paths import Context
from tests.processors.sampling.ottl.build import a_span, holds


@pytest.mark.parametrize(
    "text",
    [
        'span.name == "chat gpt-4o"',
        'kind == 3 and kind.string == "Client" and kind.deprecated_string == "SPAN_KIND_CLIENT"',
        'status.code == 2 and status.message == "boom"',
        "start_time_unix_nano == 100000000000 and end_time_unix_nano == 102000000000",
        'end_time - start_time == Duration("2s")',
        'trace_id.string == "000102030405060708090a0b0c0d0e0f" and span_id.string == "0001020304050607"',
        "trace_id == TraceID(0x000102030405060708090a0b0c0d0e0f)",
        'parent_span_id == SpanID(0x0000000000000000) and parent_span_id.string == "0000000000000000"',
        'trace_state == "a=1, b=2" and trace_state["b"] == "2" and trace_state["c"] == ""',
        "flags == 257",
        "dropped_attributes_count == 1 and dropped_events_count == 2 and dropped_links_count == 3",
        "Len(events) == 2 and Len(links) == 1 and Len(attributes) == 11 and IsMap(attributes)",
        'attributes["model"] == "gpt-4o"',
        'attributes["map"]["list"][1] == 2 and attributes["map"]["none"] == nil and attributes["missing"]["x"] == nil',
        'resource.attributes["service.name"] == "shop" and resource.attributes["x"] == nil',
        'resource.dropped_attributes_count == 5 and resource.schema_url == "https://r" and Len(resource.attributes) == 2',
        'scope.name == "openinference" and instrumentation_scope.version == "1.2" and scope.schema_url == "https://s"',
        'scope.attributes["short"] == instrumentation_scope.attributes["short"] and Len(scope.attributes) == 1',
        "scope.dropped_attributes_count == 4",
    ],
)
def test_of_spans(text: str) -> None:
    """Every path of a condition on spans, with the name and the value it has in the Collector."""
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        'name == "exception" and spanevent.name == "exception"',
        'attributes["exception.type"] == "Timeout" and spanevent.attributes["x"] == nil and Len(attributes) == 1',
        'time_unix_nano == 101000000000 and time - span.start_time == Duration("1s")',
        "dropped_attributes_count == 6",
        'span.name == "chat gpt-4o" and span.attributes["tokens"] == 7',
        'resource.attributes["host"] == "a" and scope.name == "openinference"',
    ],
)
def test_of_events(text: str) -> None:
    """A condition on events sees the event, its span, and where the span came from."""
    context: Context = "spanevent"
    assert holds(text, context)


def test_kinds_yet_unknown() -> None:
    """A kind of a later protocol is a number without a name."""
    span = a_span()
    span.kind = 9  # type: ignore[assignment]  # proto3 enums are open
    assert holds('kind == 9 and kind.string == "" and kind.deprecated_string == ""', span=span)


def test_times_beyond_63_bits_wrap_around() -> None:
    """As in the Collector, a time is a signed number of 64 bits, whatever a client sends."""
    span = a_span()
    span.start_time_unix_nano = 2**64 - 1
    assert holds("start_time_unix_nano == -1", span=span)


def test_a_parent_makes_no_root() -> None:
    """A span is a root if it has no parent, or one of zeros only."""
    assert holds("not IsRootSpan()", span=_with_parent(b"\x01" * 8))
    assert holds("IsRootSpan()", span=_with_parent(bytes(8)))


def _with_parent(parent: bytes) -> Span:
    span = a_span()
    span.parent_span_id = parent
    return span
