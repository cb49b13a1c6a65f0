"""Faults of the worker are made with small scripts in its place; the real worker's own tests are in test_worker.py."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.signal import Signal
from processors.processor import Stamp
from processors.transform import Transformed
from sidecar.clock import SystemClock
from sidecar.transform.transformer import WORTH_A_START_JOBS, Job, Transformer
from sidecar.transform.worker_process import WorkerSetup

FAULTY = """
import os, sys, time
from sidecar.transform import wire

def read():
    prefix = sys.stdin.buffer.read(8)
    if len(prefix) < 8:
        sys.exit(0)
    head, body = wire.PREFIX.unpack(prefix)
    return wire.unpack(sys.stdin.buffer.read(head), sys.stdin.buffer.read(body))

def write(header, blobs=()):
    sys.stdout.buffer.write(wire.pack(header, blobs))
    sys.stdout.buffer.flush()

read()
write({"kind": "ready", "pid": os.getpid()})
while True:
    header, payloads = read()
    text = b"".join(payloads)
    if header["mode"] == "full" and b"CRASH" in text or b"ALWAYS" in text:
        os._exit(9)
    if header["mode"] == "full" and b"HANG" in text:
        time.sleep(60)
    if header["mode"] == "full" and b"RAISE" in text:
        write({"kind": "failed", "error": "ValueError"})
        continue
    if b"GARBAGE" in text and header["mode"] == "full":
        sys.stdout.buffer.write(b"hello, world, this is not a frame at all")
        sys.stdout.buffer.flush()
        continue
    out = [p if header["mode"] == "full" else b"dropped" for p in payloads]
    rss_mib = 2000 if b"LEAK" in text else 300 if b"GROWN" in text else 1
    write({"kind": "done", "items": [1] * len(out), "rejected": {}, "rss_mib": rss_mib,
           "report": {"counters": {}, "priced_usd": 0.0, "system_prompts": []}}, out)
"""


def payload(name: str) -> bytes:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, name=name)
    return request.SerializeToString()


def run(tmp_path: Path, *jobs: list[str], timeout_s: float = 20.0) -> tuple[list[Transformed], list[str]]:
    script = tmp_path / "worker.py"
    script.write_text(FAULTY)
    restarts: list[str] = []

    async def scenario() -> list[Transformed]:
        transformer = Transformer(
            WorkerSetup({}),
            SystemClock(),
            job_timeout_s=timeout_s,
            command=(sys.executable, str(script)),
            on_restart=restarts.append,
        )
        try:
            return [
                await transformer.run(
                    Job(Signal.TRACES, tuple(map(payload, names)), {b"t" * 16: Stamp("keep")}),
                )
                for names in jobs
            ]
        finally:
            await transformer.close()

    return asyncio.run(scenario()), restarts


def test_a_crash_costs_only_the_payload_that_causes_it(tmp_path: Path) -> None:
    """The worker dies on one of three payloads: its neighbours come through, it loses its text, and life goes on."""
    (first, second), restarts = run(tmp_path, ["good", "CRASH", "fine"], ["after"])
    assert [batch for batch, _ in first.batches] == [payload("good"), b"dropped", payload("fine")]
    assert first.report.scrub_failures == {"WorkerDied": 1}
    assert [batch for batch, _ in second.batches] == [payload("after")]
    assert len(restarts) == 2


def test_a_payload_that_kills_even_without_text_is_rejected_and_counted(tmp_path: Path) -> None:
    """It never goes out as it came in, and the identity keeps adding up."""
    (done,), _ = run(tmp_path, ["ALWAYS", "good"])
    assert [batch for batch, _ in done.batches] == [payload("good")]
    assert done.rejected == {"transform_failed": 1}


def test_a_hanging_worker_is_ended_in_time(tmp_path: Path) -> None:
    """A time limit per job, then the text goes."""
    (done,), restarts = run(tmp_path, ["HANG"], timeout_s=0.5)
    assert [batch for batch, _ in done.batches] == [b"dropped"]
    assert restarts == ["TimeoutError", "TimeoutError"]


def test_a_job_the_worker_could_not_do_loses_its_text(tmp_path: Path) -> None:
    """A failure that is answered is treated as one that is not."""
    (done,), _ = run(tmp_path, ["RAISE"])
    assert [batch for batch, _ in done.batches] == [b"dropped"]


def test_an_answer_that_is_no_frame_ends_the_worker(tmp_path: Path) -> None:
    """What the worker says is checked before it is believed."""
    (done, after), _ = run(tmp_path, ["GARBAGE"], ["good"])
    assert [batch for batch, _ in done.batches] == [b"dropped"]
    assert [batch for batch, _ in after.batches] == [payload("good")]


def test_a_grown_worker_is_replaced_once_it_has_earned_its_start(tmp_path: Path) -> None:
    """A worker that holds much after its first jobs stays, or every job would wait for a start; later it goes."""
    seen: list[int] = []
    script = tmp_path / "worker.py"
    script.write_text(FAULTY)

    async def scenario() -> None:
        transformer = Transformer(WorkerSetup({}), SystemClock(), command=(sys.executable, str(script)))
        try:
            for _ in range(WORTH_A_START_JOBS + 1):
                await transformer.run(Job(Signal.TRACES, (payload("GROWN"),), {b"t" * 16: Stamp("keep")}))
                seen.append(transformer._worker.pid if transformer._worker else 0)
        finally:
            await transformer.close()

    asyncio.run(scenario())
    assert len(set(seen[: WORTH_A_START_JOBS - 1])) == 1
    assert seen[WORTH_A_START_JOBS - 1] == 0
    assert seen[-1] not in {0, seen[0]}


def test_a_leaking_worker_is_replaced_between_jobs(tmp_path: Path) -> None:
    """Over its memory limit it is asked to go; the job it did counts."""
    (done, after), restarts = run(tmp_path, ["LEAK"], ["good"])
    assert [batch for batch, _ in done.batches] == [payload("LEAK")]
    assert [batch for batch, _ in after.batches] == [payload("good")]
    assert restarts == []
