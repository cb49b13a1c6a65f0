"""Saving what can be saved of a request that does not parse."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.otlp.repair import repair
from processors.otlp.signal import Request, Signal
from tests.support.otlp import TRACE_ID, attribute, field, good, nested_value, request_of, span
from tests.support.otlp_strategies import any_request


def _spans(raw: bytes) -> list[Any]:
    request: Any = Signal.TRACES.request_class.FromString(raw)
    return [one for group in request.resource_spans for scope in group.scope_spans for one in scope.spans]


@given(any_request())
@settings(deadline=None)
def test_a_sound_request_stays_as_it_is(given_request: tuple[Signal, Request]) -> None:
    """Nothing is rejected and no item changes; only envelopes without items may go."""
    signal, request = given_request
    repaired = repair(signal, request.SerializeToString())
    assert repaired.rejected_items == 0
    again: Any = signal.request_class.FromString(repaired.raw)
    groups = again.DESCRIPTOR.fields[0].name
    expected: Any = signal.request_class()
    for group in getattr(request, groups):
        scopes = group.DESCRIPTOR.fields[1].name
        kept = [scope for scope in getattr(group, scopes) if getattr(scope, scope.DESCRIPTOR.fields[1].name)]
        if kept:
            added = getattr(expected, groups).add()
            added.CopyFrom(group)
            added.ClearField(scopes)
            getattr(added, scopes).extend(kept)
            added.resource.SetInParent()
            for scope in getattr(added, scopes):
                scope.scope.SetInParent()
    for group in getattr(again, groups):
        group.resource.SetInParent()
        for scope in getattr(group, group.DESCRIPTOR.fields[1].name):
            scope.scope.SetInParent()
    assert again.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"cut \xe2\x82"])
def test_invalid_utf8_becomes_the_replacement_character(bad: bytes) -> None:
    """Invalid, overlong, surrogate, out of range and cut sequences, as Python's decoder replaces them."""
    repaired = repair(Signal.TRACES, request_of(span(b"a" + bad + b"b"), span(b"good")))
    assert repaired.rejected_items == 0
    assert [one.name for one in _spans(repaired.raw)] == ["a" + bad.decode("utf-8", "replace") + "b", "good"]


def test_valid_but_odd_text_is_left_alone() -> None:
    """NUL and direction marks are text."""
    odd = "a\0b\u202ec\u2066"
    repaired = repair(Signal.TRACES, request_of(span(odd.encode()), span(b"\xff")))
    assert _spans(repaired.raw)[0].name == odd


@pytest.mark.parametrize(
    "place",
    [
        "resource attribute",
        "group schema url",
        "scope name",
        "scope schema url",
        "attribute key",
        "nested value",
        "event",
        "entity key",
    ],
)
def test_a_bad_string_is_repaired_wherever_it_stands(place: str) -> None:
    """In every layer and at any depth."""
    bad = b"x\xffy"
    text = field(1, bad)
    attributes = {
        "attribute key": attribute(text, bad),
        "nested value": attribute(field(5, field(1, field(6, field(1, attribute(text)))))),
    }
    item = span(b"s", *([attributes[place]] if place in attributes else []))
    if place == "event":
        item += field(11, field(2, bad))
    resource = b""
    if place == "resource attribute":
        resource = field(1, attribute(text))
    elif place == "entity key":
        resource = field(3, field(2, b"t") + field(3, b"ok") + field(3, bad))
    scope = field(1, field(1, bad) if place == "scope name" else field(1, b"lib")) + field(2, item)
    scope += field(3, bad) if place == "scope schema url" else b""
    group = field(1, resource) + field(2, scope) + (field(3, bad) if place == "group schema url" else b"")
    raw = field(1, group)
    with pytest.raises(DecodeError):
        Signal.TRACES.request_class.FromString(raw)
    repaired = repair(Signal.TRACES, raw)
    assert repaired.rejected_items == 0
    assert "x\ufffdy".encode() in repaired.raw
    assert len(_spans(repaired.raw)) == 1


@pytest.mark.parametrize("signal", list(Signal))
def test_every_signal_is_repaired(signal: Signal) -> None:
    """Names of items are strings in all three; the neighbours are not touched."""
    number = {Signal.TRACES: 5, Signal.LOGS: 12, Signal.METRICS: 1}[signal]
    repaired = repair(signal, good(signal, 2) + request_of(field(number, b"\xff"), b"\x0a\xff"))
    assert repaired.rejected_items == 1
    assert good(signal, 2) in repaired.raw
    signal.request_class.FromString(repaired.raw)


@pytest.mark.parametrize("levels", [48, 60, 1000, 10_000])
def test_a_value_nested_too_deeply_costs_its_span(levels: int) -> None:
    """The neighbours stay; nothing recurses."""
    raw = request_of(span(b"a"), span(b"deep", attribute(nested_value(levels))), span(b"b"))
    repaired = repair(Signal.TRACES, raw)
    assert repaired.rejected_items == 1
    assert [one.name for one in _spans(repaired.raw)] == ["a", "b"]


@pytest.mark.parametrize("levels", range(44, 50))
def test_depth_counts_from_the_request(levels: int) -> None:
    """A span that would parse alone, but not in its place, is rejected rather than left to break the request."""
    raw = request_of(span(b"a", attribute(nested_value(levels))), span(b"\xff"))
    repaired = repair(Signal.TRACES, raw)
    assert len(_spans(repaired.raw)) == 2 - repaired.rejected_items
    assert repaired.rejected_items == (levels > 47)


@pytest.mark.parametrize("broken", [b"\xff", b"\x0a\x10abc", b"\x39\x01", b"\x4a\x02\x0a\x09", b"\x07"])
def test_a_broken_span_costs_that_span(broken: bytes) -> None:
    """Cut lengths, cut numbers, wire types that do not exist."""
    repaired = repair(Signal.TRACES, request_of(span(b"a"), broken, span(b"b")))
    assert repaired.rejected_items == 1
    assert [one.name for one in _spans(repaired.raw)] == ["a", "b"]


@pytest.mark.parametrize("layer", ["resource", "scope"])
def test_an_unreadable_resource_or_scope_costs_what_came_under_it(layer: str) -> None:
    """Spans must not change their origin; those of other resources stay."""
    part = b"\x0a\xff"
    group = field(1, part) if layer == "resource" else b""
    group += field(2, (field(1, part) if layer == "scope" else b"") + field(2, span(b"lost")) * 2)
    repaired = repair(Signal.TRACES, request_of(span(b"a")) + field(1, group))
    assert repaired.rejected_items == 2
    assert [one.name for one in _spans(repaired.raw)] == ["a"]


def test_good_neighbours_keep_their_bytes() -> None:
    """Unknown fields and odd field orders included."""
    odd = field(99, b"from the future") + field(5, b"n") + field(1, TRACE_ID)
    assert odd in repair(Signal.TRACES, request_of(odd, span(b"\xff"))).raw


@pytest.mark.parametrize("raw", [b"\x0a", b"\xff", b"{}", good(Signal.TRACES)[:-1], b"\x0a\x03\x12\x05a"])
def test_no_request_at_all_raises(raw: bytes) -> None:
    """There is nothing to save if the outer layers are broken."""
    with pytest.raises(DecodeError):
        repair(Signal.TRACES, raw)


@given(st.lists(st.binary(max_size=40), max_size=4), st.binary(max_size=12))
def test_whatever_comes_out_parses(items: list[bytes], noise: bytes) -> None:
    """Or it is refused whole; never anything in between."""
    for raw in (request_of(*items), noise, request_of(*items) + noise):
        try:
            repaired = repair(Signal.TRACES, raw)
        except DecodeError:
            continue
        assert len(_spans(repaired.raw)) + repaired.rejected_items >= (len(items) if raw != noise else 0)
