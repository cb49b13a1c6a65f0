"""OTLP JSON: the round trip, and each rule in which it differs from protobuf's own JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from processors.otlp.json_codec import JsonError, count_values, decode_json, encode_json, encode_response_json
from processors.otlp.signal import Request, Signal
from tests.support.otlp import SPAN_ID, TRACE_ID, attribute, field, good_request, nested_value, request_of, span
from tests.support.otlp_strategies import any_request


def _wire(message: Any) -> bytes:
    """Equal for equal messages, NaN included."""
    return bytes(message.SerializeToString(deterministic=True))


def _one_span(tree: str) -> Any:
    request: Any = decode_json(Signal.TRACES, b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % tree.encode())
    return request.resource_spans[0].scope_spans[0].spans[0]


def _value(tree: str) -> Any:
    return _one_span(f'{{"attributes":[{{"key":"k","value":{tree}}}]}}').attributes[0].value


@given(any_request())
@settings(deadline=None)
def test_what_is_encoded_decodes_to_the_same(given_request: tuple[Signal, Request]) -> None:
    """Nothing is lost or changed, whatever the fields hold."""
    signal, request = given_request
    line = encode_json(signal, request)
    assert "\n" not in line
    assert _wire(decode_json(signal, line.encode())) == _wire(request)


@given(any_request())
@settings(deadline=None)
def test_apart_from_ids_it_is_what_protobuf_writes(given_request: tuple[Signal, Request]) -> None:
    """Keys, presence, 64-bit strings, base64 and NaN follow protobuf's mapping with integer enums."""
    signal, request = given_request
    ours, theirs = (
        json.loads(encode_json(signal, request)),
        json_format.MessageToDict(request, use_integers_for_enums=True),
    )

    def without_ids(tree: Any) -> Any:
        if isinstance(tree, list):
            return [without_ids(one) for one in tree]
        if isinstance(tree, dict):
            return {
                key: without_ids(one) for key, one in tree.items() if key not in {"traceId", "spanId", "parentSpanId"}
            }
        return tree

    assert without_ids(ours) == without_ids(theirs)


@pytest.mark.parametrize("signal", list(Signal))
def test_ids_are_lower_case_hex_out_and_any_case_in(signal: Signal) -> None:
    """In spans, links, log records and exemplars."""
    line = encode_json(signal, good_request(signal))
    assert TRACE_ID.hex() in line
    assert SPAN_ID.hex() in line
    shouted = line.replace(TRACE_ID.hex(), TRACE_ID.hex().upper())
    assert decode_json(signal, shouted.encode()) == good_request(signal)


@pytest.mark.parametrize("bad", ['"xyz"', '"abc"', '"ab cd"', "5", '"AAECAwQFBgcICQoLDA0ODw=="', "[]", "{}", "true"])
@pytest.mark.parametrize("key", ["traceId", "spanId", "parentSpanId"])
def test_an_id_that_is_not_hex_is_an_error(key: str, bad: str) -> None:
    """Base64 above all, which is what protobuf's own JSON writes."""
    with pytest.raises(JsonError, match=key):
        _one_span(f'{{"{key}":{bad}}}')


@pytest.mark.parametrize("absent", ['""', "null"])
def test_an_empty_id_is_an_absent_id(absent: str) -> None:
    """The empty string and null both leave the field unset."""
    assert _one_span(f'{{"traceId":{absent},"name":"n"}}').trace_id == b""


def test_enums_are_numbers_out_and_names_are_tolerated_in() -> None:
    """The specification allows numbers only; some senders write names."""
    span = _one_span('{"kind":3,"status":{"code":"STATUS_CODE_ERROR"}}')
    assert (span.kind, span.status.code) == (3, 2)
    request: Any = good_request(Signal.TRACES)
    request.resource_spans[0].scope_spans[0].spans[0].kind = 3
    assert '"kind":3' in encode_json(Signal.TRACES, request)


@pytest.mark.parametrize("written", ['"1800000000000000001"', "1800000000000000001"])
def test_64_bit_integers_come_as_strings_or_numbers(written: str) -> None:
    """And are written as strings, so that no reader rounds them."""
    span = _one_span(f'{{"startTimeUnixNano":{written}}}')
    assert span.start_time_unix_nano == 1800000000000000001
    request: Any = good_request(Signal.TRACES)
    assert '"startTimeUnixNano":"7"' in encode_json(Signal.TRACES, request)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"NaN"', math.nan),
        ('"Infinity"', math.inf),
        ('"-Infinity"', -math.inf),
        ("1", 1.0),
        ('"1.5"', 1.5),
        ("-0.0", -0.0),
    ],
)
def test_doubles_may_be_special(written: str, expected: float) -> None:
    """NaN and the infinities travel as strings."""
    assert repr(_value(f'{{"doubleValue":{written}}}').double_value) == repr(expected)


@pytest.mark.parametrize("written", ["AP_-", "AP/+", '"'])
def test_other_bytes_are_base64(written: str) -> None:
    """Both alphabets are read; anything else is an error."""
    if written == '"':
        with pytest.raises(JsonError, match="bytesValue"):
            _value('{"bytesValue":"*"}')
    else:
        assert _value(f'{{"bytesValue":"{written}"}}').bytes_value == b"\x00\xff\xfe"


def test_unknown_keys_are_ignored() -> None:
    """At every level, whatever they hold; snake_case spellings are unknown keys too."""
    span = _one_span('{"new":{"traceId":5},"name":"n","trace_id":"zz","attributes":[{"x":[[]],"key":"k"}]}')
    assert span.name == "n"
    assert span.trace_id == b""


@pytest.mark.parametrize(
    "tree",
    [
        '{"name":5}',
        '{"name":["a"]}',
        '{"name":{}}',
        '{"startTimeUnixNano":-1}',
        '{"startTimeUnixNano":1.5}',
        '{"startTimeUnixNano":"x"}',
        '{"startTimeUnixNano":true}',
        '{"startTimeUnixNano":1e400}',
        '{"startTimeUnixNano":NaN}',
        '{"kind":"NO_SUCH_KIND"}',
        '{"kind":[]}',
        '{"kind":99999999999}',
        '{"droppedAttributesCount":4294967296}',
        '{"attributes":{}}',
        '{"attributes":[5]}',
        '{"status":[]}',
        '{"attributes":[{"value":{"boolValue":1}}]}',
        '{"attributes":[{"value":{"doubleValue":false}}]}',
        '{"attributes":[{"value":{"doubleValue":"x"}}]}',
        '{"attributes":[{"value":{"bytesValue":5}}]}',
        "null",
        "5",
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(tree: str) -> None:
    """Always JsonError, never what Python happens to raise."""
    with pytest.raises(JsonError):
        _one_span(tree)


def test_errors_never_quote_a_value() -> None:
    """They travel to the client and into logs."""
    with pytest.raises(JsonError) as caught:
        _one_span('{"traceId":"planted","kind":"planted"}')
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_bad_item_costs_only_itself_where_that_is_asked_for() -> None:
    """The others are decoded, and the reason is reported."""
    reasons: list[str] = []
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"traceId":"zz"},7,{"name":"b"}]}]}]}'
    request: Any = decode_json(Signal.TRACES, body, reasons.append)
    assert [span.name for span in request.resource_spans[0].scope_spans[0].spans] == ["a", "b"]
    assert len(reasons) == 2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"5", b"null", b'"x"', b"{}x", b"\x00", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_what_is_not_a_json_object_is_an_error(body: bytes) -> None:
    """Also where the nesting alone would break a recursive reader."""
    with pytest.raises(JsonError):
        decode_json(Signal.TRACES, body)


@pytest.mark.parametrize(("levels", "fits"), [(47, True), (48, False), (300, False)])
def test_nesting_ends_where_protobuf_ends(levels: int, *, fits: bool) -> None:
    """What is decoded can always be read back from protobuf; what could not is a bad item."""
    value = '{"arrayValue":{"values":[' * levels + '{"intValue":1}' + "]}}" * levels
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"attributes":[{{"key":"k","value":{value}}}]}}]}}]}}]}}'
    if not fits:
        with pytest.raises(JsonError):
            decode_json(Signal.TRACES, body.encode())
        return
    request = decode_json(Signal.TRACES, body.encode())
    assert type(request).FromString(request.SerializeToString()) == request


@pytest.mark.parametrize("maps", range(4))
@pytest.mark.parametrize("arrays", range(40, 50))
def test_the_depth_limit_is_protobufs_to_the_message(maps: int, arrays: int) -> None:
    """An array adds two messages and a map three, so that mixtures meet every depth around the limit."""
    value = nested_value(arrays)
    tree = '{"arrayValue":{"values":[' * arrays + '{"intValue":1}' + "]}}" * arrays
    for _ in range(maps):
        value = field(6, field(1, attribute(value)))
        tree = '{"kvlistValue":{"values":[{"key":"k","value":' + tree + "}]}}"
    try:
        Signal.TRACES.request_class.FromString(request_of(span(b"n", attribute(value))))
    except DecodeError:
        with pytest.raises(JsonError):
            _value(tree)
    else:
        _value(tree)


@pytest.mark.parametrize("lone", [b"\\ud800", b"\\uDC00x", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_text_that_is_no_text_is_replaced(lone: bytes) -> None:
    """Lone surrogates and invalid UTF-8 become U+FFFD; the string and its neighbours stay."""
    request: Any = decode_json(
        Signal.TRACES, b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a%sb"},{"name":"c"}]}]}]}' % lone
    )
    names = [span.name for span in request.resource_spans[0].scope_spans[0].spans]
    assert "\ufffd" in names[0]
    assert names[0].startswith("a")
    assert names[0].endswith("b")
    assert names[1] == "c"


def test_a_byte_order_mark_and_surrogate_pairs_are_fine() -> None:
    """Both are written by real senders."""
    request: Any = decode_json(Signal.TRACES, b'\xef\xbb\xbf{"resourceSpans":[{"schemaUrl":"\\ud83d\\ude00"}]}')
    assert request.resource_spans[0].schema_url == "😀"


def test_responses_are_encoded_too() -> None:
    """The count is 64 bit, hence a string."""
    response = ExportTraceServiceResponse()
    assert encode_response_json(response) == "{}"
    response.partial_success.rejected_spans = 3
    assert json.loads(encode_response_json(response)) == {"partialSuccess": {"rejectedSpans": "3"}}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_values_are_never_undercounted(tree: Any) -> None:
    """However the text inside the strings looks."""

    def count(one: Any) -> int:
        if isinstance(one, dict):
            return 1 + sum(map(count, one.values()))
        return 1 + sum(map(count, one)) if isinstance(one, list) else 1

    assert count_values(json.dumps(tree).encode(), enough=0) >= count(tree)


def test_separators_inside_strings_do_not_count_in_the_end() -> None:
    """A long prompt is one value; escaped quotes do not end it."""
    body = json.dumps({"text": '{"a",[' * 1000}).encode()
    assert count_values(body, enough=100) == 2
    assert count_values(b'{"a":"' + b'\\"' * 1_000_000, enough=0) == 2
