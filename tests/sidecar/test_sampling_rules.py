"""Rules replaced while traces wait: what comes in between, what ends it early, and that the loop is given back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from processors.otlp.signal import Signal
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from sidecar.intake import Admitted
from tests.processors.sampling.build import log, logs, policy, section, span
from tests.sidecar.test_pipeline import Rig, run, spans_of
from tests.support.chats import request_of

FILLERS = 1_000
"""One span each, one request each: several stretches of work."""
JUDGE = 9
NOTHING = policy("string_attribute", "nothing", key="never", values=["seen"])
ERRORS = policy("status_code", "errors", status_codes=["ERROR"])
LOW = policy("score", "low", below=0.5)
ALL = policy("always_sample", "all")


def waiting(*policies: Mapping[str, Any]) -> SamplingSection:
    return section(*policies, decision_wait="10s", decision_wait_after_root_received="10s", late_window="60s")


def numbered(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def fill(rig: Rig) -> None:
    for number in range(1, FILLERS + 1):
        await rig.send(span(numbered(number + 1_000_000)))


async def midway(rig: Rig, new: SamplingSection) -> asyncio.Task[bool]:
    """A replacement that has observed some of what waits, and not all."""
    read, seen = rig.journal.read, asyncio.Event()

    def tell(ref: int) -> bytes | None:
        seen.set()
        return read(ref)

    rig.journal.read = tell  # type: ignore[method-assign]  # to know the moment
    task = asyncio.get_running_loop().create_task(rig.pipeline.replace_sampling(new))
    await seen.wait()
    rig.journal.read = read  # type: ignore[method-assign]  # as it was
    assert not task.done()
    return task


async def kept(rig: Rig) -> set[int]:
    await rig.pass_time(12)
    spans = spans_of([batch for batch in await rig.deliver() if batch.signal is Signal.TRACES])
    return {int.from_bytes(each.trace_id, "big") for each in spans}


async def send_log(rig: Rig, request: ExportLogsServiceRequest) -> None:
    await rig.pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, 1))


def test_the_loop_is_given_back_while_waiting_traces_are_observed_anew() -> None:
    """Not once at the end: for every few hundred of them."""

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            await fill(rig)
            task = await midway(rig, waiting(ALL))
            turns = 0
            while not task.done():
                turns += 1
                await asyncio.sleep(0)
            assert await task
            assert turns >= FILLERS // 250
            assert len(await kept(rig)) == FILLERS

    run(scenario())


def test_a_span_that_comes_meanwhile_is_observed_once() -> None:
    """With one that came before it makes two; a trace that comes whole has two as well, and one that has three none."""

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            await rig.send(span(numbered(1)))
            await rig.send(span(numbered(3)))
            await fill(rig)
            task = await midway(rig, waiting(policy("span_count", min_spans=2, max_spans=2)))
            for number in (1, 2, 2, 3, 3):
                await rig.send(span(numbered(number)))
            assert await task
            await rig.send(span(numbered(4)))
            await rig.send(span(numbered(4)))
            assert await kept(rig) == {1, 2, 4}

    run(scenario())


def test_up_to_the_switch_the_old_rules_decide() -> None:
    """A trace whose time has come does not wait for the new ones."""

    async def scenario() -> None:
        async with Rig(waiting(ERRORS)) as rig:
            await rig.send(span(numbered(1), status=2))
            await rig.send(span(numbered(2)))
            await rig.pass_time(5)
            await fill(rig)
            task = await midway(rig, waiting(NOTHING))
            rig.pipeline._take(rig.pipeline._ledger.due(11.0))  # a round in the midst of it
            assert not task.done()
            await rig.send(span(numbered(3), status=2))
            assert await task
            assert await kept(rig) == {1}
            assert rig.total("traces_kept_total", policy="errors") == 1

    run(scenario())


async def _late_error(rig: Rig) -> None:
    await rig.send(span(numbered(1), span_id=b"12345678", status=2))


async def _log_score(rig: Rig) -> None:
    await send_log(rig, logs(log(numbered(1), gen_ai__evaluation__score__value=0.1)))


async def _carried_score(rig: Rig) -> None:
    judge = span(numbered(JUDGE), attrs={"annotations.0.annotation.score": 0.1})
    judge.links.add(trace_id=numbered(1), span_id=b"12345678")
    await rig.send(judge)


LATE: dict[str, tuple[Mapping[str, Any], Callable[[Rig], Awaitable[None]]]] = {
    "error": (ERRORS, _late_error),
    "log": (LOW, _log_score),
    "carried": (LOW, _carried_score),
}


@pytest.mark.parametrize("kind", LATE)
@pytest.mark.parametrize("dropped", [False, True], ids=["waits", "dropped"])
def test_what_only_the_new_rules_look_at_counts_when_it_comes_meanwhile(kind: str, dropped: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """An error, a score in a log record, and one on a span of another trace; dropped traces come back for it."""
    new, come = LATE[kind]

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            await rig.send(span(numbered(1)))
            await rig.pass_time(12 if dropped else 0)
            await fill(rig)
            task = await midway(rig, waiting(new))
            await come(rig)
            await rig.pass_time(0)
            assert await task
            assert await kept(rig) - {JUDGE} == {1}
            await rig.pass_time(70)
            assert rig.journal.used_bytes == 0

    run(scenario())


def test_the_later_of_two_is_in_force() -> None:
    """The earlier one gives up, whatever it had observed, and says so."""

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            await rig.send(span(numbered(1), status=2))
            await fill(rig)
            first = await midway(rig, waiting(ALL))
            second = asyncio.get_running_loop().create_task(rig.pipeline.replace_sampling(waiting(ERRORS)))
            await rig.send(span(numbered(2), status=2))
            assert [await first, await second] == [False, True]
            assert await kept(rig) == {1, 2}

    run(scenario())


def test_going_back_to_the_rules_in_force_ends_the_preparing() -> None:
    """Nothing begins anew for it: not a budget, either."""

    async def scenario() -> None:
        async with Rig(waiting(policy("rate_limiting", spans_per_second=1, burst_capacity=1))) as rig:
            await rig.send(span(numbered(1)))
            await rig.pass_time(9)
            await fill(rig)
            first = await midway(rig, waiting(ALL))
            rig.pipeline._take(rig.pipeline._ledger.due(10.5))  # a round in the midst of it
            same = waiting(policy("rate_limiting", spans_per_second=1, burst_capacity=1))
            second = asyncio.get_running_loop().create_task(rig.pipeline.replace_sampling(same))
            assert [await first, await second] == [False, True]
            rig.pipeline._take(rig.pipeline._ledger.decide_all(10.5))  # the budget is spent
            assert await kept(rig) == {1}

    run(scenario())


def test_shutdown_is_not_kept_waiting() -> None:
    """What waits is decided by the rules in force; the new ones are given up, and none are taken any more."""

    async def scenario() -> None:
        async with Rig(waiting(ERRORS)) as rig:
            await rig.send(span(numbered(1), status=2))
            await fill(rig)
            task = await midway(rig, waiting(ALL))
            await rig.pipeline.drain()
            assert not await task
            assert not await rig.pipeline.replace_sampling(waiting(ALL))
            assert await kept(rig) == {1}

    run(scenario())


def test_a_failure_in_the_midst_leaves_the_old_rules() -> None:
    """Reading what waits fails: the error is the caller's to tell, and nothing is lost."""

    async def scenario() -> None:
        async with Rig(waiting(ERRORS)) as rig:
            await rig.send(span(numbered(1), status=2))
            await fill(rig)
            task = await midway(rig, waiting(NOTHING))
            await rig.send(span(numbered(2), status=2))
            rig.journal.read = _fail  # type: ignore[method-assign,assignment]  # see above
            with pytest.raises(ValueError, match="broken"):
                await task
            del rig.journal.read
            assert rig.pipeline._rules._new is None
            await rig.send(span(numbered(3), status=2))
            assert await kept(rig) == {1, 2, 3}

    run(scenario())


def test_a_failure_over_what_arrives_costs_the_client_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new rules stumble over a span that the old ones accept: it stays accepted, and they do not come in force."""

    async def scenario() -> None:
        async with Rig(waiting(ERRORS)) as rig:
            old, observe, bad = rig.pipeline._rules.observer, Observer.traces, span(numbered(1), status=2)
            await fill(rig)
            task = await midway(rig, waiting(ALL))
            monkeypatch.setattr(
                Observer,
                "traces",
                lambda self, seen: _fail() if self is not old and seen == request_of([bad]) else observe(self, seen),
            )
            receipt = await rig.send(bad)
            assert receipt.rejected_items == 0
            with pytest.raises(ValueError, match="broken"):
                await task
            assert await kept(rig) == {1}

    run(scenario())


def test_a_cancelled_replacement_leaves_the_old_rules() -> None:
    """And the next one begins as if it had not been."""

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            await rig.send(span(numbered(1), status=2))
            await fill(rig)
            task = await midway(rig, waiting(ALL))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await rig.pipeline.replace_sampling(waiting(ERRORS))
            assert await kept(rig) == {1}

    run(scenario())


def _fail(*_: object) -> Any:
    raise ValueError("broken")
