"""Limits before parsing, one parse, repair where it fails."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from google.protobuf.internal import api_implementation
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Request, Signal
from sidecar.intake import BadData, TooLarge
from sidecar.receivers.config import GuardConfig
from sidecar.receivers.guard import Guard
from tests.support.otlp import attribute, field, good, nested_value, request_of, span
from tests.support.otlp_strategies import any_request


@given(any_request())
@settings(deadline=None)
def test_good_requests_pass_untouched(given_request: tuple[Signal, Request]) -> None:
    """The bytes are handed on as they came; JSON becomes the same request."""
    signal, request = given_request
    raw = request.SerializeToString()
    admitted = Guard().admit(signal, raw)
    assert admitted.raw is raw
    assert admitted.rejected_items == 0
    from_json = Guard().admit_json(signal, encode_json(signal, request).encode())
    assert from_json.items == admitted.items
    assert from_json.request.SerializeToString(deterministic=True) == request.SerializeToString(deterministic=True)


@given(st.sampled_from(list(Signal)), st.binary(max_size=200))
def test_any_bytes_are_taken_or_bad_data(signal: Signal, raw: bytes) -> None:
    """Nothing else is ever raised, in either encoding."""
    for admit in (Guard().admit, Guard().admit_json):
        try:
            admitted = admit(signal, raw)
        except BadData:
            continue
        assert signal.request_class.FromString(admitted.raw) == admitted.request


@given(st.integers(0, 400), st.binary(max_size=4))
def test_mutations_cost_items_or_the_request(at: int, noise: bytes) -> None:
    """A good request with some bytes replaced: never another exception, and what comes out parses."""
    raw = good(Signal.TRACES, 3)
    mutated = raw[:at] + noise + raw[at + len(noise) :]
    try:
        admitted = Guard().admit(Signal.TRACES, mutated)
    except BadData:
        return
    Signal.TRACES.request_class.FromString(admitted.raw)


@pytest.mark.parametrize("cut", range(1, len(good(Signal.TRACES, 2))))
def test_a_cut_request_is_bad_data(cut: int) -> None:
    """At every single byte: the outer length is never reached."""
    with pytest.raises(BadData):
        Guard().admit(Signal.TRACES, good(Signal.TRACES, 2)[:cut])


@pytest.mark.parametrize(
    "bomb",
    [
        request_of(*[b""] * 1_000_000),
        request_of(field(9, b"") * 1_000_000),
        request_of(field(13, b"") * 1_000_000),
        request_of(field(11, b"") * 1_000_000),
    ],
    ids=["spans", "attributes", "links", "events"],
)
def test_an_item_bomb_is_refused_before_it_is_parsed(bomb: bytes) -> None:
    """Two megabytes that would become a million objects; counting them takes well under a second."""
    started = time.perf_counter()
    with pytest.raises(TooLarge):
        Guard().admit(Signal.TRACES, bomb)
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(("items", "fits"), [(50, True), (51, False)])
def test_the_item_limit_is_exact(items: int, *, fits: bool) -> None:
    """In both encodings."""
    guard = Guard(GuardConfig(max_items_per_request=50))
    raw = request_of(*[b""] * items)
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "n"}] * items}]}]}).encode()
    for admit, sent in ((guard.admit, raw), (guard.admit_json, body)):
        if fits:
            assert admit(Signal.TRACES, sent).items == items
        else:
            with pytest.raises(TooLarge):
                admit(Signal.TRACES, sent)


@pytest.mark.parametrize(
    "bomb", [b'{"a":[%s]}' % (b"{}," * 3_000_000), b"[" * 3_000_000, b'{"resourceSpans":[' + b"[]," * 3_000_000]
)
def test_a_json_bomb_is_refused_before_it_is_parsed(bomb: bytes) -> None:
    """Values are counted on the text."""
    with pytest.raises(TooLarge, match="JSON values"):
        Guard().admit_json(Signal.TRACES, bomb)


def test_a_long_prompt_full_of_json_is_no_bomb() -> None:
    """What stands inside a string is one value."""
    request: Any = Signal.TRACES.request_class()
    added = request.resource_spans.add().scope_spans.add().spans.add()
    added.attributes.add(key="gen_ai.input.messages").value.string_value = '[{"a":1},' * 2_000
    guard = Guard(GuardConfig(max_items_per_request=10))
    assert guard.admit_json(Signal.TRACES, encode_json(Signal.TRACES, request).encode()).items == 1


@pytest.mark.parametrize("size", [101, 5000])
def test_the_byte_limit(size: int) -> None:
    """Checked first, in both encodings."""
    guard = Guard(GuardConfig(max_request_bytes=100))
    for admit in (guard.admit, guard.admit_json):
        with pytest.raises(TooLarge, match="100 bytes"):
            admit(Signal.TRACES, b"\xff" * size)


def test_bad_spans_are_cut_out_and_counted() -> None:
    """The reason is one of a bounded set."""
    admitted = Guard().admit(Signal.TRACES, request_of(span(), span(b"x", attribute(nested_value(99))), b"\xff"))
    assert (admitted.items, admitted.rejected_items, admitted.rejected_reason) == (1, 2, "undecodable")
    assert Signal.TRACES.request_class.FromString(admitted.raw) == admitted.request


def test_repaired_text_rejects_nothing() -> None:
    """So the client is not told to worry."""
    admitted = Guard().admit(Signal.TRACES, request_of(span(b"\xff")))
    assert (admitted.items, admitted.rejected_items, admitted.rejected_reason) == (1, 0, "")


@pytest.mark.parametrize("depth", [10, 100, 1_000, 10_000, 100_000])
def test_json_nesting_is_bad_data_or_a_bad_item(depth: int) -> None:
    """Never a RecursionError."""
    value = '{"arrayValue":{"values":[' * depth + "]}}" * depth
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"good"}},{{"attributes":[{{"value":{value}}}]}}]}}]}}]}}'
    try:
        admitted = Guard().admit_json(Signal.TRACES, body.encode())
    except BadData:
        assert depth > 100
    else:
        assert admitted.items + admitted.rejected_items == 2


@pytest.mark.parametrize("runtime", ["python", "cpp"])
def test_other_protobuf_runtimes_are_refused(monkeypatch: pytest.MonkeyPatch, runtime: str) -> None:
    """Their depth limits have been passed by before."""
    monkeypatch.setattr(api_implementation, "Type", lambda: runtime)
    with pytest.raises(RuntimeError, match="upb"):
        Guard()
