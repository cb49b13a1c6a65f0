from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused, Retry
from sidecar.exporters.config import RetryConfig
from sidecar.exporters.delivery import Delivery
from tests.sidecar.exporters.backends import batch_of
from tests.sidecar.exporters.queues import Answer, Counts, ListQueue, ScriptedExporter
from tests.support.clock import FakeClock, settle
from tests.support.otlp import request_of, span

MIB = 1024 * 1024


@dataclass
class Bench:
    clock: FakeClock
    queue: ListQueue
    exporter: ScriptedExporter
    counts: Counts
    delivery: Delivery
    running: asyncio.Task[None]

    @property
    def times(self) -> list[float]:
        return [round(at, 6) for at, _ in self.exporter.attempts]


@asynccontextmanager
async def delivering(
    *batches: Batch,
    answers: Iterable[Answer] = (),
    answer: Callable[[Batch], Answer] | None = None,
    consumers: int = 1,
    max_bytes: int = MIB,
    gate: asyncio.Event | None = None,
    **retry: Any,
) -> AsyncIterator[Bench]:
    """A delivery at work, on a clock that stands still."""
    clock, queue, counts = FakeClock(), ListQueue(batches), Counts()
    exporter = ScriptedExporter(answer, deque(answers), gate=gate, now=clock.monotonic)
    config = RetryConfig.model_validate({"randomization_factor": 0, **retry})
    delivery = Delivery(
        exporter, queue, config, clock=clock, random=random.Random(7), consumers=consumers,
        max_request_bytes=max_bytes, events=counts,
    )  # fmt: skip
    running = asyncio.create_task(delivery.run())
    await settle()
    try:
        yield Bench(clock, queue, exporter, counts, delivery, running)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


def batches(count: int, items: int = 2) -> list[Batch]:
    return [batch_of(items=items, number=number) for number in range(count)]


def large(*sizes: int, number: int = 1) -> Batch:
    """A batch whose spans have names of these sizes."""
    return Batch(number, Signal.TRACES, request_of(*(span(b"n" * size) for size in sizes)), len(sizes))


# ── the way through ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_waits_is_delivered_in_order_and_settled() -> None:
    """Each batch once; what arrives later follows."""

    async def scenario() -> None:
        async with delivering(*batches(3)) as it:
            it.queue.put(batch_of(number=9))
            await settle()
            assert [batch.id for _, batch in it.exporter.attempts] == [0, 1, 2, 9]
            assert it.queue.settled == dict.fromkeys((0, 1, 2, 9), Delivered())
            assert it.counts == Counts(sent_items=7)

    run(scenario)


def test_partial_success_is_settled_not_retried() -> None:
    """What the backend rejected is counted and never sent again."""

    async def scenario() -> None:
        async with delivering(*batches(1, items=5), answers=[Delivered(2, "no")]) as it:
            await it.clock.advance(3600)
            assert len(it.exporter.attempts) == 1
            assert it.queue.settled == {0: Delivered(2, "no")}
            assert it.counts == Counts(sent_items=3, refused_items={"rejected_by_backend": 2})

    run(scenario)


def test_a_refused_batch_is_settled_and_the_next_one_sent() -> None:
    """No poison loop: what the backend will never take leaves the queue."""

    async def scenario() -> None:
        async with delivering(*batches(2), answers=[Refused("http_400")]) as it:
            assert it.queue.settled == {0: Refused("http_400"), 1: Delivered()}
            assert it.counts == Counts(sent_items=2, refused_items={"http_400": 2})

    run(scenario)


# ── trying again ───────────────────────────────────────────────────────────────────────────────────────────────


def test_waits_grow_to_the_limit_and_begin_anew_after_a_success() -> None:
    """5 s, 7.5 s, 11.25 s … 30 s, for ever; the next batch's first wait is 5 s again."""

    async def scenario() -> None:
        failures = [Retry("http_503")] * 8
        async with delivering(*batches(2), answers=[*failures, Delivered(), Retry("http_503")]) as it:
            await it.clock.advance(400)
            failed_at = list(accumulate((0.0, 5.0, 7.5, 11.25, 16.875, 25.3125, 30.0, 30.0, 30.0)))
            assert it.times == [*failed_at, failed_at[-1], failed_at[-1] + 5]
            assert it.queue.settled == {0: Delivered(), 1: Delivered()}
            assert it.counts.retries == ["http_503"] * 9

    run(scenario)


def test_it_never_gives_up_by_default() -> None:
    """A backend that is away for a day gets everything when it is back."""

    async def scenario() -> None:
        async with delivering(*batches(20), answer=lambda _: Retry("connection"), consumers=4) as it:
            await it.clock.advance(86_400)
            assert not it.queue.settled
            assert len(it.exporter.attempts) < 86_400 / 20
            it.exporter.answer = None
            await it.clock.advance(60)
            assert len(it.queue.settled) == 20
            assert it.counts.sent_items == 40

    run(scenario)


@pytest.mark.parametrize(
    ("after_s", "wait_s"), [(1.0, 5.0), (42.0, 42.0), (1e9, 300.0), (-3.0, 5.0), (float("nan"), 5.0)]
)
def test_the_backend_may_ask_for_a_longer_wait(after_s: float, wait_s: float) -> None:
    """The longer of both waits, and at most five minutes."""

    async def scenario() -> None:
        async with delivering(*batches(1), answers=[Retry("http_429", after_s)]) as it:
            await it.clock.advance(wait_s - 0.1)
            assert len(it.exporter.attempts) == 1
            await it.clock.advance(0.2)
            assert it.times == [0.0, wait_s]

    run(scenario)


def test_waits_are_spread() -> None:
    """±50 % by default: two hundred sidecars do not come back in the same second."""
    waits: set[float] = set()

    async def scenario() -> None:
        async with delivering(*batches(1), answer=lambda _: Retry("x"), randomization_factor=0.5, multiplier=1.0) as it:
            await it.clock.advance(1000)
            times = it.times
            waits.update(round(after - before, 3) for before, after in pairwise(times))

    run(scenario)
    assert len(waits) > 20
    assert min(waits) >= 2.5
    assert max(waits) <= 15


def test_max_elapsed_time() -> None:
    """A batch whose next attempt would be too late is refused, and counted."""

    async def scenario() -> None:
        async with delivering(*batches(2), answer=lambda _: Retry("http_503"), max_elapsed_time="20s") as it:
            await it.clock.advance(19)
            assert it.queue.settled == {0: Refused("retry_timeout")}
            await it.clock.advance(60)
            assert it.queue.settled == {0: Refused("retry_timeout"), 1: Refused("retry_timeout")}
            assert it.counts.refused_items == {"retry_timeout": 4}

    run(scenario)


def test_a_wait_the_backend_asks_for_counts_into_max_elapsed_time() -> None:
    """A batch that would have to wait too long is refused at once."""

    async def scenario() -> None:
        async with delivering(*batches(1), answers=[Retry("http_429", 60.0)], max_elapsed_time="20s") as it:
            assert it.queue.settled == {0: Refused("retry_timeout")}

    run(scenario)


def test_retry_can_be_switched_off() -> None:
    """Then one attempt is all there is."""

    async def scenario() -> None:
        async with delivering(*batches(1), answers=[Retry("http_503")], enabled=False) as it:
            assert it.queue.settled == {0: Refused("retry_disabled")}
            assert it.counts.retries == []

    run(scenario)


# ── many consumers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_consumers_send_side_by_side() -> None:
    """As many requests in flight as there are consumers, and no more."""

    async def scenario() -> None:
        gate = asyncio.Event()
        async with delivering(*batches(10), consumers=4, gate=gate) as it:
            assert it.exporter.in_flight == 4
            gate.set()
            await settle()
            assert it.exporter.most_in_flight == 4
            assert len(it.queue.settled) == 10

    run(scenario)


def test_a_failing_backend_is_asked_by_one_at_a_time() -> None:
    """After the first failures there is one attempt at a time, less and less often, however many consumers wait."""

    async def scenario() -> None:
        async with delivering(*batches(50), answer=lambda _: Retry("connection"), consumers=16) as it:
            first = len(it.exporter.attempts)
            assert first == 16
            it.exporter.most_in_flight = 0
            await it.clock.advance(600)
            later = it.times[first:]
            assert it.exporter.most_in_flight == 1
            assert len(later) < 30
            waits = [after - before for before, after in pairwise(later)]
            assert waits[:3] == [5.0, 7.5, 11.25]
            assert min(waits[5:]) >= 30

    run(scenario)


def test_one_batch_that_always_fails_does_not_stop_the_others() -> None:
    """A batch the backend can never digest in time waits on its own; a hundred others pass at once."""

    def answer(batch: Batch) -> Answer:
        return Retry("timeout") if batch.id == 0 else Delivered()

    async def scenario() -> None:
        async with delivering(*batches(100), answer=answer, consumers=2) as it:
            await settle(1000)
            assert set(it.queue.settled) == set(range(1, 100))
            await it.clock.advance(600)
            assert 0 not in it.queue.settled
            assert len([batch for _, batch in it.exporter.attempts if batch.id == 0]) < 30

    run(scenario)


def test_a_backend_that_asks_for_a_pause_gets_it_from_all() -> None:
    """Retry-After on one request holds back every consumer."""

    async def scenario() -> None:
        async with delivering(*batches(1), answers=[Retry("http_429", 60.0)], consumers=4) as it:
            for number in range(10, 20):
                it.queue.put(batch_of(number=number))
            await it.clock.advance(59)
            assert len(it.exporter.attempts) == 1
            await it.clock.advance(2)
            assert len(it.queue.settled) == 11

    run(scenario)


def test_a_slow_exporter_does_not_hold_up_another() -> None:
    """Each has its own queue and its own loop."""

    async def scenario() -> None:
        async with delivering(*batches(5), gate=asyncio.Event()) as slow, delivering(*batches(5)) as fast:
            assert len(fast.queue.settled) == 5
            assert not slow.queue.settled

    run(scenario)


# ── splitting ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_large_batch_goes_in_pieces() -> None:
    """No request is above the limit, no span is lost or doubled, and the batch is settled once."""

    async def scenario() -> None:
        async with delivering(large(*[300] * 20), max_bytes=1000) as it:
            assert len(it.exporter.attempts) > 5
            assert all(len(piece.payload) <= 1000 for _, piece in it.exporter.attempts)
            assert sum(piece.items for _, piece in it.exporter.attempts) == 20
            assert it.queue.settled == {1: Delivered()}
            assert it.counts == Counts(sent_items=20)

    run(scenario)


def test_an_item_above_the_limit_costs_itself() -> None:
    """It is refused unsent; its neighbours are delivered."""

    async def scenario() -> None:
        async with delivering(large(10, 5000, 10), max_bytes=1000) as it:
            assert sum(piece.items for _, piece in it.exporter.attempts) == 2
            assert it.queue.settled == {1: Delivered(rejected_items=1)}
            assert it.counts == Counts(sent_items=2, refused_items={"too_large": 1})

    run(scenario)


def test_a_batch_of_nothing_but_an_item_above_the_limit_is_refused() -> None:
    """There is nothing to deliver, and nothing to try again."""

    async def scenario() -> None:
        async with delivering(large(5000), max_bytes=1000) as it:
            assert it.exporter.attempts == []
            assert it.queue.settled == {1: Refused("too_large")}
            assert it.counts == Counts(refused_items={"too_large": 1})

    run(scenario)


def test_a_payload_that_is_no_request_does_not_loop() -> None:
    """It cannot be split, so it is refused."""

    async def scenario() -> None:
        async with delivering(Batch(1, Signal.TRACES, b"\xff" * 2000, 1), max_bytes=1000) as it:
            assert it.queue.settled == {1: Refused("too_large")}

    run(scenario)


def test_pieces_that_were_delivered_are_not_sent_again() -> None:
    """The third of five pieces fails twice: the first two go out once."""

    async def scenario() -> None:
        answers: list[Answer] = [Delivered(), Delivered(), Retry("http_503"), Retry("http_503")]
        async with delivering(large(*[900] * 5), answers=answers, max_bytes=1100) as it:
            await it.clock.advance(60)
            sent = [piece.payload for _, piece in it.exporter.attempts]
            assert len(sent) == 7
            assert sent[2] == sent[3] == sent[4]
            assert it.queue.settled == {1: Delivered()}
            assert it.counts.sent_items == 5

    run(scenario)


def test_pieces_may_end_differently() -> None:
    """Delivered, refused, partly rejected: the batch is delivered, but for what was rejected."""

    async def scenario() -> None:
        answers: list[Answer] = [Delivered(), Refused("http_400"), Delivered(1, "odd")]
        async with delivering(large(900, 900, 400, 400), answers=answers, max_bytes=1100) as it:
            assert it.queue.settled == {1: Delivered(2, "odd")}
            assert it.counts == Counts(2, {"http_400": 1, "rejected_by_backend": 1})

    run(scenario)


def test_giving_up_ends_all_pieces_that_are_left() -> None:
    """A batch out of time is not tried piece by piece."""

    async def scenario() -> None:
        answers: list[Answer] = [Delivered(), *[Retry("x")] * 9]
        async with delivering(large(*[900] * 5), answers=answers, max_bytes=1100, max_elapsed_time="6s") as it:
            await it.clock.advance(60)
            assert it.queue.settled == {1: Delivered(rejected_items=4)}
            assert it.counts.refused_items == {"retry_timeout": 4}
            assert len(it.exporter.attempts) == 3

    run(scenario)


# ── stopping ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_cancelling_gives_everything_back() -> None:
    """What is in flight and what waits for its next attempt can be handed out again; nothing is settled."""

    async def scenario() -> None:
        async with delivering(*batches(4), answers=[Retry("x")], consumers=2) as it:
            it.exporter.gate = asyncio.Event()
            await it.clock.advance(10)
            it.running.cancel()
            await asyncio.gather(it.running, return_exceptions=True)
            assert it.queue.out == {}
            assert it.queue.waiting_batches == 4 - len(it.queue.settled)

    run(scenario)


def test_stopping_waits_for_what_is_in_flight() -> None:
    """The attempt is finished and settled; no other is begun."""

    async def scenario() -> None:
        gate = asyncio.Event()
        async with delivering(*batches(3), consumers=2, gate=gate) as it:
            it.delivery.stop()
            await settle()
            assert not it.running.done()
            gate.set()
            await it.running
            assert set(it.queue.settled) == {0, 1}
            assert [batch.id for batch in it.queue.ready] == [2]

    run(scenario)


def test_stopping_ends_a_split_batch_after_the_piece_in_flight() -> None:
    """The other pieces stay in the queue."""

    async def scenario() -> None:
        gate = asyncio.Event()
        async with delivering(large(*[900] * 4), max_bytes=1100, gate=gate) as it:
            it.delivery.stop()
            gate.set()
            await it.running
            assert len(it.exporter.attempts) == 1
            assert (it.queue.waiting_batches, it.queue.out) == (1, {})

    run(scenario)


@pytest.mark.parametrize("way", ["stop", "cancel"])
def test_a_split_batch_that_was_given_back_goes_on_where_it_was(way: str) -> None:
    """The same process does not send its first pieces twice."""

    async def scenario() -> None:
        answers: list[Answer] = [Delivered(), Delivered(), Retry("http_503")]
        async with delivering(large(*[900] * 4), answers=answers, max_bytes=1100) as it:
            if way == "stop":
                it.delivery.stop()
            else:
                it.running.cancel()
            await asyncio.gather(it.running, return_exceptions=True)
            assert it.queue.waiting_batches == 1
            assert await it.delivery.drain(10)
            assert len(it.exporter.attempts) == 5
            assert it.counts.sent_items == 4

    run(scenario)


def test_draining_does_not_sit_out_long_waits() -> None:
    """A batch in a 30 s wait is tried at once, then every second, until the backend takes it."""

    async def scenario() -> None:
        async with delivering(*batches(1), answer=lambda _: Retry("x")) as it:
            await it.clock.advance(200)
            before = len(it.exporter.attempts)
            draining = asyncio.create_task(it.delivery.drain(60))
            await settle()
            assert len(it.exporter.attempts) == before + 1
            await it.clock.advance(2)
            assert len(it.exporter.attempts) == before + 3
            it.exporter.answer = None
            await it.clock.advance(1)
            assert await draining
            assert it.queue.settled == {0: Delivered()}

    run(scenario)


def test_draining_ends_at_its_deadline() -> None:
    """What is left stays in the queue, and the caller is told."""

    async def scenario() -> None:
        async with delivering(*batches(3), answer=lambda _: Retry("x")) as it:
            draining = asyncio.create_task(it.delivery.drain(10))
            await it.clock.advance(9)
            assert not draining.done()
            await it.clock.advance(2)
            assert await draining is False
            assert it.queue.waiting_batches == 3

    run(scenario)


def test_draining_an_empty_queue_takes_no_time() -> None:
    """Nor does it end the loop."""

    async def scenario() -> None:
        async with delivering() as it:
            assert await it.delivery.drain(10)
            it.queue.put(batch_of())
            await settle()
            assert it.queue.settled == {1: Delivered()}

    run(scenario)


# ── our own mistakes ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_exporter_that_raises_costs_at_most_its_batch(caplog: pytest.LogCaptureFixture) -> None:
    """It is tried a few times, then refused; the text of the exception, which may hold content, is not logged."""

    def answer(batch: Batch) -> Answer:
        return ValueError("jane@example.com") if batch.id == 0 else Delivered()

    async def scenario() -> None:
        async with delivering(*batches(3), answer=answer, consumers=2) as it:
            await it.clock.advance(600)
            assert it.queue.settled == {0: Refused("exporter_error"), 1: Delivered(), 2: Delivered()}

    run(scenario)
    assert "ValueError" in caplog.text
    assert "jane" not in caplog.text


def test_a_queue_that_fails_to_settle_is_asked_again() -> None:
    """The batch is not sent twice for it, and the loop goes on."""

    class Failing(ListQueue):
        failures = 2

        def settle(self, batch: Batch, outcome: Delivered | Refused) -> None:
            if self.failures:
                self.failures -= 1
                raise OSError("disk full")
            super().settle(batch, outcome)

    async def scenario() -> None:
        clock, queue, exporter = FakeClock(), Failing(batches(2)), ScriptedExporter()
        delivery = Delivery(
            exporter, queue, RetryConfig(), clock=clock, random=random.Random(7), consumers=1,
            max_request_bytes=MIB, events=Counts(),
        )  # fmt: skip
        running = asyncio.create_task(delivery.run())
        await clock.advance(10)
        assert queue.settled == {0: Delivered(), 1: Delivered()}
        assert len(exporter.attempts) == 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scenario)


# ── the log ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_outage_is_told_once_a_minute_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    """Not once an attempt."""

    async def scenario() -> None:
        async with delivering(*batches(8), answer=lambda _: Retry("http_503"), consumers=4) as it:
            assert len(caplog.records) == 1
            await it.clock.advance(600)
            assert 8 <= len(caplog.records) <= 11
            it.exporter.answer = None
            await it.clock.advance(60)

    with caplog.at_level(logging.INFO, logger="sidecar"):
        run(scenario)
    assert "http_503" in caplog.records[0].getMessage()
    assert [record.getMessage() for record in caplog.records if "again" in record.getMessage()] == [
        caplog.records[-1].getMessage()
    ]
