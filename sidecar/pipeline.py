"""The road of a span: guard ▸ observe ▸ journal ▸ acknowledge; then decide ▸ transform ▸ outbox ▸ deliver.

Everything here runs in one event loop. Between two awaits the counters and the stores agree, so that at every
scrape `received + recovered = exported + sampled_out + rejected + waiting` holds for each signal.

Where an item waits, by stage: `undecided` (ledger), `transform` (backlog, or in the worker), `outbox`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp import shallow
from processors.otlp.signal import Signal
from processors.processor import Stamp, Stamps
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.ledger import Round, TraceLedger
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from sidecar.batch import Batch, Delivered, Outcome
from sidecar.clock import Clock
from sidecar.intake import Admitted, Overloaded, Receipt
from sidecar.metrics import Metrics
from sidecar.storage.interfaces import Journal, Outbox, StorageFull
from sidecar.transform.transformer import Job, Transformer

_log = logging.getLogger(__name__)

TICK_S: Final = 0.1
_TRACES_PER_TICK: Final = 5_000
"""Bounds how long one tick holds the event loop."""
_JOB_BYTES: Final = 512 * 1024
_JOB_RECORDS: Final = 256
_FORGET_STEP: Final = 1_000


@dataclass(slots=True)
class _Work:
    """One record's part that is to be transformed. `stamps` is None for logs and metrics: the whole record."""

    signal: Signal
    ref: int
    stamps: Stamps | None
    items: int
    pairs: int


class Pipeline:
    """Takes what receivers admitted (`intake.Intake`), and leaves what may go out in the outbox."""

    def __init__(
        self,
        sampling: SamplingSection,
        *,
        journal: Journal,
        outbox: Outbox,
        transformer: Transformer,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._transformer = transformer
        self._metrics = metrics
        self._clock = clock
        sampling = _effective(sampling)
        self._observer = Observer(sampling)
        self._ledger = TraceLedger(
            Decider(sampling).decide,
            decision_wait_s=sampling.decision_wait,
            decision_wait_after_root_s=sampling.decision_wait_after_root_received,
            late_window_s=sampling.late_window,
        )
        self._backlog: deque[_Work] = deque()
        self._backlog_arrived = asyncio.Event()
        self._transforming = dict.fromkeys(Signal, 0)
        self._idle = asyncio.Event()
        self._idle.set()
        self._shutting_down = False
        self._ended_stage: str | None = None
        metrics.gauge("waiting", "Items that came in and are not done with", ("signal", "stage"), self._waiting)
        metrics.gauge(
            "storage_bytes", "Size of what is held", ("store", "kind"),
            lambda: {("journal", "used"): journal.used_bytes, ("journal", "limit"): journal.max_bytes},
        )  # fmt: skip
        metrics.gauge(
            "traces", "Traces in the ledger", ("state", "kind"),
            lambda: {("waiting", "traces"): self._ledger.waiting_traces, ("all", "traces"): len(self._ledger)},
        )  # fmt: skip

    # ── in ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def accept(self, admitted: Admitted) -> Receipt:
        if self._shutting_down:
            raise Overloaded("shutting down")
        signal = admitted.signal
        if isinstance(admitted.request, ExportTraceServiceRequest):
            ref, invalid = self._accept_traces(admitted, admitted.request)
        elif admitted.items:
            ref, invalid = self._accept_others(admitted), 0
        else:
            ref, invalid = None, 0
        self._metrics.received(signal, admitted.items + admitted.rejected_items)
        self._metrics.rejected(signal, admitted.rejected_reason, admitted.rejected_items)
        self._metrics.rejected(signal, "invalid_id", invalid)
        if ref is not None:
            await self._journal.durable(ref)
        return Receipt(invalid, "spans without a valid trace id and span id" if invalid else "")

    def refuse(self, signal: Signal, reason: str) -> None:
        self._metrics.requests_refused.labels(signal.value, reason).inc()

    def _accept_traces(self, admitted: Admitted, request: ExportTraceServiceRequest) -> tuple[int | None, int]:
        observed = self._observer.traces(request)
        if not observed.facts:
            return None, observed.rejected
        raw = admitted.raw
        if observed.rejected:
            raw, _ = shallow.filter_items(raw, shallow.has_valid_ids)
        ref = self._append(Signal.TRACES, raw, len(observed.facts))
        self._take(self._ledger.add(ref, observed.facts, self._clock.monotonic()))
        return ref, observed.rejected

    def _accept_others(self, admitted: Admitted) -> int:
        ref = self._append(admitted.signal, admitted.raw, 1)
        if isinstance(admitted.request, ExportLogsServiceRequest):
            scores = self._observer.logs(admitted.request)
            if scores:
                self._take(self._ledger.add(None, scores, self._clock.monotonic()))
        self._enqueue(_Work(admitted.signal, ref, None, admitted.items, 1))
        return ref

    def _append(self, signal: Signal, raw: bytes, pairs: int) -> int:
        """Makes room in the order that loses least: dropped traces first, then early decisions, then a refusal."""
        try:
            return self._journal.append(signal, raw, pairs)
        except StorageFull:
            pass
        while self._journal.used_bytes + len(raw) > self._journal.max_bytes:
            freed = self._ledger.forget_dropped(_FORGET_STEP)
            if not freed.settled:
                break
            self._take(freed)
        try:
            return self._journal.append(signal, raw, pairs)
        except StorageFull:
            self._take(self._ledger.decide_all(self._clock.monotonic()))
            self._take(self._ledger.forget_dropped(_FORGET_STEP))
        try:
            return self._journal.append(signal, raw, pairs)
        except StorageFull:
            raise Overloaded("storage is full", retry_after_s=5.0) from None

    # ── decide ─────────────────────────────────────────────────────────────────────────────────────────────

    async def run_decisions(self) -> None:
        """Runs until cancelled."""
        while True:
            await self._clock.sleep(TICK_S)
            self._take(self._ledger.due(self._clock.monotonic(), _TRACES_PER_TICK))

    def _take(self, round_: Round) -> None:
        """Books a round, and queues what it keeps. No await: the counters move with the stores."""
        metrics = self._metrics
        for policy, spans in round_.dropped_spans.items():
            metrics.sampled_out(policy, spans)
        if round_.recovered_spans:
            metrics.recovered(round_.recovered_spans)
        for counts, family in (
            (round_.kept_traces, metrics.traces_kept),
            (round_.dropped_traces, metrics.traces_dropped),
            (round_.policy_errors, metrics.policy_errors),
        ):
            for policy, count in counts.items():
                family.labels(policy).inc(count)
        for ref, pairs in round_.settled.items():
            self._journal.settle(ref, pairs)
        for ref, kept in round_.kept.items():
            self._enqueue(_Work(Signal.TRACES, ref, kept.stamps, kept.spans, len(kept.stamps)))

    def replace_sampling(self, sampling: SamplingSection) -> None:
        """A new policy: waiting traces are observed anew from the journal, and decided by it."""
        sampling = _effective(sampling)
        self._observer = Observer(sampling)
        facts: dict[bytes, TraceFacts] = {}
        for ref, trace_ids in self._ledger.waiting_refs().items():
            raw = self._journal.read(ref)
            if raw is None:
                continue
            for trace_id, seen in self._observer.traces(ExportTraceServiceRequest.FromString(raw)).facts.items():
                if trace_id not in trace_ids:
                    continue
                if trace_id in facts:
                    facts[trace_id].merge(seen)
                else:
                    facts[trace_id] = seen
        self._ledger.replace_rules(
            Decider(sampling).decide,
            facts,
            decision_wait_s=sampling.decision_wait,
            decision_wait_after_root_s=sampling.decision_wait_after_root_received,
            late_window_s=sampling.late_window,
        )

    # ── transform ──────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, work: _Work) -> None:
        self._backlog.append(work)
        self._transforming[work.signal] += work.items
        self._backlog_arrived.set()
        self._idle.clear()

    async def run_transforms(self) -> None:
        """Runs until cancelled."""
        while True:
            if not self._backlog:
                self._idle.set()
                self._backlog_arrived.clear()
                await self._backlog_arrived.wait()
            await self._outbox.wait_for_room()
            works, job = self._next_job()
            if job.payloads:
                done = await self._transformer.run(job)
                self._outbox.put([(job.signal, payload, items) for payload, items in done.batches])
                self._metrics.transformed(job.signal, done)
            for work in works:
                self._transforming[work.signal] -= work.items
                self._journal.settle(work.ref, work.pairs)

    def _next_job(self) -> tuple[list[_Work], Job]:
        """Reads back as much of one signal as makes a good batch. The content stays in the journal until then."""
        works: list[_Work] = []
        payloads: list[bytes] = []
        stamps: dict[bytes, Stamp] = {}
        size = 0
        signal = self._backlog[0].signal
        while self._backlog and size < _JOB_BYTES and len(works) < _JOB_RECORDS:
            if self._backlog[0].signal is not signal:
                break
            work = self._backlog.popleft()
            works.append(work)
            raw = self._journal.read(work.ref)
            if raw is None:
                self._metrics.rejected(signal, "unreadable", work.items)
                continue
            if work.stamps is not None:
                raw, selected = shallow.select_traces(raw, work.stamps)
                self._metrics.rejected(signal, "unreadable", work.items - selected)
                stamps.update(work.stamps)
            payloads.append(raw)
            size += len(raw)
        return works, Job(signal, tuple(payloads), stamps)

    # ── out ────────────────────────────────────────────────────────────────────────────────────────────────

    def on_done(self, batch: Batch, outcomes: Mapping[str, Outcome]) -> None:
        """Every exporter is done with a batch: what the luckiest of them delivered counts as exported."""
        delivered = max(
            (batch.items - outcome.rejected_items for outcome in outcomes.values() if isinstance(outcome, Delivered)),
            default=0,
        )
        delivered = max(delivered, 0)
        self._metrics.exported(batch.signal, delivered)
        self._metrics.rejected(batch.signal, "refused_by_backend", batch.items - delivered)

    # ── shutdown ───────────────────────────────────────────────────────────────────────────────────────────

    async def drain(self) -> None:
        """Refuses what comes now, decides all that waits, and returns when everything kept is in the outbox."""
        self._shutting_down = True
        self._take(self._ledger.decide_all(self._clock.monotonic()))
        await self._idle.wait()

    def waiting_items(self) -> int:
        return int(sum(self._waiting().values()))

    def not_ready_reason(self) -> str | None:
        """None while data can be accepted and kept; whether the backend takes it does not matter here."""
        if self._shutting_down:
            return "shutting down"
        if self._ended_stage is not None:
            return f"a stage has ended: {self._ended_stage}"
        if self._journal.used_bytes >= self._journal.max_bytes:
            return "storage is full"
        return None

    def stage_ended(self, name: str) -> None:
        """A task that should run for ever has failed: what is kept stays where it is, and readiness says so."""
        self._ended_stage = name

    def _waiting(self) -> Mapping[tuple[str, str], float]:
        waiting: Counter[tuple[str, str]] = Counter()
        waiting[Signal.TRACES.value, "undecided"] = self._ledger.waiting_spans
        for signal in Signal:
            waiting[signal.value, "transform"] = self._transforming[signal]
            waiting[signal.value, "outbox"] = self._outbox.waiting_items[signal]
        return waiting


def _effective(sampling: SamplingSection) -> SamplingSection:
    """With `enabled: false` every trace is kept, without a wait."""
    if sampling.enabled:
        return sampling
    return SamplingSection.model_validate(
        {
            "decision_wait": "0",
            "late_window": sampling.late_window and f"{sampling.late_window}s",
            "policies": [{"name": "sampling_disabled", "type": "always_sample"}],
        }
    )
