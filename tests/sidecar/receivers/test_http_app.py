"""Methods, paths, media types, codings and bodies: what is answered, and in which form."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from tests.support.otlp import good_request
from tests.support.raw_http import GOOD, Raw, head, run_http
from tests.support.receiving import MIB, Served


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"])
def test_only_post_is_allowed(method: str) -> None:
    """405 says what is."""

    async def body(it: Served) -> None:
        client: Any = it.client
        response = await client._client.request(method, "/v1/traces")
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert it.intake.refused == {(Signal.TRACES, "method_not_allowed"): 1}
        await it.assert_next_passes()

    run_http(body)


@pytest.mark.parametrize("path", ["/", "/v1/trace", "/v1/traces/", "/v1/profiles", "/v1/traces/../logs", "/%2e"])
def test_other_paths_are_not_found(path: str) -> None:
    """Also those that only look right."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 0", path=path))
        status, headers, _ = await raw.answer()
        assert status == 404
        assert headers["content-type"] == "application/x-protobuf"
        raw.close()

    run_http(body)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/x-protobuf", 200),
        ("Application/X-Protobuf; charset=utf-8", 200),
        ("application/json", 200),
        ("application/json;charset=UTF-8", 200),
        ("text/plain", 415),
        ("application/grpc", 415),
        ("", 415),
        ("application/jsonx", 415),
    ],
)
def test_media_types(kind: str, expected: int) -> None:
    """Two are taken, parameters are allowed, and the answer is of the same type."""
    sent = encode_json(Signal.TRACES, good_request(Signal.TRACES)).encode() if "json" in kind else GOOD

    async def body(it: Served) -> None:
        client: Any = it.client
        response = await client._client.post("/v1/traces", content=sent, headers={"content-type": kind} if kind else {})
        assert response.status_code == expected
        if expected == 200:
            assert response.headers["content-type"] == kind.partition(";")[0].lower()
        else:
            assert Status.FromString(response.content).message
            assert it.intake.refused == {(Signal.TRACES, "unsupported_media_type"): 1}
        await it.assert_next_passes()

    run_http(body)


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ("gzip", 200),
        ("GZIP", 200),
        ("identity", 200),
        ("", 200),
        ("gzip, gzip", 415),
        ("deflate", 415),
        ("br", 415),
        ("zstd", 415),
        ("x", 415),
    ],
)
def test_content_codings(coding: str, expected: int) -> None:
    """None or gzip, and only one; a refusal says so."""

    async def body(it: Served) -> None:
        client: Any = it.client
        headers = {"content-type": "application/x-protobuf", "content-encoding": coding}
        sent = gzip.compress(GOOD) if "gzip" in coding.lower() else GOOD
        response = await client._client.post("/v1/traces", content=sent, headers=headers)
        assert response.status_code == expected
        assert response.headers.get("accept-encoding") == ("gzip" if expected == 415 else None)
        await it.assert_next_passes()

    run_http(body)


def test_a_second_coding_header_does_not_hide() -> None:
    """Two headers are a list of two codings."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-encoding: gzip", "content-encoding: gzip", "content-length: 3") + b"abc")
        assert (await raw.answer())[0] == 415
        raw.close()

    run_http(body)


@pytest.mark.parametrize("sent", [gzip.compress(GOOD)[:-4], GOOD, gzip.compress(GOOD) + b"junk"])
def test_broken_gzip_is_bad_data(sent: bytes) -> None:
    """Cut, not gzip at all, or with something behind it."""

    async def body(it: Served) -> None:
        client: Any = it.client
        headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
        response = await client._client.post("/v1/traces", content=sent, headers=headers)
        assert response.status_code == 400
        assert Status.FromString(response.content).code == 3
        await it.assert_next_passes()

    run_http(body)


def test_errors_are_json_for_json() -> None:
    """A google.rpc.Status in the request's own encoding."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 1", kind="application/json; charset=utf-8") + b"{")
        status, headers, content = await raw.answer()
        assert (status, headers["content-type"]) == (400, "application/json")
        assert json_format.Parse(content, Status()).code == 3
        raw.close()

    run_http(body)


def test_an_honest_length_over_the_limit_is_refused_before_the_body() -> None:
    """413 comes although not one byte of the body was sent, and the connection ends."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {MIB + 1}", "expect: 100-continue"))
        status, headers, _ = await raw.answer()
        assert (status, headers["connection"]) == (413, "close")
        assert await raw.closed()
        await it.assert_next_passes()

    run_http(body, max_mib=1)


def test_a_client_that_sends_on_still_reads_its_refusal() -> None:
    """The connection lingers: closing on unread data would take the answer down with it."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {8 * MIB}"))
        await raw.send(bytes(8 * MIB))
        assert (await raw.answer())[0] == 413
        assert await raw.closed()
        await it.assert_next_passes()

    run_http(body, max_mib=1)


def test_chunks_without_end_stop_at_the_limit() -> None:
    """Without a length the limit holds while the body arrives."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("transfer-encoding: chunked"))
        answer = asyncio.create_task(raw.answer())
        while not answer.done():
            await raw.send(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await asyncio.sleep(0)
        assert (await answer)[0] == 413
        assert it.guard.budget.used == 0
        raw.close()
        await it.assert_next_passes()

    run_http(body, max_mib=1)


def test_a_trickled_body_is_timed_out() -> None:
    """408 at an absolute deadline; the budget is free again."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 1000"))
        answer = asyncio.create_task(raw.answer())
        while not answer.done():
            await raw.send(b"x")
            await asyncio.sleep(0.01)
        status, headers, content = await answer
        assert (status, headers["connection"]) == (408, "close")
        assert Status.FromString(content).message
        assert it.intake.refused == {(Signal.TRACES, "too_slow"): 1}
        assert it.guard.budget.used == 0
        raw.close()
        await it.assert_next_passes()

    run_http(body, read_timeout="100ms")


def test_a_client_that_hangs_up_is_counted() -> None:
    """Nothing was kept of a body that never came."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head("content-length: 1000") + b"part")
        await asyncio.sleep(0.05)
        raw.close()
        await it.intake.refusal.wait()
        assert it.intake.refused == {(Signal.TRACES, "incomplete"): 1}
        assert it.guard.budget.used == 0

    run_http(body)


def test_a_refusal_after_the_whole_body_keeps_the_connection() -> None:
    """Only an unread body forces it closed."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        for sent, expected in ((b"\x0a", 400), (GOOD, 200)):
            await raw.send(head(f"content-length: {len(sent)}") + sent)
            assert (await raw.answer())[0] == expected
        raw.close()

    run_http(body)


def test_answers_name_the_time_but_not_the_software() -> None:
    """RFC 9110 asks for a date; a server name helps nobody but attackers."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
        _, headers, _ = await raw.answer()
        assert "gmt" in headers["date"]
        assert "server" not in headers
        raw.close()

    run_http(body)
