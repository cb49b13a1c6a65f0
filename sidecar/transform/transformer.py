"""Keeps a worker at hand and gets every job answered, whatever the worker does.

What happens to a job
    a worker answers                                          → its batches
    the worker dies, hangs or fails, many payloads            → each payload alone, so that one costs only itself
    … one payload, twice                                      → once more with all free text removed, no detection
    … that, too                                               → rejected, reason `transform_failed`
A job never goes out as it came in.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from processors.otlp import shallow
from processors.otlp.signal import Signal
from processors.processor import Report, Stamps
from processors.transform import Transformed
from sidecar.clock import Clock
from sidecar.transform import wire
from sidecar.transform.worker_process import WorkerDied, WorkerProcess, WorkerSetup

_log = logging.getLogger(__name__)

JOB_TIMEOUT_S: Final = 60.0
RECYCLE_ABOVE_MIB: Final = 240
"""A worker that holds more is replaced, once it has done enough jobs to be worth its start …"""
WORTH_A_START_JOBS: Final = 32
RECYCLE_AT_ONCE_ABOVE_MIB: Final = 1024
"""… and one that holds this much, whatever it has done: one large job may need much, and gives it back late."""
_RESTART_DELAYS_S: Final = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Job:
    signal: Signal
    payloads: tuple[bytes, ...]
    stamps: Stamps


class JobFailed(Exception):  # noqa: N818  # named for what happened
    """The worker lives, but could not do the job."""


class Transformer:
    """`run` is meant for one caller at a time; `replace` may be called while a job runs."""

    def __init__(
        self,
        setup: WorkerSetup,
        clock: Clock,
        *,
        job_timeout_s: float = JOB_TIMEOUT_S,
        command: Sequence[str] | None = None,
        on_restart: Callable[[str], None] | None = None,
    ) -> None:
        self._setup = setup
        self._clock = clock
        self._job_timeout_s = job_timeout_s
        self._command = command
        self._on_restart = on_restart or _ignore
        self._worker: WorkerProcess | None = None
        self._failed_starts = 0
        self._jobs_done = 0
        """By the worker at hand."""
        self._busy = asyncio.Lock()

    async def start(self) -> None:
        """Has a worker ready; `run` does the same if this was not called, or not finished."""
        async with self._busy:
            await self._ready_worker()

    async def replace(self, setup: WorkerSetup) -> None:
        """From the next job on, a worker with this setup. A job that runs is finished by the old one."""
        async with self._busy:
            old, self._worker, self._setup = self._worker, None, setup
            self._failed_starts = 0
        if old is not None:
            await old.close()

    async def run(self, job: Job) -> Transformed:
        async with self._busy:
            return await self._run(job)

    async def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()

    async def _run(self, job: Job) -> Transformed:
        try:
            return await self._attempt(job, "full")
        except (WorkerDied, JobFailed) as error:
            self._on_restart(str(error))
            _log.warning("Transform of %d payloads failed (%s); each is tried alone.", len(job.payloads), error)
        merged = Transformed([])
        for payload in job.payloads:
            _merge(merged, await self._run_alone(Job(job.signal, (payload,), job.stamps)))
        return merged

    async def _run_alone(self, job: Job) -> Transformed:
        for mode in ("full", "drop"):
            try:
                done = await self._attempt(job, mode)
            except (WorkerDied, JobFailed) as error:
                self._on_restart(str(error))
                continue
            if mode == "drop":
                done.report.scrub_failures["WorkerDied"] += sum(items for _, items in done.batches)
            return done
        _log.error("A payload could not be transformed even without its text; its items are rejected.")
        return Transformed([], Report(), Counter(transform_failed=shallow.count_items(job.payloads[0])))

    async def _attempt(self, job: Job, mode: str) -> Transformed:
        worker = await self._ready_worker()
        frame = wire.pack(
            {
                "kind": "job",
                "signal": job.signal.value,
                "mode": mode,
                "stamps": wire.stamps_to_json(job.stamps),
            },
            job.payloads,
        )
        try:
            header, blobs = await worker.ask(frame, self._job_timeout_s)
        except BaseException:
            # Also when cancelled: an answer that nobody read would be taken for the next job's.
            self._worker = None
            await worker.kill()
            raise
        if header["kind"] != "done":
            raise JobFailed(str(header.get("error", "unknown")))
        self._jobs_done += 1
        if self._has_grown(header["rss_mib"]):
            _log.info("The transform worker holds %d MiB and is replaced.", header["rss_mib"])
            self._worker = None
            await worker.close()
        return _read_answer(header, blobs)

    def _has_grown(self, rss_mib: int) -> bool:
        limit_mib = RECYCLE_ABOVE_MIB if self._jobs_done >= WORTH_A_START_JOBS else RECYCLE_AT_ONCE_ABOVE_MIB
        return rss_mib > limit_mib

    async def _ready_worker(self) -> WorkerProcess:
        while self._worker is None:
            await self._clock.sleep(_RESTART_DELAYS_S[min(self._failed_starts, len(_RESTART_DELAYS_S) - 1)])
            try:
                self._worker = await WorkerProcess.start(self._setup, self._command)
                self._failed_starts = self._jobs_done = 0
            except (WorkerDied, OSError) as error:
                self._failed_starts += 1
                self._on_restart("start")
                # Without a traceback: it could hold the setup's keys.
                _log.error(
                    "The transform worker did not start (%s); kept telemetry waits. See its own message above.", error
                )
        return self._worker


def _ignore(reason: str) -> None:
    del reason


def _read_answer(header: dict[str, Any], blobs: list[bytes]) -> Transformed:
    return Transformed(
        list(zip(blobs, header["items"], strict=True)),
        wire.report_from_json(header["report"]),
        Counter(header["rejected"]),
    )


def _merge(into: Transformed, other: Transformed) -> None:
    into.batches += other.batches
    into.rejected += other.rejected
    into.report.add(other.report)
