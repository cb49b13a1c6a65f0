"""Connections and headers: clients that send slowly, too much, nonsense, or offers nobody takes."""

from __future__ import annotations

import asyncio
import logging

import pytest

from sidecar.receivers.http_protocol import MAX_HEADER_BYTES
from tests.support.raw_http import GOOD, Raw, head, run_http
from tests.support.receiving import Served


def test_a_chunked_request_passes_byte_by_byte() -> None:
    """However slowly it is cut, as long as it is in time."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        for byte in head("transfer-encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD):
            await raw.send(bytes([byte]))
        assert (await raw.answer())[0] == 200
        assert it.intake.accepted[0].raw == GOOD
        raw.close()

    run_http(body)


def test_expect_100_continue() -> None:
    """The client is asked to go on once its headers are fine."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}", "expect: 100-continue"))
        assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await raw.send(GOOD)
        assert (await raw.answer())[0] == 200
        raw.close()

    run_http(body)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_an_upgrade_offer_is_ignored(piece: int) -> None:
    """Java's HTTP client offers HTTP/2 with each first request; its body must not be lost."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        offer = ("connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAMAAABkAAQ")
        sent = (head(f"content-length: {len(GOOD)}", *offer) + GOOD) * 3
        for at in range(0, len(sent), piece):
            await raw.send(sent[at : at + piece])
        for _ in range(3):
            assert (await raw.answer())[0] == 200
        assert [one.raw for one in it.intake.accepted] == [GOOD] * 3
        raw.close()

    run_http(body)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /v1/traces HTTP/9.9\r\n\r\n",
        head("content-length: 5", "transfer-encoding: chunked") + b"0\r\n\r\n",
        head("content-length: 5", "content-length: 6") + b"hello!",
        head("content-length: -1"),
        head("content-length: 1x"),
        head("transfer-encoding: chunked") + b"xyz\r\n",
        head("bad header: \x00"),
        b"CONNECT x:80 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_ends_the_connection(nonsense: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """TLS on the plain port, HTTP/2, smuggling by two lengths: an answer that is no success, and the end."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(nonsense)
        answer = await asyncio.wait_for(raw.reader.read(), 5)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404"))
        assert it.intake.accepted == []
        raw.close()
        await it.assert_next_passes()

    run_http(body)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_headers_without_end_are_cut_off() -> None:
    """431 instead of memory."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(b"POST /v1/traces HTTP/1.1\r\nx: ")
        answer = asyncio.create_task(raw.answer())
        sent = 0
        try:
            while not answer.done() and sent < 20 * MAX_HEADER_BYTES:
                await raw.send(b"a" * 4096)
                sent += 4096
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert (await answer)[0] == 431
        assert sent < 20 * MAX_HEADER_BYTES
        raw.close()
        await it.assert_next_passes()

    run_http(body)


@pytest.mark.parametrize("start", [b"", b"POST /v1/tra", b"\r\n"])
def test_late_headers_end_the_connection(start: bytes) -> None:
    """Whether nothing came, a part, or only blank lines."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(start)
        assert await raw.closed()
        await it.assert_next_passes()

    run_http(body, read_header_timeout="100ms")


def test_blank_lines_do_not_keep_a_connection() -> None:
    """They stop the timer between two requests, but begin no request whose headers could be late."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
        assert (await raw.answer())[0] == 200
        await raw.send(b"\r\n")
        assert await raw.closed()

    run_http(body, read_header_timeout="100ms")


def test_nonsense_behind_a_request_is_not_answered_in_its_place() -> None:
    """The sender would take the 400 for the answer to what is still being kept; no answer means: try again."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
        await it.intake.entered.wait()
        await raw.send(b"\x00 nonsense\r\n\r\n")
        assert await raw.closed()
        it.intake.gate.set()

    run_http(body)


def test_trickled_headers_do_not_move_the_deadline() -> None:
    """It is absolute: a byte now and then buys no time. The second request of a connection has one too."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
        assert (await raw.answer())[0] == 200
        closed = asyncio.create_task(raw.closed())
        for byte in head() * 3:
            if closed.done():
                break
            try:
                await raw.send(bytes([byte]))
            except ConnectionError:
                break
            await asyncio.sleep(0.01)
        assert closed.done() or await closed
        assert len(it.intake.accepted) == 1

    run_http(body, read_header_timeout="150ms")


def test_the_header_deadline_spares_a_request_that_is_being_kept() -> None:
    """Keeping may take longer than headers may; a half-sent next request does not end this one."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        raw = await Raw.connect(it)
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD + b"POST /v1")
        await it.intake.entered.wait()
        await asyncio.sleep(0.15)
        it.intake.gate.set()
        assert (await raw.answer())[0] == 200
        assert await raw.closed()

    run_http(body, read_header_timeout="50ms")


def test_an_idle_connection_ends() -> None:
    """After idle_timeout, not after the time headers may take."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        for _ in range(2):
            await raw.send(head(f"content-length: {len(GOOD)}") + GOOD)
            assert (await raw.answer())[0] == 200
            await asyncio.sleep(0.1)
        assert await raw.closed()

    run_http(body, idle_timeout="300ms", read_header_timeout="50ms")


def test_connections_are_limited() -> None:
    """One too many is closed at once; when one goes, another may come."""

    async def body(it: Served) -> None:
        crowd = [await Raw.connect(it) for _ in range(5)]
        await asyncio.sleep(0.05)
        late = await Raw.connect(it)
        assert await late.closed()
        crowd.pop().close()
        await asyncio.sleep(0.05)
        await it.assert_next_passes()
        for one in crowd:
            one.close()

    run_http(body, max_connections=5)


def test_a_crowd_of_idle_connections_does_not_delay_others() -> None:
    """Five hundred clients that send nothing."""

    async def body(it: Served) -> None:
        crowd = [await Raw.connect(it) for _ in range(500)]
        await it.assert_next_passes()
        for one in crowd:
            one.close()

    run_http(body)


def test_pipelined_requests_are_answered_in_order() -> None:
    """Two at once on one connection."""

    async def body(it: Served) -> None:
        raw = await Raw.connect(it)
        bad = head("content-length: 1") + b"\x0a"
        await raw.send(head(f"content-length: {len(GOOD)}") + GOOD + bad)
        assert (await raw.answer())[0] == 200
        assert (await raw.answer())[0] == 400
        raw.close()

    run_http(body)
