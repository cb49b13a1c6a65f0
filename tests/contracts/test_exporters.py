"""What every way out promises: OTLP over gRPC, OTLP over HTTP, a file, the terminal."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from processors.otlp.json_codec import decode_json
from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Outcome, Refused, Retry
from sidecar.clock import SystemClock
from sidecar.exporters import Exporter, make_exporter
from sidecar.exporters.config import EXPORTER_CONFIGS, RetryConfig
from sidecar.exporters.delivery import Delivery
from sidecar.storage.memory_outbox import MemoryOutbox
from tests.sidecar.exporters.backends import Answer, Backend, batch_of, grpc_backend, http_backend, partial_success
from tests.sidecar.exporters.queues import Counts
from tests.support.ports import free_ports

WAYS = ["otlp", "otlphttp", "file", "debug"]
ways = pytest.mark.parametrize("way", WAYS)
remote_ways = pytest.mark.parametrize("way", ["otlp", "otlphttp"])
signals = pytest.mark.parametrize("signal", list(Signal))


@dataclass
class Bench:
    exporter: Exporter
    path: Path
    backend: Backend | None

    def there(self, signal: Signal) -> list[Any]:
        """What the destination has of the signal, as requests."""
        if self.backend is not None:
            return [
                signal.request_class.FromString(each.payload) for each in self.backend.received if each.signal is signal
            ]
        lines = self.path.read_bytes().splitlines()
        return [decode_json(signal, line) for line in lines]


def made(way: str, settings: dict[str, Any]) -> Exporter:
    name = f"{way}/contract"
    return make_exporter(name, EXPORTER_CONFIGS[way].model_validate(settings), SystemClock())


@asynccontextmanager
async def exporting(way: str, path: Path, **settings: Any) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        backend = None
        if way == "otlp":
            backend = await stack.enter_async_context(grpc_backend())
            settings = {"endpoint": f"http://127.0.0.1:{backend.port}", **settings}
        elif way == "otlphttp":
            backend = await stack.enter_async_context(http_backend())
            settings = {"endpoint": f"http://127.0.0.1:{backend.port}", **settings}
        elif way == "file":
            settings = {"path": str(path), **settings}
        exporter = made(way, settings)
        await exporter.start()
        try:
            yield Bench(exporter, path, backend)
        finally:
            await exporter.close()


def run(way: str, path: Path, body: Callable[[Bench], Awaitable[None]], **settings: Any) -> None:
    async def inside() -> None:
        async with exporting(way, path, **settings) as it:
            await body(it)

    asyncio.run(asyncio.wait_for(inside(), 30))


@ways
@signals
def test_a_batch_arrives_whole(way: str, signal: Signal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every signal, item for item, and the outcome says so."""
    batch = batch_of(signal, 3)

    async def body(it: Bench) -> None:
        assert await it.exporter.send(batch) == Delivered()
        if way == "debug":
            assert "3 " in capsys.readouterr().err
        else:
            assert it.there(signal) == [signal.request_class.FromString(batch.payload)]

    run(way, tmp_path / "out", body)


@ways
def test_the_name_is_the_one_of_the_configuration(way: str, tmp_path: Path) -> None:
    """It labels metrics and log lines."""

    async def body(it: Bench) -> None:
        assert it.exporter.name == f"{way}/contract"

    run(way, tmp_path / "out", body)


@ways
def test_closing_is_always_safe(way: str, tmp_path: Path) -> None:
    """Before the start, after it, and twice."""
    settings = {"file": {"path": str(tmp_path / "out")}, "debug": {}}.get(way, {"endpoint": "http://127.0.0.1:9"})

    async def scenario() -> None:
        exporter = made(way, settings)
        await exporter.close()
        await exporter.close()
        exporter = made(way, settings)
        await exporter.start()
        await exporter.close()
        await exporter.close()

    asyncio.run(scenario())


@ways
def test_many_at_once(way: str, tmp_path: Path) -> None:
    """Sends side by side do not mix."""

    async def body(it: Bench) -> None:
        outcomes = await asyncio.gather(*(it.exporter.send(batch_of(items=number)) for number in range(1, 21)))
        assert outcomes == [Delivered()] * 20
        if way != "debug":
            found = sorted(len(each.resource_spans[0].scope_spans[0].spans) for each in it.there(Signal.TRACES))
            assert found == list(range(1, 21))

    run(way, tmp_path / "out", body)


@ways
def test_a_payload_that_is_no_request_is_an_outcome(way: str, tmp_path: Path) -> None:
    """One bad batch costs itself: no exception, and the next one passes."""

    async def body(it: Bench) -> None:
        if it.backend is None:
            await it.exporter.send(Batch(1, Signal.TRACES, b"\xff\xff", 1))
        else:
            it.backend.answers.append(Answer(code=grpc.StatusCode.INVALID_ARGUMENT, status=400))
            assert isinstance(await it.exporter.send(Batch(1, Signal.TRACES, b"\xff\xff", 1)), Refused)
        assert await it.exporter.send(batch_of()) == Delivered()

    run(way, tmp_path / "out", body)


@remote_ways
@signals
def test_partial_success_is_delivered_and_never_retried(way: str, signal: Signal, tmp_path: Path) -> None:
    """Through the whole loop: one request, and the rejected items are counted."""
    # The three responses have one shape on the wire.
    body_bytes = partial_success(1, "odd")

    async def body(it: Bench) -> None:
        assert it.backend is not None
        it.backend.always = Answer(body=body_bytes)
        outcomes = await deliver(it.exporter, batch_of(signal, 3))
        assert outcomes == [Delivered(1, "odd")]
        assert len(it.backend.received) == 1

    run(way, tmp_path / "out", body)


@remote_ways
def test_nobody_there_is_an_outcome(way: str, tmp_path: Path) -> None:
    """A closed port and a name that does not exist may both pass."""

    async def scenario() -> None:
        for host in ("127.0.0.1", "backend.invalid"):
            exporter = made(way, {"endpoint": f"http://{host}:{free_ports(1)[0]}", "timeout": "5s"})
            await exporter.start()
            assert isinstance(await exporter.send(batch_of()), Retry)
            await exporter.close()

    asyncio.run(asyncio.wait_for(scenario(), 30))


@remote_ways
def test_an_outage_loses_nothing(way: str, tmp_path: Path) -> None:
    """Two refusals that may pass, then success: delivered once, and the receiver has it once."""

    async def body(it: Bench) -> None:
        assert it.backend is not None
        away = Answer(code=grpc.StatusCode.UNAVAILABLE, status=503)
        it.backend.answers.extend([away, away])
        assert await deliver(it.exporter, batch_of(items=2)) == [Delivered()]
        assert len(it.backend.received) == 3

    run(way, tmp_path / "out", body)


@remote_ways
@pytest.mark.parametrize("other", WAYS)
def test_a_slow_exporter_does_not_hold_up_another(way: str, other: str, tmp_path: Path) -> None:
    """One backend that never answers; the other destination gets everything meanwhile."""

    async def scenario() -> None:
        done: list[Batch] = []
        async with exporting(way, tmp_path / "slow", timeout="20s") as slow, exporting(other, tmp_path / "out") as fast:
            assert slow.backend is not None
            slow.backend.always = Answer(hang=True)
            outbox = MemoryOutbox({"slow": 10**9, "fast": 10**9}, lambda batch, _: done.append(batch))
            loops = [delivery(slow.exporter, outbox.queue("slow")), delivery(fast.exporter, outbox.queue("fast"))]
            running = [asyncio.create_task(loop.run()) for loop in loops]
            await outbox.put([(Signal.TRACES, batch_of(items=number).payload, number) for number in range(1, 31)], ())
            while outbox.queue("fast").waiting_batches:  # noqa: ASYNC110  # the outbox tells when both are done only
                await asyncio.sleep(0.01)
            assert outbox.queue("slow").waiting_batches == 30
            assert not done
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scenario(), 30))


@ways
def test_settings_do_not_show_secrets(way: str, tmp_path: Path) -> None:
    """Neither an exporter nor its configuration prints a header's value."""
    settings: dict[str, Any] = {"file": {"path": str(tmp_path / "out")}, "debug": {}}.get(
        way, {"endpoint": "http://127.0.0.1:9", "headers": {"authorization": "s3cret"}}
    )
    config = EXPORTER_CONFIGS[way].model_validate(settings)
    assert "s3cret" not in f"{config!r} {config.model_dump()} {config.model_dump_json()} {made(way, settings)!r}"


def delivery(exporter: Exporter, queue: Any) -> Delivery:
    retry = RetryConfig.model_validate({"initial_interval": "10ms", "max_interval": "20ms"})
    return Delivery(
        exporter, queue, retry, clock=SystemClock(), random=random.Random(3), consumers=4, max_request_bytes=4 << 20,
        events=Counts(),
    )  # fmt: skip


async def deliver(exporter: Exporter, batch: Batch) -> list[Outcome]:
    """How the batch ends in a loop that tries again every few milliseconds."""
    outcomes: list[Outcome] = []
    outbox = MemoryOutbox({"only": 10**9}, lambda _, ends: outcomes.extend(ends.values()))
    await outbox.put([(batch.signal, batch.payload, batch.items)], ())
    assert await delivery(exporter, outbox.queue("only")).drain(10)
    return outcomes
