"""The pipeline over real stores on disk, ended without a word and started again. Time is moved by hand."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Final, Self

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

import processors
from processors.genai.matcher import MATCHER
from processors.genai.score_report import parse_reports
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.policy import Policy, PolicyKeys
from processors.sampling.section import SamplingSection
from processors.transform import Transformed, transform
from sidecar.batch import Batch, Delivered, Outcome
from sidecar.intake import Admitted
from sidecar.metrics import Metrics
from sidecar.pipeline import Pipeline
from sidecar.storage.config import StorageConfig
from sidecar.storage.stores import open_stores
from sidecar.transform.transformer import Job
from tests.support.backend import attributes
from tests.support.chats import chat_trace, request_of, set_attribute
from tests.support.clock import FakeClock
from tests.support.sidecar_process import Samples, imbalance, total

WAIT_S, LATE_S = 10.0, 100.0
POLICY = Policy.model_validate(
    {
        "version": 1,
        "pii": {"enabled": False},
        "sampling": {
            "decision_wait": "10s",
            "decision_wait_after_root_received": "10s",
            "late_window": "100s",
            "policies": [
                {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
                {"name": "low-score", "type": "score", "score": {"below": 0.5}},
                {"name": "vip", "type": "string_attribute", "string_attribute": {"key": "tier", "values": ["vip"]}},
            ],
        },
    }
)


_WRITTEN_WITHIN_MS: Final = 5000
"""Longer where the disk is busy than any test waits for nothing."""


class InProcess:
    """The transform without its worker process; `held` keeps it from finishing."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()

    async def run(self, job: Job) -> Transformed:
        await self.free.wait()
        chain = processors.build(POLICY, PolicyKeys())
        return transform(job.signal, job.payloads, job.stamps, chain, ContentDropper(MATCHER))


class Life:
    """One process: leaving it ends it as SIGKILL would, as far as its stores can tell."""

    def __init__(self, directory: Path, clock: FakeClock, sampling: SamplingSection = POLICY.sampling) -> None:
        self.clock = clock
        self.metrics = Metrics()
        self.events: Counter[str] = Counter()
        self.stores = open_stores(
            StorageConfig(directory=directory),
            {"a": 10_000_000},
            on_done=self._done,
            on_event=lambda store, event: self.events.update([f"{store}: {event}"]),
            clock=clock,
        )
        self.transformer = InProcess()
        self.pipeline = Pipeline(
            sampling,
            journal=self.stores.journal,
            outbox=self.stores.outbox,
            transformer=self.transformer,  # type: ignore[arg-type]  # the same shape, without a process
            metrics=self.metrics,
            clock=clock,
        )
        self.tasks: list[asyncio.Task[Any]] = []

    def _done(self, batch: Batch, outcomes: Mapping[str, Outcome]) -> None:
        self.pipeline.on_done(batch, outcomes)

    async def __aenter__(self) -> Self:
        for signal, items in self.stores.outbox.waiting_items.items():
            self.metrics.replayed(signal, items)
        self.pipeline.load_decisions()
        for work in (self.pipeline.run_decisions(), self.pipeline.run_transforms()):
            self.tasks.append(asyncio.get_running_loop().create_task(work))
        await self.pass_time(0)
        return self

    async def __aexit__(self, *args: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.stores.close()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        for _ in range(50):
            await asyncio.sleep(0.001)  # the outbox writes in a thread of its own
        for _ in range(_WRITTEN_WITHIN_MS):
            if not self._writes():
                break
            await asyncio.sleep(0.001)
        for signal in ("traces", "logs"):
            assert imbalance(self.samples(), signal) == 0

    def _writes(self) -> bool:
        """Whether something is on its way into the outbox that nothing holds up."""
        return (
            self.transformer.free.is_set()
            and self.stores.outbox.has_room()
            and self.total("waiting", stage="transform") > 0
        )

    async def send(self, *spans: Span) -> None:
        request = request_of(list(spans))
        await self.pipeline.accept(Admitted(Signal.TRACES, request.SerializeToString(), request, len(spans)))

    async def send_log(self, request: ExportLogsServiceRequest) -> None:
        await self.pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, 1))

    async def score(self, body: str) -> int:
        return await self.pipeline.accept_scores(body.encode(), parse_reports(body.encode()))

    async def delivered(self) -> list[Span]:
        queue = self.stores.outbox.queue("a")
        spans: list[Span] = []
        while queue.waiting_batches:
            batch = await queue.next()
            queue.settle(batch, Delivered())
            if batch.signal is Signal.TRACES:
                for group in ExportTraceServiceRequest.FromString(batch.payload).resource_spans:
                    spans += [span for scope in group.scope_spans for span in scope.spans]
        return spans

    def settled(self, batch: Batch) -> None:
        self.stores.outbox.queue("a").settle(batch, Delivered())

    def samples(self) -> Samples:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(generate_latest(self.metrics.registry).decode())
            for sample in family.samples
        }

    def total(self, name: str, **labels: str) -> float:
        return total(self.samples(), f"genai_sidecar_{name}", **labels)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 60))


def chat(seed: int, **kind: Any) -> list[Span]:
    return chat_trace(random.Random(seed), planted=False, **kind)


def low_score_of(trace_id: bytes) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(event_name="gen_ai.evaluation.result")
    record.trace_id = trace_id
    record.attributes.add(key="gen_ai.evaluation.name").value.string_value = "helpfulness"
    record.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.1
    return request


def ids(spans: list[Span]) -> list[bytes]:
    return sorted(span.span_id for span in spans)


def test_an_undecided_trace_is_decided_after_the_restart(tmp_path: Path) -> None:
    """At the deadline it had: the time the process was away counts."""

    async def scenario() -> None:
        clock = FakeClock()
        spans = chat(1, error=True)
        async with Life(tmp_path, clock) as life:
            await life.send(spans[0])
            await life.send(spans[1])
            await life.pass_time(4)
        async with Life(tmp_path, clock) as life:
            assert life.total("replayed_total", signal="traces") == 2
            await life.pass_time(5)
            assert not await life.delivered()
            await life.pass_time(2)
            assert ids(await life.delivered()) == ids(spans)
        async with Life(tmp_path, clock) as life:
            await life.pass_time(20)
            assert not await life.delivered()

    run(scenario())


def test_an_error_after_decisions_that_were_forgotten_under_pressure_survives(tmp_path: Path) -> None:
    """A trace was dropped and forgotten, twice, long before its late window was over; then its error came."""

    async def scenario() -> None:
        clock = FakeClock()
        root, call = chat(1)
        failed = chat(1)[1]
        failed.status.code = failed.status.STATUS_CODE_ERROR
        failed.span_id = b"failed!!"
        async with Life(tmp_path, clock) as life:
            for span in (root, call):
                await life.send(span)
                await life.pass_time(12)
                life.pipeline._take(life.pipeline._ledger.forget_dropped(10))
            await life.send(failed)
            await life.pass_time(0)
        async with Life(tmp_path, clock) as life:
            await life.pass_time(12)
            assert failed.span_id in ids(await life.delivered())

    run(scenario())


def test_a_kept_trace_that_was_not_transformed_keeps_its_decision(tmp_path: Path) -> None:
    """The stamp is that of the first decision, although a better reason came before the process ended."""

    async def scenario() -> None:
        clock = FakeClock()
        root, call = chat(1)
        set_attribute(root, "tier", "vip")
        async with Life(tmp_path, clock) as life:
            life.transformer.free.clear()
            await life.send(root, call)
            await life.pass_time(11)
            assert life.total("traces_kept_total", policy="vip") == 1
        async with Life(tmp_path, clock) as life:
            await life.send_log(low_score_of(root.trace_id))
            await life.pass_time(1)
            spans = await life.delivered()
            assert ids(spans) == ids([root, call])
            assert {attributes(span)["genai_sidecar.sampling.policy"] for span in spans} == {"vip"}

    run(scenario())


def test_what_is_in_the_outbox_is_not_transformed_again(tmp_path: Path) -> None:
    """It waits for its exporter, once; a late span of it follows with the same stamp."""

    async def scenario() -> None:
        clock = FakeClock()
        root, call = chat(1, error=True)
        late = Span()
        late.CopyFrom(call)
        late.span_id = b"lateones"
        async with Life(tmp_path, clock) as life:
            await life.send(root, call)
            await life.pass_time(11)
        async with Life(tmp_path, clock) as life:
            assert life.total("waiting", stage="outbox", signal="traces") == 2
            await life.send(late)
            await life.pass_time(1)
            spans = await life.delivered()
            assert ids(spans) == ids([root, call, late])
            assert len({(attributes(span)["genai_sidecar.sampling.policy"], span.trace_state) for span in spans}) == 1
        async with Life(tmp_path, clock) as life:
            await life.pass_time(20)
            assert not await life.delivered()

    run(scenario())


@pytest.mark.parametrize("by", ["log", "trace_id", "response_id", "session_id", "error"])
@pytest.mark.parametrize("restarts", [0, 1, 2])
def test_a_dropped_trace_is_saved_late(tmp_path: Path, by: str, restarts: int) -> None:
    """By whatever says that it was bad, also after restarts: whole, once, and marked late."""

    async def scenario() -> None:
        clock = FakeClock()
        root, call = chat(1)
        set_attribute(call, "gen_ai.response.id", "resp-77")
        set_attribute(root, "session.id", "chat-5")
        trace_id = root.trace_id
        sent = [root, call]
        life = await Life(tmp_path, clock).__aenter__()
        await life.send(root)
        await life.send(call)
        await life.pass_time(20)
        assert life.total("sampled_out_total") == 2
        for _ in range(restarts):
            await life.__aexit__()
            life = await Life(tmp_path, clock).__aenter__()
            await life.pass_time(5)
        match by:
            case "log":
                await life.send_log(low_score_of(trace_id))
            case "error":
                error = chat(1, error=True)[1]
                error.span_id = b"bad-span"
                sent.append(error)
                await life.send(error)
            case _:
                named = {"trace_id": trace_id.hex(), "response_id": "resp-77", "session_id": "chat-5"}[by]
                assert await life.score(f'{{"{by}": "{named}", "name": "helpfulness", "value": 0.2}}') == 1
        await life.pass_time(1)
        spans = await life.delivered()
        assert ids(spans) == ids(sent)
        assert all(attributes(span)["genai_sidecar.sampling.late"] for span in spans)
        assert life.total("recovered_total") == 2
        await life.pass_time(1)
        await life.__aexit__()
        async with Life(tmp_path, clock) as after:
            await after.pass_time(20)
            assert not await after.delivered()

    run(scenario())


def test_a_late_score_whose_reversal_was_not_transformed_survives(tmp_path: Path) -> None:
    """The process ends between the score's acknowledgement and the outbox."""

    async def scenario() -> None:
        clock = FakeClock()
        spans = chat(1)
        async with Life(tmp_path, clock) as life:
            await life.send(*spans)
            await life.pass_time(20)
            life.transformer.free.clear()
            await life.score(f'{{"trace_id": "{spans[0].trace_id.hex()}", "name": "n", "label": "fail"}}')
        async with Life(tmp_path, clock) as life:
            await life.pass_time(1)
            assert ids(await life.delivered()) == ids(spans)

    run(scenario())


def test_a_score_is_held_until_the_decision_it_led_to_is_on_disk(tmp_path: Path) -> None:
    """Its record may be alone in its segment, which would go with it."""

    async def scenario() -> None:
        clock = FakeClock()
        spans = chat(1)
        async with Life(tmp_path, clock) as life:
            await life.send(*spans)
            await life.pass_time(80)  # the score's record gets a segment of its own
            life.transformer.free.clear()
            await life.score(f'{{"trace_id": "{spans[0].trace_id.hex()}", "name": "n", "value": 0}}')
            life.stores.journal.tick(clock.unix_nano() + 61 * 10**9)
            killed = tmp_path.with_name("killed")
            shutil.copytree(tmp_path, killed)  # as SIGKILL leaves it: nothing has been written down yet
        async with Life(killed, clock) as life:
            await life.pass_time(1)
            assert ids(await life.delivered()) == ids(spans)

    run(scenario())


def test_a_score_that_came_early_survives_a_restart(tmp_path: Path) -> None:
    """Its trace's spans come after the restart, and after the log record itself was delivered."""

    async def scenario() -> None:
        clock = FakeClock()
        root, call = chat(1)
        other = chat(2)[0]
        set_attribute(other, "gen_ai.response.id", "resp-9")
        async with Life(tmp_path, clock) as life:
            await life.send_log(low_score_of(root.trace_id))
            await life.score('{"response_id": "resp-9", "name": "n", "value": 0}')
            await life.pass_time(1)
            await life.delivered()
        async with Life(tmp_path, clock) as life:
            await life.send(root, call, other)
            await life.pass_time(12)
            assert ids(await life.delivered()) == ids([root, call, other])

    run(scenario())


def test_logs_are_delivered_once(tmp_path: Path) -> None:
    """A log record that was not transformed is; one that was is not again."""

    async def scenario() -> None:
        clock = FakeClock()
        async with Life(tmp_path, clock) as life:
            await life.send_log(low_score_of(b"a" * 16))
            await life.pass_time(1)
            life.transformer.free.clear()
            await life.send_log(low_score_of(b"b" * 16))
            await life.pass_time(1)
        async with Life(tmp_path, clock) as life:
            await life.pass_time(1)
            queue = life.stores.outbox.queue("a")
            found = b"".join([(await queue.next()).payload for _ in range(queue.waiting_batches)])
            assert found.count(b"a" * 16) == 1
            assert found.count(b"b" * 16) == 1

    run(scenario())


def test_after_the_late_window_the_directory_is_empty_again(tmp_path: Path) -> None:
    """Segments go; decisions and done marks are forgotten with them."""

    async def scenario() -> None:
        clock = FakeClock()
        async with Life(tmp_path, clock) as life:
            for seed in range(20):
                await life.send(*chat(seed, error=seed % 5 == 0))
            await life.pass_time(20)
            await life.delivered()
            await life.pass_time(LATE_S + 70)
            # One segment stays, without a record: its number keeps the next ones growing.
            assert life.stores.journal.used_bytes < 1000
            assert life.stores.journal.oldest is None
            await life.pass_time(61)
        async with Life(tmp_path, clock) as life:
            assert not list(life.stores.outbox.decisions())
            assert not life.stores.outbox.done(0, 1 << 62)

    run(scenario())
