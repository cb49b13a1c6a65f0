from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from processors.otlp.signal import Signal
from processors.policy import Policy
from processors.processor import Report, SystemPrompt
from processors.prompt_drift import LEARNING_S
from processors.prompts import Drift
from processors.transform import Transformed
from sidecar.drift import DriftEvents
from sidecar.metrics import Metrics
from sidecar.pipeline import Pipeline
from sidecar.transform.transformer import Job
from tests.sidecar.test_pipeline import POLICY, InProcess, Rig, chat
from tests.support.clock import FakeClock


class Memory:
    """A file that holds what it is given, or refuses."""

    def __init__(self) -> None:
        self.state: Mapping[str, Any] = {}
        self.saves = 0
        self.broken = False

    def load(self) -> Mapping[str, Any]:
        return self.state

    def save(self, state: Mapping[str, Any]) -> None:
        if self.broken:
            raise OSError
        self.state = state
        self.saves += 1


def report(*forms: str, service: str = "chat") -> Report:
    return Report(system_prompts={SystemPrompt(service, form, f"hash of {form}") for form in forms})


def make(file: Memory | None = None, **section: Any) -> tuple[DriftEvents, FakeClock, Metrics]:
    clock, metrics = FakeClock(), Metrics()
    return DriftEvents(Drift(**section), clock=clock, metrics=metrics, file=file), clock, metrics


def told(metrics: Metrics, result: str) -> float | None:
    return metrics.registry.get_sample_value("genai_sidecar_new_system_prompts_total", {"result": result})


def test_a_new_system_prompt_is_a_log_record() -> None:
    """With the service's name, both hashes, the time, and no content."""
    events, clock, metrics = make()
    assert events.records(report("old")) == []
    asyncio.run(clock.advance(LEARNING_S))
    assert events.records(Report()) == []
    ((signal, payload, items),) = events.records(report("old", "new"))
    assert (signal, items) == (Signal.LOGS, 1)
    (group,) = ExportLogsServiceRequest.FromString(payload).resource_logs
    assert {item.key: item.value.string_value for item in group.resource.attributes} == {"service.name": "chat"}
    (record,) = group.scope_logs[0].log_records
    assert group.scope_logs[0].scope.name == "genai_sidecar"
    assert record.event_name == "genai_sidecar.system_prompt.new"
    assert record.time_unix_nano == clock.unix_nano()
    assert {item.key: item.value.string_value for item in record.attributes} == {
        "genai_sidecar.system_prompt.hash": "hash of new",
        "genai_sidecar.prompt.template.hash": "new",
    }
    assert (told(metrics, "reported"), told(metrics, "withheld")) == (1, 0)


@pytest.mark.parametrize("sent", [True, False])
def test_the_books_balance_with_records_of_its_own(sent: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """The record leaves beside the spans that brought it, as a log that counts as received: where logs are sent."""

    class Seeing(InProcess):
        async def run(self, job: Job) -> Transformed:
            done = await super().run(job)
            done.report.system_prompts |= report(f"prompt {len(seen)}").system_prompts
            seen.append(job)
            return done

    async def scenario() -> None:
        rig = Rig(takes=[Signal.TRACES, Signal.LOGS] if sent else [Signal.TRACES])
        rig.pipeline = Pipeline(
            Policy.model_validate(POLICY).sampling,
            journal=rig.journal,
            outbox=rig.outbox,
            transformer=Seeing(),
            metrics=rig.metrics,
            clock=rig.clock,
            drift=DriftEvents(Drift(), clock=rig.clock, metrics=rig.metrics),
        )
        async with rig:
            await rig.send(*chat(1, error=True))
            await rig.pass_time(LEARNING_S + 20)
            await rig.send(*chat(2, error=True))
            await rig.pass_time(20)
            signals = [batch.signal for batch in await rig.deliver()]
            assert signals == [Signal.TRACES, Signal.TRACES, Signal.LOGS][: 3 if sent else 2]
            await rig.pass_time(1)
            end = ("exported_total", {}) if sent else ("rejected_total", {"reason": "no_exporter"})
            assert rig.total("received_total", signal="logs") == rig.total(end[0], signal="logs", **end[1]) == 1

    seen: list[Job] = []
    asyncio.run(scenario())


def test_what_is_beyond_the_limit_is_counted_alone() -> None:
    """The limit is the running policy's."""
    events, clock, metrics = make(max_per_hour=1)
    events.records(report("old", service=""))
    asyncio.run(clock.advance(LEARNING_S))
    assert len(events.records(report("a", "b", service=""))) == 1
    assert (told(metrics, "reported"), told(metrics, "withheld")) == (1, 1)
    events.replace(Drift(max_per_hour=2))
    assert len(events.records(report("c", "d", service=""))) == 1


def test_what_was_learned_is_written_down_now_and_then() -> None:
    """Every ten seconds at most, when there is something to write, and at the end; the next process knows it."""
    file = Memory()
    events, clock, _ = make(file)
    events.records(report("old"))
    events.save()
    assert file.saves == 0
    asyncio.run(clock.advance(10))
    events.save()
    events.save()
    assert file.saves == 1
    events.records(report("older"))
    events.save(now=True)
    assert file.saves == 2
    again, later, _ = make(file)
    asyncio.run(later.advance(LEARNING_S))
    assert len(again.records(report("old", "older", "new"))) == 1


def test_a_disk_that_says_no_costs_only_the_memory(caplog: pytest.LogCaptureFixture) -> None:
    """It is counted, and tried again."""
    file = Memory()
    file.broken = True
    events, clock, metrics = make(file)
    events.records(report("old"))
    events.save(now=True)
    labels = {"store": "system_prompts", "event": "write_failed"}
    assert metrics.registry.get_sample_value("genai_sidecar_storage_events_total", labels) == 1
    assert "OSError" in caplog.text
    file.broken = False
    asyncio.run(clock.advance(10))
    events.save()
    assert file.saves == 1
