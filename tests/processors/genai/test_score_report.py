from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.genai.links import response_link, session_link, span_link
from processors.genai.score_report import ScoreReport, ScoreReportError, TooManyReports, parse_reports
from processors.genai.scores import Score

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACE_ID = bytes.fromhex(TRACE)
GOOD: dict[str, Any] = {"trace_id": TRACE, "name": "quality", "value": 0.25}


def body(reports: Any) -> bytes:
    return json.dumps(reports).encode()


def fault(sent: bytes) -> str:
    with pytest.raises(ScoreReportError) as caught:
        parse_reports(sent)
    return str(caught.value)


TARGETS: dict[str, tuple[dict[str, Any], bytes | None, int | None]] = {
    "trace": ({"trace_id": TRACE}, TRACE_ID, None),
    "trace in capitals": ({"trace_id": TRACE.upper()}, TRACE_ID, None),
    "trace and span": ({"trace_id": TRACE, "span_id": "00f067aa0BA902B7"}, TRACE_ID, None),
    "response": ({"response_id": "chatcmpl-1"}, None, response_link("chatcmpl-1")),
    "response and span": ({"response_id": "chatcmpl-1", "span_id": "00f067aa0ba902b7"}, None, response_link("chatcmpl-1")),
    "span alone": ({"span_id": "00f067aa0BA902B7"}, None, span_link(bytes.fromhex("00f067aa0ba902b7"))),
    "session": ({"session_id": "chatcmpl-1"}, None, session_link("chatcmpl-1")),
    "the longest": ({"session_id": "é" * 512}, None, session_link("é" * 512)),
    "null is absent": ({"trace_id": TRACE, "response_id": None, "session_id": None, "span_id": None}, TRACE_ID, None),
}  # fmt: skip


@pytest.mark.parametrize(("target", "trace_id", "link"), TARGETS.values(), ids=TARGETS.keys())
def test_targets(target: dict[str, Any], trace_id: bytes | None, link: int | None) -> None:
    """A trace by its id; a response or a session by the link that spans with that id have."""
    expected = ScoreReport(trace_id, link, Score("quality", 0.25, None))
    assert parse_reports(body({**target, "name": "quality", "value": 0.25})) == [expected]


SCORES: dict[str, tuple[dict[str, Any], Score]] = {
    "integer": ({"value": -3}, Score("quality", -3.0, None)),
    "true": ({"value": True}, Score("quality", 1.0, None)),
    "false": ({"value": False}, Score("quality", 0.0, None)),
    "zero": ({"value": 0}, Score("quality", 0.0, None)),
    "verdict": ({"label": " Pass "}, Score("quality", 1.0, "Pass")),
    "bad verdict": ({"label": "FAILED"}, Score("quality", 0.0, "FAILED")),
    "only a label": ({"label": "so-so", "value": None}, Score("quality", None, "so-so")),
    "value before label": ({"value": 0.75, "label": "fail"}, Score("quality", 0.75, "fail")),
    "blank label": ({"value": 1, "label": "  "}, Score("quality", 1.0, None)),
    "long texts": ({"name": "n" * 200, "label": "l" * 200}, Score("n" * 128, None, "l" * 128)),
    "a surrogate pair is a character": ({"name": "😀", "value": 1}, Score("😀", 1.0, None)),
    "other keys": ({"value": 1, "comment": "bad!", "Label": 3, "metadata": {"value": [None]}}, Score("quality", 1.0, None)),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "score"), SCORES.values(), ids=SCORES.keys())
def test_scores(fields: dict[str, Any], score: Score) -> None:
    """Values and labels mean what they mean on spans; other keys mean nothing."""
    assert parse_reports(body({"trace_id": TRACE, "name": "quality", **fields})) == [ScoreReport(TRACE_ID, None, score)]


NO_NUMBERS: tuple[Any, ...] = ("0.5", "", [], {}, float("nan"), float("inf"), -float("inf"), 10**400)
NO_TRACE_IDS: tuple[Any, ...] = ("", "0" * 32, TRACE[:-1], TRACE + "0", f" {TRACE}", TRACE[:-1] + "g", f"{TRACE}\n", 5)
NO_IDS: tuple[Any, ...] = ("", "x" * 513, 12, True, ["x"], {}, "\ud800")

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no target": ({"trace_id": None}, "[0]: needs exactly one of trace_id, response_id and session_id, or else span_id"),
    "two targets": ({"session_id": "s"}, "[0]: needs exactly one of trace_id, response_id and session_id, or else span_id"),
    **{
        f"trace id {value!r:.40}": ({"trace_id": value}, "[0].trace_id: must be 32 hexadecimal digits, not all zero")
        for value in NO_TRACE_IDS
    },
    **{
        f"span id {value!r:.40}": ({"span_id": value}, "[0].span_id: must be 16 hexadecimal digits, not all zero")
        for value in ("", "0" * 16, "00f067aa0ba902b", "00f067aa0ba902b77", 7, True)
    },
    "span id alone": ({"trace_id": None, "span_id": "x"}, "[0].span_id: must be 16 hexadecimal digits, not all zero"),
    **{
        f"{key} {value!r:.40}": ({"trace_id": None, key: value}, f"[0].{key}: must be a string of 1 to 512 characters")
        for key in ("response_id", "session_id")
        for value in NO_IDS
    },
    **{
        f"name {value!r:.40}": ({"name": value}, "[0].name: must be a string that is not blank")
        for value in (None, "", " \t", 1, ["x"], "a\udfff")
    },
    **{
        f"value {value!r:.40}": ({"value": value}, "[0].value: must be a finite number, true or false")
        for value in NO_NUMBERS
    },
    **{
        f"label {value!r:.40}": ({"label": value}, "[0].label: must be a string") for value in (1, True, ["fail"], "\ud800")
    },
    "neither value nor label": ({"value": None}, "[0]: needs a value or a label"),
    "blank label alone": ({"value": None, "label": " "}, "[0]: needs a value or a label"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(change: dict[str, Any], message: str) -> None:
    """The error says where, which field and what is allowed, and quotes nothing."""
    assert fault(body([{**GOOD, **change}])) == message
    assert fault(body({**GOOD, **change})) == message.replace("[0]:", "the score:").replace("[0].", "")


BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the body is not JSON"),
    "cut": (body(GOOD)[:-1], "the body is not JSON"),
    "two": (body(GOOD) * 2, "the body is not JSON"),
    "lines": (body(GOOD) + b"\n" + body(GOOD), "the body is not JSON"),
    "a number of 5000 digits": (b"[" + b"9" * 5000 + b"]", "the body is not JSON"),
    "latin-1": (body(GOOD).replace(b"quality", b"qualit\xe9"), "the body must be UTF-8"),
    "UTF-16": (json.dumps(GOOD).encode("utf-16"), "the body must be UTF-8"),
    "deep": (b"[" * 100_000, "the body is nested too deeply"),
    "deep in another key": (body(GOOD)[:-1] + b', "x": ' + b"[" * 100_000 + b"}", "the body is nested too deeply"),
    "null": (b"null", "the body must be a JSON object or a list of objects"),
    "text": (b'"x"', "the body must be a JSON object or a list of objects"),
    "list in list": (body([[GOOD]]), "[0]: must be an object"),
    "null in list": (body([GOOD, None]), "[1]: must be an object"),
    "a key twice": (b'{"name": "a", ' + body(GOOD)[1:], "name: must be there only once"),
    "an id twice": (b'[{"trace_id": null, ' + body(GOOD)[1:] + b"]", "[0].trace_id: must be there only once"),
    "1e999": (body(GOOD).replace(b"0.25", b"1e999"), "value: must be a finite number, true or false"),
}


@pytest.mark.parametrize(("sent", "message"), BODIES.values(), ids=BODIES.keys())
def test_bodies(sent: bytes, message: str) -> None:
    """What is not JSON, or not the JSON that is expected."""
    assert fault(sent) == message


def test_a_byte_order_mark_is_no_harm() -> None:
    """RFC 8259 lets a parser ignore it."""
    assert parse_reports(b"\xef\xbb\xbf" + body(GOOD)) == parse_reports(body(GOOD))


def test_a_list_keeps_its_order() -> None:
    """One report for each object; none for an empty list."""
    found = parse_reports(body([{**GOOD, "name": name} for name in "abc"]))
    assert [report.score.name for report in found] == ["a", "b", "c"]
    assert parse_reports(b" [] ") == []


def test_all_errors_are_named_at_once() -> None:
    """Also several of one report; beyond twenty they are only counted."""
    assert fault(body([{}, GOOD, {**GOOD, "value": "high", "label": 3}])) == (
        "[0]: needs exactly one of trace_id, response_id and session_id, or else span_id; "
        "[0].name: must be a string that is not blank; "
        "[2].value: must be a finite number, true or false; "
        "[2].label: must be a string"
    )
    many = fault(body([{**GOOD, "value": "x"}] * 500))
    assert many.count(";") == 20
    assert many.endswith("[19].value: must be a finite number, true or false; and 480 more")


def test_too_many() -> None:
    """More reports than allowed, or JSON values beyond all measure, are refused before much is made of them."""
    assert len(parse_reports(body([GOOD] * 3), max_reports=3)) == 3
    with pytest.raises(TooManyReports, match="more than 3 scores in one request"):
        parse_reports(body([GOOD] * 4), max_reports=3)
    with pytest.raises(TooManyReports, match="more than 150 JSON values in one request"):
        parse_reports(body({**GOOD, "x": [0] * 200}), max_reports=3)
    assert parse_reports(body({**GOOD, "comment": ",{[" * 200}), max_reports=3)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
secret = st.just("maria@example.com")
reports = st.fixed_dictionaries(
    {},
    optional={
        "trace_id": st.just(TRACE) | secret | values,
        "response_id": secret | values,
        "session_id": secret | values,
        "span_id": st.just("00f067aa0ba902b7") | secret | values,
        "name": st.text() | secret | values,
        "value": st.floats() | secret | values,
        "label": st.text() | secret | values,
        "comment": values,
    },
)


@given(st.lists(reports | values, max_size=4) | reports)
def test_any_json_is_parsed_or_refused(sent: Any) -> None:
    """Nothing else is raised, nothing is quoted, every report can be used, and parsing again gives the same."""
    try:
        found = parse_reports(body(sent))
    except ScoreReportError as error:
        assert "maria" not in str(error)  # noqa: PT017  # either outcome is fine
        return
    assert len(found) == (len(sent) if isinstance(sent, list) else 1)
    for report in found:
        assert (report.trace_id is None) != (report.link is None)
        assert report.score.value is not None or report.score.label is not None
        report.score.name.encode()
    assert parse_reports(body(sent)) == found


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(sent: bytes) -> None:
    """A body is not even JSON, perhaps."""
    with suppress(ScoreReportError):
        assert parse_reports(sent) == []
