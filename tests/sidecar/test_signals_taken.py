"""`exporters.*.signals`: what becomes of telemetry that no exporter is sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from processors.otlp.signal import Request, Signal
from processors.sampling.section import SamplingSection
from processors.transform import Transformed
from sidecar.batch import Refused
from sidecar.intake import Admitted
from sidecar.storage.queues import DAMAGED, NOT_TAKEN
from sidecar.transform.transformer import Job
from tests.processors.sampling.build import log, logs
from tests.sidecar.test_pipeline import POLICY, InProcess, Rig, chat, run, spans_of

TRACES_ONLY = (Signal.TRACES,)


async def send(rig: Rig, signal: Signal, request: Request) -> None:
    await rig.pipeline.accept(Admitted(signal, request.SerializeToString(), request, 1))


def rejected(rig: Rig, signal: str) -> float:
    return rig.total("rejected_total", signal=signal, reason="no_exporter")


@pytest.mark.parametrize("takes", [TRACES_ONLY, [Signal.METRICS]], ids=["traces", "metrics"])
def test_log_records_are_transformed_where_spans_are_sent(takes: Sequence[Signal]) -> None:
    """What they say of a call is hashed on its span; they themselves go nowhere."""
    jobs: list[Signal] = []

    class Seeing(InProcess):
        async def run(self, job: Job) -> Transformed:
            jobs.append(job.signal)
            return await super().run(job)

    async def scenario() -> None:
        rig = Rig(takes=takes, transformer=Seeing())
        async with rig:
            await send(rig, Signal.LOGS, logs(log()))
            await rig.pass_time(1)
            assert await rig.deliver() == []
            assert rejected(rig, "logs") == 1

    run(scenario())
    assert jobs == ([Signal.LOGS] if takes is TRACES_ONLY else [])


def test_what_no_exporter_is_sent_is_accepted_counted_and_not_kept() -> None:
    """Metrics, and log records where no spans are sent: neither read again nor written down; the client is told nothing."""

    async def scenario() -> None:
        async with Rig(takes=[]) as rig:
            metrics = ExportMetricsServiceRequest()
            metrics.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
            plain = log()
            plain.ClearField("attributes")
            await send(rig, Signal.METRICS, metrics)
            await send(rig, Signal.LOGS, logs(plain))
            assert rig.journal.used_bytes == 0
            assert [rejected(rig, signal) for signal in ("metrics", "logs")] == [1, 1]
            await rig.pass_time(1)
            assert await rig.deliver() == []
            assert rig.total("waiting") == 0

    run(scenario())


@pytest.mark.parametrize("follow", [False, True], ids=["pass", "follow_trace"])
def test_a_score_in_a_log_record_counts_although_no_exporter_is_sent_logs(follow: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """The trace is kept for it; the record itself goes nowhere."""
    sampling = SamplingSection.model_validate(POLICY["sampling"] | ({"logs": "follow_trace"} if follow else {}))  # type: ignore[operator]  # a mapping

    async def scenario() -> None:
        async with Rig(sampling, takes=TRACES_ONLY) as rig:
            low, fine = chat(2), chat(2)
            await rig.send(*low, *fine)
            await send(rig, Signal.LOGS, logs(log(low[0].trace_id, gen_ai__evaluation__score__value=0.1)))
            await rig.pass_time(12)
            batches = await rig.deliver()
            assert [batch.signal for batch in batches] == [Signal.TRACES]
            assert {span.trace_id for span in spans_of(batches)} == {low[0].trace_id}
            assert rejected(rig, "logs") == 1
            await rig.pass_time(70)
            assert rig.journal.used_bytes == 0

    run(scenario())


def test_traces_that_no_exporter_is_sent_are_decided_all_the_same() -> None:
    """What is dropped counts as sampled out; what is kept is not transformed, and counts as rejected."""

    async def scenario() -> None:
        async with Rig(takes=[Signal.LOGS]) as rig:
            await rig.send(*chat(1, error=True), *chat(2))
            await rig.pass_time(12)
            assert await rig.deliver() == []
            assert rig.total("sampled_out_total", signal="traces") == 2
            assert rejected(rig, "traces") == 2

    run(scenario())


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([NOT_TAKEN], "no_exporter"),
        ([NOT_TAKEN, DAMAGED], "unreadable"),
        ([NOT_TAKEN, Refused("UNIMPLEMENTED")], "refused_by_backend"),
    ],
    ids=["nobody", "damaged", "refused"],
)
def test_what_was_kept_for_an_exporter_that_takes_it_no_longer(outcomes: list[Refused], reason: str) -> None:
    """After a change of `signals`: the reason is that of those who were asked, if there are any."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(1, error=True))
            await rig.pass_time(12)
            (batch,) = await rig.deliver(DAMAGED)
            before = rig.total("rejected_total", reason=reason)
            rig.pipeline.on_done(batch, {str(number): outcome for number, outcome in enumerate(outcomes)})
            assert rig.total("rejected_total", reason=reason) == before + 2

    run(scenario())
