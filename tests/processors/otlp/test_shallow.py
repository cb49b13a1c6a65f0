"""Reading requests only as deep as their items: counts, choices and pieces agree with a full parse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from processors.otlp import shallow
from processors.otlp.signal import Request, Signal
from tests.support.otlp import SPAN_ID, TRACE_ID, attribute, field, good, request_of, span
from tests.support.otlp_strategies import any_request


def _items(signal: Signal, raw: bytes) -> list[tuple[bytes, ...]]:
    """(resource, group schema, scope, scope schema, item) of each item, by a full parse."""
    request: Any = signal.request_class.FromString(raw)
    return [
        (
            group.resource.SerializeToString(deterministic=True),
            group.schema_url.encode(),
            scope.scope.SerializeToString(deterministic=True),
            scope.schema_url.encode(),
            item.SerializeToString(deterministic=True),
        )
        for group in getattr(request, request.DESCRIPTOR.fields[0].name)
        for scope in getattr(group, group.DESCRIPTOR.fields[1].name)
        for item in getattr(scope, scope.DESCRIPTOR.fields[1].name)
    ]


@given(any_request())
@settings(deadline=None)
def test_counts_agree_with_a_full_parse(given_request: tuple[Signal, Request]) -> None:
    """For all three signals: they share their outer field numbers."""
    signal, request = given_request
    raw = request.SerializeToString()
    assert shallow.count_items(raw) == len(_items(signal, raw))


@pytest.mark.parametrize("number", [9, 11, 13])
def test_what_a_large_span_holds_counts_too(number: int) -> None:
    """Attributes, events and links: a million empty ones fit into one span of two megabytes."""
    assert shallow.count_items(request_of(field(number, b"") * 100_000)) == 100_001
    assert shallow.count_items(request_of(field(number, b"") * 10)) == 1


@given(any_request(), st.data())
@settings(deadline=None)
def test_filtering_keeps_exactly_what_was_chosen(given_request: tuple[Signal, Request], data: st.DataObject) -> None:
    """In order, under its own resource and scope; a choice is asked for once an item."""
    signal, request = given_request
    raw = request.SerializeToString()
    before = _items(signal, raw)
    choices = data.draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    waiting = iter(choices)
    filtered, kept = shallow.filter_items(raw, lambda _: next(waiting))
    assert next(waiting, None) is None
    assert _items(signal, filtered) == [item for item, chosen in zip(before, choices, strict=True) if chosen]
    assert kept == sum(choices)


def test_emptied_envelopes_are_left_out() -> None:
    """Nothing chosen, nothing sent."""
    assert shallow.filter_items(good(Signal.TRACES, 3), lambda _: False) == (b"", 0)


def test_items_are_copied_byte_for_byte() -> None:
    """Unknown fields and odd field orders survive, which a parse and re-encode would not grant."""
    odd = field(99, b"from the future") + field(5, b"name") + field(1, TRACE_ID)
    filtered, kept = shallow.filter_items(request_of(odd, span()), lambda item: item == odd)
    assert kept == 1
    assert odd in filtered


@pytest.mark.parametrize("raw", [b"\x0a", b"\x0a\xff", b"\xff", good(Signal.TRACES)[:-1]])
@pytest.mark.parametrize(
    "use", [shallow.count_items, lambda raw: shallow.filter_items(raw, bool), lambda raw: shallow.split(raw, 0)]
)
def test_broken_outer_layers_raise_decode_error(use: Callable[[bytes], object], raw: bytes) -> None:
    """A cut or mistyped request is told from an odd item."""
    with pytest.raises(DecodeError):
        use(raw)


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (span(), TRACE_ID),
        (field(2, SPAN_ID) + field(1, TRACE_ID), TRACE_ID),
        (field(1, b"short"), b"short"),
        (field(2, SPAN_ID), b""),
        (b"", b""),
    ],
)
def test_the_trace_id_is_found_wherever_it_stands(encoded: bytes, expected: bytes) -> None:
    """First in every known encoder; elsewhere the parser finds it."""
    assert shallow.trace_id_of(encoded) == expected


def test_traces_are_selected_by_id() -> None:
    """Only the spans of the wanted traces stay."""
    other = field(1, bytes(16)) + field(5, b"other")
    selected, count = shallow.select_traces(request_of(other, span(b"wanted"), other), {TRACE_ID})
    assert count == 1
    assert b"wanted" in selected
    assert b"other" not in selected


@given(any_request(), st.integers(1, 400))
@settings(deadline=None)
def test_pieces_hold_everything_once_and_stay_small(given_request: tuple[Signal, Request], max_bytes: int) -> None:
    """All items, in order, under their own resource and scope; only a lone item may be above the limit."""
    signal, request = given_request
    raw = request.SerializeToString()
    pieces = list(shallow.split(raw, max_bytes))
    assert [item for piece, _ in pieces for item in _items(signal, piece)] == _items(signal, raw)
    for piece, count in pieces:
        assert count == len(_items(signal, piece))
        assert len(piece) <= max_bytes or count <= 1


def test_a_small_request_is_one_piece_as_it_is() -> None:
    """No copy where none is needed."""
    raw = request_of(span(b"a", attribute(b"\x18\x01")), span(b"b"))
    assert list(shallow.split(raw, len(raw))) == [(raw, 2)]


def test_log_records_are_selected_by_trace_and_those_of_none_together() -> None:
    """Whatever is no valid trace id counts as none; what is picked out is byte for byte what came."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for body, trace_id in (("a", b"1" * 16), ("b", b"2" * 16), ("c", b""), ("d", b"short"), ("e", bytes(16))):
        records.add(trace_id=trace_id, flags=1, span_id=b"s" * 8).body.string_value = body
    raw = request.SerializeToString()
    for wanted, bodies in (({b"1" * 16}, "a"), ({shallow.NO_TRACE}, "cde"), ({b"2" * 16, shallow.NO_TRACE}, "bcde")):
        part, count = shallow.select_logs(raw, wanted)
        found = ExportLogsServiceRequest.FromString(part).resource_logs[0].scope_logs[0].log_records
        assert "".join(record.body.string_value for record in found) == bodies
        assert count == len(bodies)
