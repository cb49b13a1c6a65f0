"""`POST /v1/scores` as its senders see it. What a report may look like is in tests/processors/genai."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from processors.genai.score_report import MAX_REPORTS, parse_reports
from processors.otlp.signal import Signal
from sidecar.intake import Overloaded
from sidecar.receivers.http_scores import MAX_BODY_BYTES
from tests.support.raw_http import Raw, head, run_http
from tests.support.receiving import MIB, Served

TRACE = "0af7651916cd43dd8448eb211c80319c"
SCORE = {"trace_id": TRACE, "name": "quality", "value": 0.25}
BODY = json.dumps(SCORE).encode()


async def post(it: Served, body: bytes = BODY, **headers: str) -> Any:
    """Header names with `_` for the hyphen."""
    client: Any = it.client
    named = {key.replace("_", "-"): value for key, value in ({"content_type": "application/json"} | headers).items()}
    response = await client._client.post("/v1/scores", content=body, headers=named)
    assert response.headers["content-type"] == "application/json"
    return response


async def passes(it: Served) -> None:
    """The next scores and the next spans are taken."""
    before = len(it.intake.scores)
    assert (await post(it)).status_code == 200
    assert len(it.intake.scores) == before + 1
    await it.assert_next_passes()


def status_of(response: Any) -> Any:
    return json_format.Parse(response.content, Status())


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("reports", [1, 3, MAX_REPORTS])
def test_scores_are_handed_on_whole(reports: int, *, gzipped: bool) -> None:
    """The intake gets the reports and the JSON they can be read from again; the sender hears how many, and how many met."""
    sent = json.dumps([SCORE] * reports).encode()

    async def body(it: Served) -> None:
        it.intake.known = 1
        if gzipped:
            response = await post(it, gzip.compress(sent), content_encoding="gzip")
        else:
            response = await post(it, sent)
        assert response.status_code == 200
        assert response.json() == {"accepted": reports, "matched": 1}
        ((raw, handed_on),) = it.intake.scores
        assert len(handed_on) == reports
        assert parse_reports(raw) == handed_on == parse_reports(sent)
        assert it.guard.budget.used == 0
        assert not it.intake.accepted
        await passes(it)

    run_http(body)


def test_a_single_score_needs_no_list() -> None:
    """An object is a list of one; parameters of the media type are allowed."""

    async def body(it: Served) -> None:
        response = await post(it, content_type="Application/JSON; charset=utf-8")
        assert response.json() == {"accepted": 1, "matched": 0}
        assert it.intake.scores == [(BODY, parse_reports(BODY))]

    run_http(body)


def test_an_empty_list_succeeds_without_the_intake() -> None:
    """Nothing in, nothing kept, success."""

    async def body(it: Served) -> None:
        assert (await post(it, b"[]")).json() == {"accepted": 0, "matched": 0}
        assert it.intake.scores == []
        assert not it.intake.refused

    run_http(body)


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff", b"null", b"[" * 100_000, b"{}", json.dumps([SCORE, {}]).encode()])
def test_bad_scores_are_refused_for_good(bad: bytes) -> None:
    """400 with a google.rpc.Status; the good ones beside a bad one are not taken, so that all can be sent again."""

    async def body(it: Served) -> None:
        response = await post(it, bad)
        assert response.status_code == 400
        assert "retry-after" not in response.headers
        status = status_of(response)
        assert status.code == 3
        assert status.message
        assert it.intake.scores == []
        assert it.intake.refused == {("scores", "bad_data"): 1}
        await passes(it)

    run_http(body)


def test_the_refusal_says_what_to_correct() -> None:
    """Every error with its place, without the data."""

    async def body(it: Served) -> None:
        sent = [
            SCORE,
            {"session_id": "maria@example.com", "name": "n", "value": "maria"},
            {**SCORE, "trace_id": "maria"},
        ]
        response = await post(it, json.dumps(sent).encode())
        assert status_of(response).message == (
            "[1].value: must be a finite number, true or false; "
            "[2].trace_id: must be 32 hexadecimal digits, not all zero"
        )
        assert b"maria" not in response.content

    run_http(body)


@pytest.mark.parametrize(
    "sent",
    [
        json.dumps([SCORE] * (MAX_REPORTS + 1)).encode(),
        json.dumps({**SCORE, "x": [0] * 50 * MAX_REPORTS}).encode(),
        BODY + b" " * MAX_BODY_BYTES,
    ],
)
@pytest.mark.parametrize("gzipped", [False, True])
def test_too_much_is_refused_for_good(sent: bytes, *, gzipped: bool) -> None:
    """413: too many scores, too many values, too many bytes, packed or not."""

    async def body(it: Served) -> None:
        if gzipped:
            response = await post(it, gzip.compress(sent), content_encoding="gzip")
        else:
            response = await post(it, sent)
        assert response.status_code == 413
        assert "retry-after" not in response.headers
        assert it.intake.refused == {("scores", "too_large"): 1}
        assert it.guard.budget.used == 0
        await passes(it)

    run_http(body)


def test_the_receivers_limit_holds_where_it_is_smaller() -> None:
    """max_request_body_size is for all paths."""

    async def body(it: Served) -> None:
        assert (await post(it, BODY + b" " * MIB)).status_code == 413
        await passes(it)

    run_http(body, max_mib=1)


def test_an_honest_length_over_the_limit_is_refused_before_the_body() -> None:
    """413 comes although not one byte of the body was sent."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        lines = (f"content-length: {MAX_BODY_BYTES + 1}", "expect: 100-continue")
        await raw.send(head(*lines, path="/v1/scores", kind="application/json"))
        status, headers, _ = await raw.answer()
        assert (status, headers["connection"], headers["content-type"]) == (413, "close", "application/json")
        assert await raw.closed()
        await passes(it)

    run_http(body)


@pytest.mark.parametrize("kind", ["application/x-protobuf", "text/plain", "application/jsonl", ""])
def test_only_json_is_taken(kind: str) -> None:
    """415, and the answer is JSON whatever was sent."""

    async def body(it: Served) -> None:
        response = await post(it, content_type=kind)
        assert response.status_code == 415
        assert status_of(response).message == "the content type must be application/json"
        assert it.intake.refused == {("scores", "unsupported_media_type"): 1}
        await passes(it)

    run_http(body)


@pytest.mark.parametrize("coding", ["br", "gzip, gzip"])
def test_other_codings_are_refused(coding: str) -> None:
    """None or gzip, as for OTLP."""

    async def body(it: Served) -> None:
        assert (await post(it, content_encoding=coding)).status_code == 415
        await passes(it)

    run_http(body)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_only_post_is_allowed(method: str) -> None:
    """405 says what is, in JSON."""

    async def body(it: Served) -> None:
        client: Any = it.client
        response = await client._client.request(method, "/v1/scores")
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert response.headers["content-type"] == "application/json"
        assert it.intake.refused == {("scores", "method_not_allowed"): 1}
        await passes(it)

    run_http(body)


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "secret"])
def test_a_token_is_asked_for(authorization: str | None) -> None:
    """The same as for OTLP, with the same answer."""

    async def body(it: Served) -> None:
        response = await (post(it) if authorization is None else post(it, authorization=authorization))
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert it.intake.refused == {("scores", "unauthenticated"): 1}
        assert (await post(it, authorization="Bearer secret")).status_code == 200

    run_http(body, token="secret")


@pytest.mark.parametrize(
    ("failure", "after", "reason"),
    [(Overloaded("storage is full", 6.2), "7", "overloaded"), (OSError("maria"), "1", "internal_error")],
)
def test_what_is_not_kept_is_not_acknowledged(
    failure: Exception, after: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with Retry-After; an unforeseen failure is logged without its text."""

    async def body(it: Served) -> None:
        it.intake.failure = failure
        response = await post(it)
        assert response.status_code == 503
        assert response.headers["retry-after"] == after
        assert b"maria" not in response.content
        assert it.intake.refused == {("scores", reason): 1}
        it.intake.failure = None
        await passes(it)

    run_http(body)
    assert "maria" not in caplog.text
    assert ("scores over HTTP not kept: OSError" in caplog.text) == (reason == "internal_error")


def test_the_acknowledgement_waits_for_the_intake() -> None:
    """No answer before the scores are kept, and their bytes count as in flight until then."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        sending = asyncio.create_task(post(it))
        await it.intake.entered.wait()
        await asyncio.sleep(0.02)
        assert not sending.done()
        assert it.guard.budget.used == len(BODY)
        it.intake.gate.set()
        assert (await sending).status_code == 200
        assert it.guard.budget.used == 0

    run_http(body)


def test_a_trickled_body_is_timed_out() -> None:
    """408 at the same deadline as for OTLP."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 1000", path="/v1/scores", kind="application/json") + b"[")
        status, headers, content = await raw.answer()
        assert (status, headers["content-type"]) == (408, "application/json")
        assert json_format.Parse(content, Status()).message
        assert it.intake.refused == {("scores", "too_slow"): 1}
        raw.close()
        await passes(it)

    run_http(body, read_timeout="100ms")


def test_a_client_that_hangs_up_is_counted() -> None:
    """Nothing was kept of scores that never came."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 1000", path="/v1/scores", kind="application/json") + b"[")
        await asyncio.sleep(0.05)
        raw.close()
        await it.intake.refusal.wait()
        assert it.intake.refused == {("scores", "incomplete"): 1}

    run_http(body)


def test_refusals_of_scores_are_not_those_of_spans() -> None:
    """Each path counts its own."""

    async def body(it: Served) -> None:
        await post(it, b"{")
        client: Any = it.client
        await client._client.post("/v1/traces", content=b"{", headers={"content-type": "application/json"})
        assert it.intake.refused == {("scores", "bad_data"): 1, (Signal.TRACES, "bad_data"): 1}

    run_http(body)
