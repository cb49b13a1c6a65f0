"""`sampling.logs: follow_trace`: log records wait with the trace they name, and share its fate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from processors.otlp.signal import Signal
from processors.sampling.section import SamplingSection
from sidecar.batch import Batch
from sidecar.intake import Admitted
from sidecar.pipeline import Pipeline
from tests.sidecar import test_pipeline
from tests.sidecar.test_pipeline import Rig, chat, run
from tests.sidecar.test_replay import Life
from tests.support.clock import FakeClock

SAMPLING = SamplingSection.model_validate({**test_pipeline.POLICY["sampling"], "logs": "follow_trace"})  # type: ignore[dict-item]  # a mapping


def logs(*bodies: tuple[str, bytes]) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for body, trace_id in bodies:
        records.add(trace_id=trace_id, event_name="app.step").body.string_value = body
    return request


async def send(pipeline: Pipeline, *bodies: tuple[str, bytes]) -> None:
    request = logs(*bodies)
    await pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, len(bodies)))


def bodies_of(batches: Iterable[Batch]) -> list[str]:
    return sorted(
        record.body.string_value
        for batch in batches if batch.signal is Signal.LOGS
        for group in ExportLogsServiceRequest.FromString(batch.payload).resource_logs
        for scope in group.scope_logs for record in scope.log_records
    )  # fmt: skip


def test_logs_of_kept_traces_leave_with_them_and_those_of_dropped_ones_do_not() -> None:
    """In one request with records that name no trace, which leave at once. All are accounted for."""

    async def scenario() -> None:
        async with Rig(SAMPLING) as rig:
            failed, fine = chat(1, error=True), chat(2)
            await send(
                rig.pipeline,
                ("failed", failed[0].trace_id),
                ("fine", fine[0].trace_id),
                ("none", b""),
                ("zero", bytes(16)),
            )
            await rig.pass_time(1)
            assert bodies_of(await rig.deliver()) == ["none", "zero"]
            assert rig.total("waiting", signal="logs", stage="undecided") == 2
            await rig.send(*failed, *fine)
            await rig.pass_time(12)
            assert bodies_of(await rig.deliver()) == ["failed"]
            await rig.pass_time(0)
            assert rig.total("sampled_out_total", signal="logs", policy="none") == 1
            assert rig.total("exported_total", signal="logs") == 3

    run(scenario())


def test_log_records_are_transformed_before_the_spans_they_speak_of() -> None:
    """Also if they came after them: what they say of a call is hashed on its span."""

    async def scenario() -> None:
        async with Rig(SAMPLING) as rig:
            trace = chat(1, error=True)
            await rig.send(*trace)
            await send(rig.pipeline, ("said", trace[0].trace_id))
            await rig.pass_time(12)
            assert [batch.signal for batch in await rig.deliver()] == [Signal.LOGS, Signal.TRACES]

    run(scenario())


def test_late_logs_follow_the_decision_and_come_back_with_their_trace() -> None:
    """Of a kept trace at once; of a dropped one only when a late error brings it back, whole."""

    async def scenario() -> None:
        async with Rig(SAMPLING) as rig:
            failed, fine = chat(1, error=True), chat(2)
            await rig.send(*failed, fine[0])
            await send(rig.pipeline, ("early", fine[0].trace_id))
            await rig.pass_time(12)
            await rig.deliver()
            await send(rig.pipeline, ("kept", failed[0].trace_id), ("dropped", fine[0].trace_id))
            await rig.pass_time(1)
            assert bodies_of(await rig.deliver()) == ["kept"]
            fine[1].status.code = fine[1].status.STATUS_CODE_ERROR
            await rig.send(fine[1])
            await rig.pass_time(1)
            assert bodies_of(await rig.deliver()) == ["dropped", "early"]
            await rig.pass_time(0)
            assert rig.total("recovered_total", signal="logs") == 2

    run(scenario())


def test_logs_alone_are_decided_too() -> None:
    """Their spans may be in another process: a trace of logs waits no longer than any, and is not held for ever."""

    async def scenario() -> None:
        async with Rig(SAMPLING) as rig:
            await send(rig.pipeline, ("alone", b"a" * 16))
            await rig.pass_time(11)
            assert rig.total("waiting", signal="logs") == 0
            assert rig.total("sampled_out_total", signal="logs") == 1
            await rig.pass_time(100)
            assert rig.journal.used_bytes == 0

    run(scenario())


@pytest.mark.parametrize("transformed", [False, True])
def test_after_a_restart_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, transformed: bool) -> None:  # noqa: FBT001  # a table's column
    """Undecided logs wait again; what had left does not leave again, records without a trace included."""

    async def scenario() -> None:
        clock = FakeClock()
        failed, fine = chat(1, error=True), chat(2)
        first: list[Batch] = []
        async with Life(tmp_path, clock, SAMPLING) as life:
            if not transformed:
                life.transformer.free.clear()
            await send(life.pipeline, ("failed", failed[0].trace_id), ("fine", fine[0].trace_id), ("none", b""))
            await life.pass_time(1)
            first = await taken(life)
            assert bodies_of(first) == (["none"] if transformed else [])
        async with Life(tmp_path, clock, SAMPLING) as life:
            assert life.total("waiting", signal="logs", stage="undecided") == 2
            await life.send(*failed, *fine)
            await life.pass_time(12)
            assert bodies_of([*first, *await taken(life)]) == ["failed", "none"]
        async with Life(tmp_path, clock, SAMPLING) as life:
            await life.pass_time(1)
            assert bodies_of(await taken(life)) == []

    run(scenario())


async def taken(life: Life) -> list[Batch]:
    queue = life.stores.outbox.queue("a")
    batches = []
    while queue.waiting_batches:
        batch = await queue.next()
        life.settled(batch)
        batches.append(batch)
    await life.pass_time(0)
    return batches
