"""What every way in promises: gRPC, HTTP with protobuf, HTTP with JSON. Each refusal ends with a good request."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from processors.otlp.signal import Signal
from sidecar.intake import Overloaded, Receipt
from sidecar.receivers.config import GuardConfig
from tests.support.otlp import attribute, good, nested_value, request_of, span
from tests.support.receiving import MIB, WAYS, Served, served

ways = pytest.mark.parametrize("way", WAYS)
signals = pytest.mark.parametrize("signal", list(Signal))


def run(way: str, body: Callable[[Served], Awaitable[None]], **options: Any) -> None:
    async def inside() -> None:
        async with served(way, **options) as it:
            await body(it)

    asyncio.run(asyncio.wait_for(inside(), 40))


@ways
@signals
@pytest.mark.parametrize("gzipped", [False, True])
def test_a_good_request_is_handed_on_whole(way: str, signal: Signal, *, gzipped: bool) -> None:
    """The intake gets the request as sent, compressed or not; full success leaves partial_success unset."""
    raw = good(signal, 3)

    async def body(it: Served) -> None:
        answer = await it.client.send(signal, it.client.encode(signal, raw), gzipped=gzipped)
        assert answer.ok
        assert answer.partial is None
        (admitted,) = it.intake.accepted
        assert (admitted.signal, admitted.items, admitted.rejected_items) == (signal, 3, 0)
        assert admitted.request == signal.request_class.FromString(raw)
        assert signal.request_class.FromString(admitted.raw) == admitted.request

    run(way, body)


@ways
@signals
def test_an_empty_request_succeeds_without_the_intake(way: str, signal: Signal) -> None:
    """Nothing in, nothing kept, success: no bytes at all, and envelopes without items."""

    async def body(it: Served) -> None:
        for raw in (b"", request_of()):
            answer = await it.client.send(signal, it.client.encode(signal, raw))
            assert answer.ok
            assert answer.partial is None
        assert it.intake.accepted == []
        assert not it.intake.refused

    run(way, body)


@ways
@signals
@pytest.mark.parametrize("bad", [b"\x0a\xff", b"{", b"[1]", b"\x1f\x8b\x08", good(Signal.TRACES)[:-1]])
def test_bad_data_is_refused_for_good(way: str, signal: Signal, bad: bytes) -> None:
    """What is not OTLP gets a non-retryable answer with a google.rpc.Status that has a BadRequest detail."""

    async def body(it: Served) -> None:
        answer = await it.client.send(signal, bad)
        assert answer.code in {"INVALID_ARGUMENT", "400"}
        assert not answer.retryable
        assert answer.status.code == 3
        assert answer.bad_request.field_violations
        assert it.intake.refused == {(signal, "bad_data"): 1}
        await it.assert_next_passes()

    run(way, body)


@ways
@pytest.mark.parametrize("gzipped", [False, True])
def test_a_request_over_the_byte_limit_is_refused_for_good(way: str, *, gzipped: bool) -> None:
    """The limit holds for what arrives and for what it unpacks to."""

    async def body(it: Served) -> None:
        answer = await it.client.send(Signal.TRACES, bytes(4 * MIB), gzipped=gzipped)
        assert answer.code in {"RESOURCE_EXHAUSTED", "413"}
        assert not answer.retryable
        assert it.intake.accepted == []
        await it.assert_next_passes()

    run(way, body, max_mib=1)


@ways
def test_a_request_over_the_item_limit_is_refused_for_good(way: str) -> None:
    """A few bytes an item are enough to exhaust memory, so items are limited too."""

    async def body(it: Served) -> None:
        answer = await it.client.send(Signal.TRACES, it.client.encode(Signal.TRACES, good(Signal.TRACES, 60)))
        assert answer.code in {"RESOURCE_EXHAUSTED", "413"}
        assert not answer.retryable
        assert answer.retry_info is None
        assert it.intake.refused == {(Signal.TRACES, "too_large"): 1}
        await it.assert_next_passes()

    run(way, body, limits=GuardConfig(max_items_per_request=50))


@ways
def test_a_full_intake_asks_for_another_try(way: str) -> None:
    """Overloaded is retryable and says when to come back."""

    async def body(it: Served) -> None:
        it.intake.failure = Overloaded("disk full", 7.0)
        answer = await it.client.send(Signal.TRACES, it.client.encode(Signal.TRACES, good(Signal.TRACES)))
        assert answer.code in {"UNAVAILABLE", "503"}
        assert answer.retryable
        assert answer.retry_after_s == 7
        assert answer.retry_info.retry_delay.seconds == 7
        assert it.intake.refused == {(Signal.TRACES, "overloaded"): 1}
        it.intake.failure = None
        await it.assert_next_passes()

    run(way, body)


@ways
def test_requests_in_flight_share_one_byte_budget(way: str) -> None:
    """While a large request waits to be kept, another is told to come back; afterwards it passes."""
    raw = request_of(span(b"x" * 3 * MIB))

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        encoded = it.client.encode(Signal.TRACES, raw)
        first = asyncio.create_task(it.client.send(Signal.TRACES, encoded))
        await it.intake.entered.wait()
        answer = await it.client.send(Signal.TRACES, encoded)
        assert answer.retryable
        assert answer.retry_after_s is not None
        it.intake.gate.set()
        assert (await first).ok
        assert it.guard.budget.used == 0
        await it.assert_next_passes()

    run(way, body, limits=GuardConfig(max_request_bytes=4 * MIB, max_in_flight_bytes=4 * MIB), max_mib=4)


@ways
def test_an_unforeseen_failure_is_retryable_and_logs_no_content(way: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing was kept, so the client may try again; the error's text, which may quote data, goes nowhere."""

    async def body(it: Served) -> None:
        it.intake.failure = RuntimeError("planted-secret")
        answer = await it.client.send(Signal.TRACES, it.client.encode(Signal.TRACES, good(Signal.TRACES)))
        assert answer.retryable
        assert "planted" not in str(answer.status)
        assert it.intake.refused == {(Signal.TRACES, "internal_error"): 1}
        it.intake.failure = None
        await it.assert_next_passes()

    with caplog.at_level(logging.DEBUG):
        run(way, body)
    assert "RuntimeError" in caplog.text
    assert "planted" not in caplog.text


@ways
@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic planted", "Bearer", "planted"])
def test_without_the_token_nothing_passes(way: str, token: str | None) -> None:
    """A missing or wrong bearer token is refused before the body is looked at."""

    async def body(it: Served) -> None:
        answer = await it.client.send(Signal.TRACES, b"\xff", token=token)
        assert answer.code in {"UNAUTHENTICATED", "401"}
        assert answer.status.code == 16
        assert not answer.retryable
        assert it.intake.refused == {(Signal.TRACES, "unauthenticated"): 1}
        await it.assert_next_passes(token="Bearer planted")

    run(way, body, token="planted")


@ways
@signals
def test_partial_success_adds_up_what_guard_and_intake_rejected(way: str, signal: Signal) -> None:
    """The count is the sum, and the message explains both."""
    bad = b"\x0a\xff"

    async def body(it: Served) -> None:
        it.intake.receipt = Receipt(2, "two had no ids")
        if way == "http_json":
            key, item = {
                Signal.TRACES: ("spans", b'{"traceId":"xyz"}'),
                Signal.LOGS: ("logRecords", b'{"traceId":"xyz"}'),
                Signal.METRICS: ("metrics", b'{"name":5}'),
            }[signal]
            sent = it.client.encode(signal, good(signal, 3)).replace(
                b'"%s":[' % key.encode(), b'"%s":[%s,' % (key.encode(), item)
            )
        else:
            sent = good(signal, 3) + request_of(bad)
        answer = await it.client.send(signal, sent)
        assert answer.ok
        count = next(value for field, value in answer.partial.ListFields() if field.name.startswith("rejected"))
        assert count == 3
        assert "undecodable" in answer.partial.error_message
        assert "two had no ids" in answer.partial.error_message
        (admitted,) = it.intake.accepted
        assert (admitted.items, admitted.rejected_items) == (3, 1)

    run(way, body)


@ways
def test_a_note_without_rejections_is_a_warning(way: str) -> None:
    """The specification allows a message with a count of zero."""

    async def body(it: Served) -> None:
        it.intake.receipt = Receipt(0, "clock is off")
        answer = await it.client.send(Signal.TRACES, it.client.encode(Signal.TRACES, good(Signal.TRACES)))
        assert answer.partial.rejected_spans == 0
        assert answer.partial.error_message == "clock is off"

    run(way, body)


@ways
def test_a_request_in_which_every_item_is_bad_still_reaches_the_intake(way: str) -> None:
    """So that it is counted; the client is told that all of it was rejected."""
    deep = request_of(span(b"deep", attribute(nested_value(60))))
    tree = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"0"}]}]}]}'

    async def body(it: Served) -> None:
        answer = await it.client.send(Signal.TRACES, tree if way == "http_json" else deep)
        assert answer.partial.rejected_spans == 1
        assert [(one.items, one.rejected_items) for one in it.intake.accepted] == [(0, 1)]

    run(way, body)


@ways
def test_invalid_utf8_costs_nothing_but_the_bad_bytes(way: str) -> None:
    """The neighbours and the rest of the string arrive; nothing is rejected."""

    async def body(it: Served) -> None:
        sent = it.client.encode(Signal.TRACES, request_of(span(b"good"), span(b"bad QQ name"))).replace(b"QQ", b"\xc3(")
        answer = await it.client.send(Signal.TRACES, sent)
        assert answer.ok
        assert answer.partial is None
        request: Any = it.intake.accepted[0].request
        assert [one.name for one in request.resource_spans[0].scope_spans[0].spans] == ["good", "bad \ufffd( name"]

    run(way, body)


@ways
def test_noise_never_hurts(way: str) -> None:
    """Mutated requests are taken or refused as bad data; nothing else is ever answered, and nothing is logged."""
    noise = random.Random(7)

    async def body(it: Served) -> None:
        encoded = it.client.encode(Signal.TRACES, good(Signal.TRACES, 3))
        for _ in range(150):
            mutated = bytearray(encoded)
            for _ in range(noise.randint(1, 8)):
                at = noise.randrange(len(mutated))
                mutated[at : at + noise.randint(0, 2)] = noise.randbytes(noise.randint(0, 3))
            answer = await it.client.send(Signal.TRACES, bytes(mutated))
            assert answer.code in {"OK", "INVALID_ARGUMENT", "400"}
        assert {reason for _, reason in it.intake.refused} <= {"bad_data"}
        await it.assert_next_passes()

    run(way, body)


@ways
def test_stop_lets_requests_in_flight_finish(way: str) -> None:
    """What was let in is still acknowledged; nothing new gets in."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        encoded = it.client.encode(Signal.TRACES, good(Signal.TRACES))
        first = asyncio.create_task(it.client.send(Signal.TRACES, encoded))
        await it.intake.entered.wait()
        stopping = asyncio.create_task(it.receiver.stop(10))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        it.intake.gate.set()
        assert (await first).ok
        await stopping
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", it.receiver.port)

    run(way, body)


@ways
def test_stop_is_bounded(way: str, caplog: pytest.LogCaptureFixture) -> None:
    """A request that never ends is cut off after the grace, without an answer that would forbid another try."""

    async def body(it: Served) -> None:
        it.intake.gate = asyncio.Event()
        encoded = it.client.encode(Signal.TRACES, good(Signal.TRACES))
        hanging = asyncio.create_task(it.client.send(Signal.TRACES, encoded))
        await it.intake.entered.wait()
        started = time.monotonic()
        await it.receiver.stop(0.2)
        assert time.monotonic() - started < 3
        try:
            answer = await hanging
        except Exception as error:  # noqa: BLE001  # any broken connection will do: it is retryable
            assert "Error" in type(error).__name__  # noqa: PT017  # see above
        else:
            assert answer.code in {"UNAVAILABLE", "CANCELLED"}
        assert it.guard.budget.used == 0

    run(way, body)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


@ways
def test_a_taken_port_fails_at_start(way: str) -> None:
    """Two receivers never share a port by accident."""

    async def body(it: Served) -> None:
        config = it.receiver._config.model_copy(update={"endpoint": f"127.0.0.1:{it.receiver.port}"})
        second: Any = type(it.receiver)(config, it.guard, it.intake)  # type: ignore[arg-type]  # the pair fits
        with pytest.raises(OSError):
            await second.start()
        await second.stop(0)
        await it.assert_next_passes()

    run(way, body)
