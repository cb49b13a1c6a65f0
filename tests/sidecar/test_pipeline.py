"""The stages together, with a clock moved by hand; the processors are the real ones' chain, run in this process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Self

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from processors.genai.matcher import MATCHER
from processors.genai.score_report import parse_reports
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.policy import Policy
from processors.sampling.section import SamplingSection
from processors.sampling.stamp import SamplingStamp
from processors.transform import Transformed, transform
from sidecar.batch import Batch, Delivered, Outcome, Refused
from sidecar.intake import Admitted, Overloaded, Receipt
from sidecar.metrics import Metrics
from sidecar.pipeline import Pipeline
from sidecar.storage.memory_journal import MemoryJournal
from sidecar.storage.memory_outbox import MemoryOutbox
from sidecar.transform.transformer import Job, Transformer
from tests.support.backend import attributes
from tests.support.chats import chat_trace, request_of
from tests.support.clock import FakeClock, settle
from tests.support.sidecar_process import Samples, imbalance, total

POLICY = {
    "version": 1,
    "sampling": {
        "decision_wait": "10s",
        "decision_wait_after_root_received": "2s",
        "late_window": "60s",
        "policies": [
            {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
            {"name": "low-score", "type": "score", "score": {"below": 0.5}},
            {"name": "none", "type": "probabilistic", "probabilistic": {"sampling_percentage": 0}},
        ],
    },
}


class InProcess(Transformer):
    """The same jobs without a process: what the worker does with them has tests of its own."""

    def __init__(self) -> None:
        self.blocked: asyncio.Event | None = None
        self.jobs: list[Job] = []

    async def run(self, job: Job) -> Transformed:
        self.jobs.append(job)
        if self.blocked is not None:
            await self.blocked.wait()
        return transform(job.signal, job.payloads, job.stamps, (SamplingStamp(),), ContentDropper(MATCHER))


class Rig:
    def __init__(
        self, sampling: SamplingSection | None = None, *, journal_bytes: int = 10_000_000, queue_bytes: int = 10_000_000,
        takes: Sequence[Signal] = tuple(Signal), transformer: InProcess | None = None,
    ) -> None:  # fmt: skip
        self.clock = FakeClock()
        self.metrics = Metrics()
        self.journal = MemoryJournal(journal_bytes)
        self.outbox = MemoryOutbox({"a": queue_bytes}, self._done, {"a": takes})
        self.transformer = transformer or InProcess()
        self.pipeline = Pipeline(
            sampling or Policy.model_validate(POLICY).sampling,
            journal=self.journal,
            outbox=self.outbox,
            transformer=self.transformer,
            metrics=self.metrics,
            clock=self.clock,
        )
        self.tasks: list[asyncio.Task[Any]] = []

    def _done(self, batch: Batch, outcomes: Mapping[str, Outcome]) -> None:
        self.pipeline.on_done(batch, outcomes)

    async def __aenter__(self) -> Self:
        for work in (self.pipeline.run_decisions(), self.pipeline.run_transforms()):
            self.tasks.append(asyncio.get_running_loop().create_task(work))
        return self

    async def __aexit__(self, *args: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def send(self, *spans: Span) -> Receipt:
        request = request_of(list(spans))
        return await self.pipeline.accept(Admitted(Signal.TRACES, request.SerializeToString(), request, len(spans)))

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await settle()
        assert imbalance(self.samples(), "traces") == 0
        assert imbalance(self.samples(), "logs") == 0

    def samples(self) -> Samples:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(generate_latest(self.metrics.registry).decode())
            for sample in family.samples
        }

    def total(self, name: str, **labels: str) -> float:
        return total(self.samples(), f"genai_sidecar_{name}", **labels)

    async def deliver(self, outcome: Delivered | Refused | None = None) -> list[Batch]:
        """Everything that waits in the outbox, settled."""
        queue = self.outbox.queue("a")
        batches = []
        while queue.waiting_batches:
            batch = await queue.next()
            queue.settle(batch, outcome or Delivered())
            batches.append(batch)
        return batches


def spans_of(batches: list[Batch]) -> list[Span]:
    return [
        span for batch in batches for group in ExportTraceServiceRequest.FromString(batch.payload).resource_spans
        for scope in group.scope_spans for span in scope.spans
    ]  # fmt: skip


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def chat(seed: int, **kind: Any) -> list[Span]:
    return chat_trace(random.Random(seed), **kind)


def test_an_error_in_one_request_keeps_the_spans_of_another() -> None:
    """A trace is decided as a whole, however it was split over requests."""

    async def scenario() -> None:
        async with Rig() as rig:
            root, call = chat(1, error=True)
            await rig.send(root)
            await rig.send(call)
            await rig.pass_time(12)
            spans = spans_of(await rig.deliver())
            assert {span.span_id for span in spans} == {root.span_id, call.span_id}
            assert {attributes(span)["genai_sidecar.sampling.policy"] for span in spans} == {"errors"}
            await rig.pass_time(0)
            assert rig.total("exported_total", signal="traces") == 2

    run(scenario())


def test_only_the_kept_traces_of_a_request_leave() -> None:
    """Its other spans are sampled out, and counted by the policy that said no."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(1, error=True), *chat(2), *chat(3, score=0.1), *chat(4, score=0.9))
            await rig.pass_time(12)
            assert len(spans_of(await rig.deliver())) == 4
            assert rig.total("sampled_out_total", policy="none") == 4
            assert rig.total("traces_kept_total") == 2

    run(scenario())


def test_what_is_kept_of_a_trace_is_transformed_together() -> None:
    """However many requests it came in, up to a limit: a call that two spans report is priced once."""

    async def scenario() -> None:
        async with Rig() as rig:
            rig.transformer.blocked = asyncio.Event()
            for seed in range(200):
                for span in chat(seed, error=True)[seed == 0 :]:
                    await rig.send(span)
            await rig.pass_time(12)
            large = chat(1000, error=True)
            for _ in range(200):
                await rig.send(*large)
            await rig.pass_time(12)
            rig.transformer.blocked.set()
            await rig.pass_time(0)
            in_jobs = [trace_id for job in rig.transformer.jobs for trace_id in job.stamps]
            assert len(in_jobs) == len(set(in_jobs)) == 201
            assert max(len(job.payloads) for job in rig.transformer.jobs) > 256
            for _ in range(600):
                await rig.send(*large)
            await rig.pass_time(0)
            assert max(len(job.payloads) for job in rig.transformer.jobs) <= 512

    run(scenario())


def test_spans_without_valid_ids_are_rejected_alone() -> None:
    """Partial success: the neighbours, even in the same trace, go on."""

    async def scenario() -> None:
        async with Rig() as rig:
            root, call = chat(1, error=True)
            no_trace, no_span = Span(name="x", span_id=b"s" * 8), Span(name="y", trace_id=root.trace_id)
            receipt = await rig.send(root, no_trace, call, no_span)
            assert receipt.rejected_items == 2
            await rig.pass_time(12)
            assert len(spans_of(await rig.deliver())) == 2
            assert rig.total("rejected_total", reason="invalid_id") == 2

    run(scenario())


def test_a_low_score_in_a_log_record_keeps_its_trace() -> None:
    """The evaluation result comes as a log record that carries the trace id; the record itself passes, too."""

    async def scenario() -> None:
        async with Rig() as rig:
            trace = chat(2)
            await rig.send(*trace)
            request = ExportLogsServiceRequest()
            record = request.resource_logs.add().scope_logs.add().log_records.add(trace_id=trace[0].trace_id)
            record.event_name = "gen_ai.evaluation.result"
            record.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.1
            await rig.pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, 1))
            await rig.pass_time(12)
            batches = await rig.deliver()
            assert [batch.signal for batch in batches] == [Signal.LOGS, Signal.TRACES]
            assert len(spans_of(batches[1:])) == 2

    run(scenario())


def test_scores_of_other_traces_find_them() -> None:
    """A span with a link to the trace, a log record that names its session, a report that names a span of it."""

    async def scenario() -> None:
        async with Rig() as rig:
            linked, of_session, of_span, other = (chat(seed) for seed in (2, 3, 4, 5))
            of_session[0].attributes.add(key="session.id").value.string_value = "s1"
            await rig.send(*linked, *of_session, *of_span, *other)
            await rig.pass_time(12)
            assert await rig.deliver() == []
            judge = Span(trace_id=b"j" * 16, span_id=b"j" * 8, name="judge", parent_span_id=b"p" * 8)
            judge.attributes.add(key="annotations.0.annotation.score").value.double_value = 0.1
            judge.links.add(trace_id=linked[0].trace_id, span_id=linked[0].span_id)
            await rig.send(judge)
            request = ExportLogsServiceRequest()
            record = request.resource_logs.add().scope_logs.add().log_records.add(event_name="gen_ai.evaluation.result")
            record.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.1
            record.attributes.add(key="session.id").value.string_value = "s1"
            await rig.pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, 1))
            report = b'{"span_id": "%s", "name": "tone", "value": 0.1}' % of_span[1].span_id.hex().encode()
            assert await rig.pipeline.accept_scores(report, parse_reports(report)) == 1
            await rig.pass_time(1)
            kept = {span.trace_id for span in spans_of([b for b in await rig.deliver() if b.signal is Signal.TRACES])}
            assert kept == {linked[0].trace_id, of_session[0].trace_id, of_span[0].trace_id}

    run(scenario())


def test_a_request_of_which_every_item_was_rejected_leaves_nothing_behind() -> None:
    """The guard could read none of its log records: they are counted, and nothing is kept or forwarded."""

    async def scenario() -> None:
        async with Rig() as rig:
            empty = ExportLogsServiceRequest()
            await rig.pipeline.accept(Admitted(Signal.LOGS, b"", empty, 0, 3, "undecodable"))
            await rig.pass_time(1)
            assert rig.journal.used_bytes == 0
            assert rig.total("rejected_total", signal="logs", reason="undecodable") == 3
            assert await rig.deliver() == []

    run(scenario())


def test_a_late_error_brings_the_dropped_trace_back() -> None:
    """Within the late window the whole trace leaves, marked late, and the books still balance."""

    async def scenario() -> None:
        async with Rig() as rig:
            root, call = chat(3)
            await rig.send(root)
            await rig.pass_time(12)
            assert rig.total("sampled_out_total") == 1
            call.status.code = call.status.STATUS_CODE_ERROR
            await rig.send(call)
            await rig.pass_time(1)
            spans = spans_of(await rig.deliver())
            assert len(spans) == 2
            assert all(attributes(span)["genai_sidecar.sampling.late"] for span in spans)
            await rig.pass_time(0)

    run(scenario())


def test_the_journal_is_empty_once_nothing_can_come_late() -> None:
    """What was delivered and what was dropped both give their room back."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(1, error=True), *chat(2))
            await rig.pass_time(12)
            await rig.deliver()
            assert rig.journal.used_bytes > 0
            await rig.pass_time(70)
            assert rig.journal.used_bytes == 0

    run(scenario())


def test_under_pressure_dropped_traces_go_first_then_decisions_come_early_then_new_data_is_refused() -> None:
    """Nothing undecided and no error is lost; the refusal is retryable, and passes once there is room."""

    async def scenario() -> None:
        size = len(request_of(chat(3, error=True)).SerializeToString())
        async with Rig(journal_bytes=size * 4, queue_bytes=1) as rig:
            rig.transformer.blocked = asyncio.Event()
            await rig.send(*chat(1))
            await rig.send(*chat(2))
            await rig.pass_time(12)
            assert rig.total("sampled_out_total") == 4
            for seed in (3, 4, 5, 6):
                await rig.send(*chat(seed, error=True))
                await rig.pass_time(0)
            with pytest.raises(Overloaded):
                await rig.send(*chat(7, error=True))
            await rig.pass_time(0)
            rig.transformer.blocked.set()
            await rig.pass_time(1)
            delivered = spans_of(await rig.deliver())
            await rig.pass_time(1)
            delivered += spans_of(await rig.deliver())
            assert len(delivered) == 8
            await rig.send(*chat(7, error=True))

    run(scenario())


def test_under_pressure_the_rest_waits_on() -> None:
    """Only as many decisions come early as make room, a few hundred at a time, those first that are due first."""

    async def scenario() -> None:
        traces = [chat(seed, planted=False)[1] for seed in range(600)]
        size = sum(len(request_of([span]).SerializeToString()) for span in traces)
        async with Rig(journal_bytes=size) as rig:
            await rig.pass_time(0)
            for span in traces:
                await rig.send(span)
            await rig.send(chat(1000)[1])
            await rig.pass_time(0)
            assert rig.total("sampled_out_total") == 250
            assert rig.total("waiting", stage="undecided") == 351
            late = Span()
            late.CopyFrom(traces[-1])
            late.status.code = late.status.STATUS_CODE_ERROR
            await rig.send(late)
            await rig.pass_time(12)
            assert len(spans_of(await rig.deliver())) == 2, "the last one waited, and so its error kept it whole"
            await rig.pass_time(0)

    run(scenario())


def test_a_full_outbox_holds_the_transform_and_loses_nothing() -> None:
    """While the backend is away, what is kept waits in the journal."""

    async def scenario() -> None:
        async with Rig(queue_bytes=1) as rig:
            await rig.send(*chat(1, error=True))
            await rig.pass_time(12)
            await rig.send(*chat(2, error=True))
            await rig.pass_time(12)
            assert rig.total("waiting", stage="outbox") == 2
            assert rig.total("waiting", stage="transform") == 2
            assert len(spans_of(await rig.deliver())) == 2
            await rig.pass_time(1)
            assert len(spans_of(await rig.deliver())) == 2

    run(scenario())


def test_what_a_backend_refuses_is_rejected_and_counted() -> None:
    """A permanent refusal ends the items' road; the identity says where they went."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(1, error=True))
            await rig.pass_time(12)
            await rig.deliver(Refused("INVALID_ARGUMENT"))
            await rig.pass_time(0)
            assert rig.total("rejected_total", reason="refused_by_backend") == 2

    run(scenario())


def test_draining_decides_what_waits_and_refuses_what_comes() -> None:
    """SIGTERM: a new request is told to try elsewhere, an undecided error goes out."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(1, error=True))
            await rig.pipeline.drain()
            with pytest.raises(Overloaded):
                await rig.send(*chat(2))
            assert len(spans_of(await rig.deliver())) == 2
            assert rig.pipeline.not_ready_reason() == "shutting down"

    run(scenario())


def test_a_stage_that_ended_makes_the_sidecar_unready() -> None:
    """It says which one, so that whoever watches the probe can act."""

    async def scenario() -> None:
        async with Rig() as rig:
            assert rig.pipeline.not_ready_reason() is None
            rig.pipeline.stage_ended("transform")
            assert rig.pipeline.not_ready_reason() == "a stage has ended: transform"

    run(scenario())


def test_a_new_policy_decides_what_waits() -> None:
    """Traces that came under the old policy are observed anew, from the journal."""

    async def scenario() -> None:
        async with Rig() as rig:
            await rig.send(*chat(2))
            changed = {
                "version": 1,
                "sampling": {
                    "policies": [
                        {
                            "name": "by-model",
                            "type": "string_attribute",
                            "string_attribute": {"key": "gen_ai.request.model", "values": ["gpt-4o-mini"]},
                        }
                    ]
                },
            }
            assert await rig.pipeline.replace_sampling(Policy.model_validate(changed).sampling)
            await rig.pass_time(12)
            assert len(spans_of(await rig.deliver())) == 2
            assert rig.total("traces_kept_total", policy="by-model") == 1

    run(scenario())


def test_sampling_switched_off_keeps_everything_at_once() -> None:
    """`sampling: {enabled: false}`."""

    async def scenario() -> None:
        async with Rig() as rig:
            section = Policy.model_validate({"version": 1, "sampling": {"enabled": False}}).sampling
            assert await rig.pipeline.replace_sampling(section)
            await rig.send(*chat(2))
            await rig.pass_time(0.2)
            assert len(spans_of(await rig.deliver())) == 2

    run(scenario())
