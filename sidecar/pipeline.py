"""The road of a span: guard ▸ observe ▸ journal ▸ acknowledge; then decide ▸ transform ▸ outbox ▸ deliver.

Everything here runs in one event loop. Between two awaits the counters and the stores agree, so that at every
scrape `received + replayed + recovered = exported + sampled_out + rejected + waiting` holds for each signal.

Where an item waits, by stage: `undecided` (ledger), `transform` (backlog, or in the worker), `outbox`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.genai.score_carriers import ReportFields
from processors.genai.score_report import ScoreReport, parse_reports, report_body
from processors.otlp import shallow
from processors.otlp.signal import Signal
from processors.prices.overrides import PriceOverride
from processors.processor import Stamp, Stamps
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import ObservedLogs
from processors.sampling.round import Round
from processors.sampling.section import SamplingSection
from processors.transform import Transformed
from sidecar.batch import Batch, Delivered, Outcome
from sidecar.clock import Clock
from sidecar.drift import DriftEvents
from sidecar.intake import Admitted, Overloaded, Receipt, Source
from sidecar.metrics import Metrics
from sidecar.replay import Replay, Restored
from sidecar.sampling_rules import New, SamplingRules
from sidecar.storage.interfaces import (
    Decided,
    Done,
    Journal,
    Outbox,
    RecordKind,
    StorageBroken,
    StorageFull,
)
from sidecar.storage.queues import DAMAGED, NOT_TAKEN
from sidecar.transform.transformer import Job, Transformer

_log = logging.getLogger(__name__)

TICK_S: Final = 0.1
_STRETCH_S: Final = 0.008
"""What deciding takes before the event loop sees to the receivers again, writing not included."""
_FIRST_STRETCH: Final = 100
_TRACES_AT_A_STRETCH: Final = 250
"""The most, whatever the time they take: writing them down is to take little as well."""
_JOB_BYTES: Final = 512 * 1024
_JOB_RECORDS: Final = 256
_WHOLE_TRACES: Final = 2
"""So many times as large a job may become to take in more of the traces that it has begun."""
_FORGET_STEP: Final = 1_000
_HOUSEKEEPING_TICKS: Final = 10
_MINUTE_NS: Final = 60 * 10**9
_UNSTAMPED: Final = Stamp("")
_NO_EXPORTER: Final = "no_exporter"
_NEVER_REF: Final = 1 << 62
_STORAGE_RETRY_S: Final = 5.0
_NOT_READY_S: Final = 2 * _STORAGE_RETRY_S
"""Readiness comes back when storage has not refused anything for so long."""


@dataclass(slots=True)
class _Work:
    """One record's part that is to be transformed. `stamps` is None for logs and metrics: the whole record."""

    signal: Signal
    ref: int
    stamps: Stamps | None
    items: int

    @property
    def done(self) -> Done:
        return Done(self.ref, None if self.stamps is None else tuple(self.stamps))

    @property
    def holds(self) -> int:
        return 1 if self.stamps is None else len(self.stamps)


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
        prices: Sequence[PriceOverride] = (),
        drift: DriftEvents | None = None,
    ) -> None:
        self._drift = drift
        self._journal = journal
        self._outbox = outbox
        self._transformer = transformer
        self._metrics = metrics
        self._clock = clock
        self._rules = SamplingRules(
            sampling, prices, journal=journal, clock=clock, take=self._take, votes=self._count_votes
        )
        self._ledger = self._rules.ledger
        self._replay = Replay(
            journal, outbox, self._ledger, clock=clock, observer=self._rules.observer, take=self._take_restored
        )
        self._replayed = asyncio.Event()
        self._backlog: deque[_Work] = deque()
        self._backlog_arrived = asyncio.Event()
        self._transforming = dict.fromkeys(Signal, 0)
        self._idle = asyncio.Event()
        self._idle.set()
        self._shutting_down = False
        self._refusing = ("", 0.0)
        self._forgotten = (0, 0)
        self._ended_stage: str | None = None
        metrics.gauge("waiting", "Items that came in and are not done with", ("signal", "stage"), self._waiting)
        metrics.gauge(
            "storage_bytes", "Size of what is held", ("store", "kind"),
            lambda: {
                ("journal", "used"): journal.used_bytes, ("journal", "limit"): journal.max_bytes,
                ("outbox", "used"): outbox.used_bytes,
            },
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
            await self._durable(ref)
        return Receipt(invalid, "spans without a valid trace id and span id" if invalid else "")

    async def accept_scores(self, raw: bytes, reports: Sequence[ScoreReport]) -> int:
        if self._shutting_down:
            raise Overloaded("shutting down")
        known = sum(map(self._ledger.knows, reports))
        await self._durable(self._accept_reports(raw, reports))
        return known

    def _accept_reports(self, raw: bytes, reports: Sequence[ScoreReport]) -> int:
        facts, to_hold = self._ledger.by_trace(reports)
        ref = self._append(RecordKind.SCORES, raw, len(facts) + len(to_hold))
        now = self._clock.monotonic()
        self._take(self._ledger.add(ref, facts, now))
        for report in to_hold:
            self._take(self._ledger.hold_score(report, ref, now))
        return ref

    def _accept_carried(self, reports: Sequence[ReportFields]) -> None:
        """Scores that came in OTLP and are of other traces: from here on as if they had come by themselves.

        First, so that the record of what carried them is the later one, which the client is answered for.
        """
        if reports:
            body = report_body(reports)
            self._accept_reports(body, parse_reports(body))

    def refuse(self, source: Source, reason: str) -> None:
        name = source.value if isinstance(source, Signal) else source
        self._metrics.requests_refused.labels(name, reason).inc()

    async def _durable(self, ref: int) -> None:
        try:
            await self._journal.durable(ref)
        except StorageBroken:
            # It may be kept all the same, and come twice: the client is told to send it again.
            raise self._overloaded("storage cannot be written") from None

    def _overloaded(self, reason: str) -> Overloaded:
        self._refusing = (reason, self._clock.monotonic() + _NOT_READY_S)
        return Overloaded(reason, retry_after_s=_STORAGE_RETRY_S)

    def _accept_traces(self, admitted: Admitted, request: ExportTraceServiceRequest) -> tuple[int | None, int]:
        observed, new = self._rules.traces(request)
        if not observed.facts:
            return None, observed.rejected
        self._accept_carried(observed.reports)
        raw = admitted.raw
        if observed.rejected:
            raw, _ = shallow.filter_items(raw, shallow.has_valid_ids)
        ref = self._append(RecordKind.TRACES, raw, len(observed.facts))
        self._take(self._ledger.add(ref, observed.facts, self._clock.monotonic(), new))
        return ref, observed.rejected

    def _accept_others(self, admitted: Admitted) -> int | None:
        scores: dict[bytes, TraceFacts] = {}
        new: New = {}
        if isinstance(admitted.request, ExportLogsServiceRequest):
            seen, new = self._rules.logs(admitted.request)
            self._accept_carried(seen.reports)
            if seen.follow and seen.facts:
                return self._accept_trace_logs(admitted.raw, seen, new)
            scores = seen.facts
        if not scores and not self._is_wanted(admitted.signal):
            self._metrics.rejected(admitted.signal, _NO_EXPORTER, admitted.items)
            return None
        ref = self._append(RecordKind(admitted.signal.value), admitted.raw, 1 + len(scores))
        if scores:
            self._take(self._ledger.add(ref, scores, self._clock.monotonic(), new))
        self._enqueue(_Work(admitted.signal, ref, None, admitted.items))
        return ref

    def _accept_trace_logs(self, raw: bytes, seen: ObservedLogs, new: New) -> int:
        ref = self._append(RecordKind.TRACE_LOGS, raw, len(seen.facts) + bool(seen.unlinked))
        self._take(self._ledger.add(ref, seen.facts, self._clock.monotonic(), new))
        self._enqueue_unlinked(ref, seen.unlinked)
        return ref

    def _enqueue_unlinked(self, ref: int, logs: int) -> None:
        """Log records that name no trace wait for none."""
        if logs:
            self._enqueue(_Work(Signal.LOGS, ref, {shallow.NO_TRACE: _UNSTAMPED}, logs))

    def _append(self, kind: RecordKind, raw: bytes, holds: int) -> int:
        """Makes room in the order that loses least: dropped traces first, then early decisions, then a refusal.

        What takes longer than a stretch goes on with the next request, and this one is refused.
        """
        is_last, began = False, self._clock.monotonic()
        while True:
            try:
                # Read anew: after an early decision the record must not look as if it had arrived before it.
                return self._journal.append(kind, raw, holds, self._clock.unix_nano())
            except StorageBroken:
                raise self._overloaded("storage cannot be written") from None
            except StorageFull:
                # Half of a ledger must not decide: what is still to be replayed could be the error.
                if is_last or not self._replayed.is_set():
                    raise self._overloaded("storage is full") from None
            now = self._clock.monotonic()
            is_last = now - began > _STRETCH_S
            traces = len(self._ledger)
            self._take(self._ledger.forget_dropped(_FORGET_STEP))
            if len(self._ledger) == traces:
                self._take(early := self._ledger.due(now, _TRACES_AT_A_STRETCH, early=True))
                is_last = is_last or not early.decided

    # ── decide ─────────────────────────────────────────────────────────────────────────────────────────────

    async def run_decisions(self) -> None:
        """Replays what was left, then decides until cancelled."""
        await self._replay.run()
        self._take(self._ledger.review())
        self._replayed.set()
        for tick in itertools.count():
            await self._decide_due()
            if tick % _HOUSEKEEPING_TICKS == 0:
                self._keep_house()
            await self._clock.sleep(TICK_S)

    async def _decide_due(self) -> None:
        """All that is due, in stretches that grow as long as the time they take allows."""
        limit = _FIRST_STRETCH
        while True:
            async with self._rules.turn:
                began = self._clock.monotonic()
                round_ = self._ledger.due(began, limit)
                self._take(round_)
                if not round_.traces:
                    return
                took_s = self._clock.monotonic() - began
                await asyncio.sleep(0)
            if round_.traces < limit:
                return
            within = int(limit * _STRETCH_S / took_s) if took_s else _TRACES_AT_A_STRETCH
            limit = max(_FIRST_STRETCH // 2, min(within, _TRACES_AT_A_STRETCH))

    def _count_votes(self, votes: Mapping[str, int]) -> None:
        for policy, count in votes.items():
            self._metrics.policy_votes.labels(policy).inc(count)

    def _keep_house(self) -> None:
        self._rules.count_votes()
        if self._drift is not None:
            self._drift.save()
        now = self._clock.unix_nano()
        self._journal.tick(now)
        below_ref, before = self._journal.oldest or (_NEVER_REF, now)
        if (below_ref, before // _MINUTE_NS) != self._forgotten:
            self._forgotten = (below_ref, before // _MINUTE_NS)
            self._outbox.forget(below_ref, before)

    def _take(self, round_: Round) -> None:
        """Books a round, and queues what it keeps. No await: the counters move with the stores."""
        metrics = self._metrics
        for signal, dropped in ((Signal.TRACES, round_.dropped_spans), (Signal.LOGS, round_.dropped_logs)):
            for policy, items in dropped.items():
                metrics.sampled_out(signal, policy, items)
        metrics.recovered(Signal.TRACES, round_.recovered_spans)
        metrics.recovered(Signal.LOGS, round_.recovered_logs)
        for counts, family in (
            (round_.kept_traces, metrics.traces_kept),
            (round_.dropped_traces, metrics.traces_dropped),
            (round_.policy_errors, metrics.policy_errors),
        ):
            for policy, count in counts.items():
                family.labels(policy).inc(count)
        if round_.decided:
            self._write_down(round_)
        else:
            self._settle(round_.settled)
        # Log records first: what they say of a call is hashed on its span.
        for ref, kept in sorted(round_.kept.items(), key=lambda item: not item[1].logs):
            signal = Signal.LOGS if kept.logs else Signal.TRACES
            self._enqueue(_Work(signal, ref, kept.stamps, kept.spans + kept.logs))

    def _write_down(self, round_: Round) -> None:
        """A record may have decided what it says by itself: it goes only when the decision is on disk."""
        now = self._clock.unix_nano()
        self._outbox.decide(
            (
                Decided(now, now + self._rules.late_window_ns, policy, stamp, tuple(traces), tuple(traces.values()))
                for (policy, stamp), traces in round_.decided.items()
            ),
            partial(self._settle, round_.settled),
        )

    def _settle(self, holds_by_ref: Mapping[int, int]) -> None:
        for ref, holds in holds_by_ref.items():
            self._journal.settle(ref, holds)

    # ── after a restart ────────────────────────────────────────────────────────────────────────────────────

    def load_decisions(self) -> None:
        """To be called once, before anything is accepted."""
        self._replay.load_decisions()

    def _take_restored(self, ref: int, restored: Restored) -> None:
        for signal, items in restored.items.items():
            self._metrics.replayed(signal, items)
        self._take(restored.round)
        if restored.whole is not None:
            self._enqueue(_Work(restored.whole, ref, None, restored.items[restored.whole]))
        self._enqueue_unlinked(ref, restored.unlinked)

    async def replace_sampling(self, sampling: SamplingSection, prices: Sequence[PriceOverride] = ()) -> bool:
        """A new policy: waiting traces are observed anew from the journal, and decided by it.

        True: it is in force; False: a later one is to be, or the process is about to end. Raises what observing raises.
        """
        await self._replayed.wait()  # what is still to be replayed is observed by one policy
        return await self._rules.replace(sampling, prices)

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
            done = await self._transformer.run(job) if job.payloads else Transformed([])
            if not self._outbox.takes(job.signal):
                wanted = self._is_wanted(job.signal)
                unsent = [items for _, items in done.batches] if wanted else [work.items for work in works]
                done.rejected[_NO_EXPORTER] += sum(unsent)
                done.batches.clear()
            own = self._drift.records(done.report) if self._drift is not None else []
            batches = [(job.signal, payload, items) for payload, items in done.batches]
            sent = [each for each in own if self._outbox.takes(each[0])]
            await self._outbox.put([*batches, *sent], [work.done for work in works])
            for each in own:
                self._metrics.received(each[0], each[2])
                if each not in sent:
                    self._metrics.rejected(each[0], _NO_EXPORTER, each[2])
            self._metrics.transformed(job.signal, done)
            for work in works:
                self._transforming[work.signal] -= work.items
                self._journal.settle(work.ref, work.holds)

    def _is_wanted(self, signal: Signal) -> bool:
        """Whether the transform is to see it. What log records say of a call is hashed on its span: sent or not."""
        return self._outbox.takes(signal) or (signal is Signal.LOGS and self._outbox.takes(Signal.TRACES))

    def _next_job(self) -> tuple[list[_Work], Job]:
        """Reads back as much of one signal as makes a good batch. The content stays in the journal until then.

        What else was kept of its traces comes along: two spans of one call are to be priced beside each other.
        """
        works: list[_Work] = []
        payloads: list[bytes] = []
        stamps: dict[bytes, Stamp] = {}
        size = 0
        signal = self._backlog[0].signal
        while self._backlog and self._backlog[0].signal is signal:
            fill = max(size / _JOB_BYTES, len(works) / _JOB_RECORDS)
            if fill >= _WHOLE_TRACES or (fill >= 1 and stamps.keys().isdisjoint(self._backlog[0].stamps or ())):
                break
            work = self._backlog.popleft()
            works.append(work)
            if not self._is_wanted(signal):
                continue
            raw = self._journal.read(work.ref)
            if raw is None:
                self._metrics.rejected(signal, "unreadable", work.items)
                continue
            if work.stamps is not None:
                select = shallow.select_logs if signal is Signal.LOGS else shallow.select_traces
                raw, selected = select(raw, work.stamps)
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
        asked = [outcome for outcome in outcomes.values() if outcome != NOT_TAKEN]
        unread = all(outcome == DAMAGED for outcome in asked)
        reason = _NO_EXPORTER if not asked else "unreadable" if unread else "refused_by_backend"
        self._metrics.rejected(batch.signal, reason, batch.items - delivered)

    # ── shutdown ───────────────────────────────────────────────────────────────────────────────────────────

    async def drain(self) -> None:
        """Refuses what comes now, decides all that waits, and returns when everything kept is in the outbox."""
        self._shutting_down = True
        await self._replayed.wait()
        self._rules.end()
        self._take(self._ledger.decide_all(self._clock.monotonic()))
        await self._idle.wait()
        if self._drift is not None:
            self._drift.save(now=True)

    def waiting_items(self) -> int:
        return int(sum(self._waiting().values()))

    def not_ready_reason(self) -> str | None:
        """None while data can be accepted and kept; whether the backend takes it does not matter here."""
        if self._shutting_down:
            return "shutting down"
        if (reason := self.not_live_reason()) is not None:
            return reason
        reason, until = self._refusing
        return reason if self._clock.monotonic() < until else None

    def not_live_reason(self) -> str | None:
        """None while everything runs that should."""
        return None if self._ended_stage is None else f"a stage has ended: {self._ended_stage}"

    def stage_ended(self, name: str) -> None:
        """A task that should run for ever has failed: what is kept stays where it is, and readiness says so."""
        self._ended_stage = name

    def _waiting(self) -> Mapping[tuple[str, str], float]:
        waiting: Counter[tuple[str, str]] = Counter()
        waiting[Signal.TRACES.value, "undecided"] = self._ledger.waiting_spans
        waiting[Signal.LOGS.value, "undecided"] = self._ledger.waiting_logs
        for signal in Signal:
            waiting[signal.value, "transform"] = self._transforming[signal]
            waiting[signal.value, "outbox"] = self._outbox.waiting_items[signal]
        return waiting
