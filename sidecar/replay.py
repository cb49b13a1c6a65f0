"""After a restart: what earlier processes acknowledged comes back into the ledger and the backlog.

    outbox: decisions ─▶ ledger                       before anything new is accepted
    journal: records  ─▶ observe ─▶ ledger, backlog   while new data comes in; decisions wait for the end of it

What becomes of a record's part in one trace:

    it is in the outbox already (`Done`)      nothing
    the trace was not decided                 waits, with the deadline it had
    it was kept                               to be transformed, with the stamp of then
    it was dropped                            held as before, until `late_window` is over; it is looked at once more
                                              if the part came after the decision, which it may have reversed

A trace id may have been decided more than once, if spans came after the first decision was forgotten: each record
belongs to the first decision that certainly still held when it arrived, or else to the last. Of a decision that others
followed nothing dropped comes back. A late reversal takes the place of what it reverses.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.genai.score_report import ScoreReportError, parse_reports
from processors.otlp import shallow
from processors.otlp.signal import Request, Signal, count_items
from processors.processor import Stamp
from processors.sampling.entry import State
from processors.sampling.facts import TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.observe import Observer
from processors.sampling.round import Round
from sidecar.clock import Clock
from sidecar.storage.interfaces import Done, Journal, Outbox, Record, RecordKind

_log = logging.getLogger(__name__)

_SLICE_S: Final = 0.01
"""Replay gives the event loop back this often."""
_PROGRESS_S: Final = 5.0
_FORGOTTEN_WITHIN_NS: Final = 10**9
"""A decision may be forgotten so much earlier or later than it says."""
_DONE_WINDOW: Final = 1 << 30
"""Done marks are looked up for so many references at a time."""


@dataclass(slots=True)
class Restored:
    """What one record brought back; everything in it is held in the journal."""

    round: Round
    items: Counter[Signal]
    """Items that wait again: undecided, or to be transformed."""
    whole: Signal | None = None
    """The record itself is to be transformed as it is: logs or metrics."""
    unlinked: int = 0
    """Log records in it that name no trace, and wait for none."""


class _Life(NamedTuple):
    """What was decided of one trace, and which of its records that concerns."""

    decided_unix_nano: int
    until_unix_nano: int
    stamp: Stamp | None


class Replay:
    """`take` books what a record brought back, at once."""

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        ledger: TraceLedger,
        *,
        clock: Clock,
        observer: Observer,
        take: Callable[[int, Restored], None],
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self._observer = observer
        self._take = take
        self._lives: dict[bytes, tuple[_Life, ...]] = {}
        self._done: Mapping[int, Sequence[Done]] = {}
        self._done_until = -1
        self._offset_s = clock.monotonic() - clock.unix_nano() / 1e9

    def load_decisions(self) -> None:
        """To be called before anything new is accepted."""
        for decided in self._outbox.decisions():
            expires = decided.until_unix_nano / 1e9 + self._offset_s
            reversal = decided.stamp is not None and decided.stamp.late
            dropped = _Life(decided.decided_unix_nano, decided.until_unix_nano, None)
            for trace_id, stamp in decided.stamps():
                life = dropped if stamp is None else dropped._replace(stamp=stamp)
                lives = self._lives.get(trace_id, ())
                self._lives[trace_id] = (*(lives[:-1] if reversal else lives), life)
                self._ledger.restore_decision(trace_id, decided.policy, stamp, expires)

    async def run(self) -> None:
        """Returns once everything is back; new data may come in meanwhile."""
        started = said = sliced = self._clock.monotonic()
        records = size = 0
        for record in self._journal.replay():
            if record is not None:
                self._restore(record)
                records += 1
                size += len(record.raw)
            now = self._clock.monotonic()
            if now - said > _PROGRESS_S:
                _log.info("Replaying the journal: %d requests so far, %.0f MiB.", records, size / 2**20)
                said = now
            if now - sliced > _SLICE_S:
                await asyncio.sleep(0)
                sliced = self._clock.monotonic()
        self._lives, self._done = {}, {}
        if records:
            _log.info(
                "Replayed %d requests (%.1f MiB) in %.1f s: %d spans wait for their decision.",
                records, size / 2**20, self._clock.monotonic() - started, self._ledger.waiting_spans,
            )  # fmt: skip

    def _restore(self, record: Record) -> None:
        restored = Restored(Round(), Counter())
        done = self._done_of(record.ref)
        match record.kind:
            case RecordKind.TRACES:
                in_outbox = {trace_id for mark in done for trace_id in mark.trace_ids or ()}
                facts = self._observer.traces(ExportTraceServiceRequest.FromString(record.raw)).facts
                self._restore_traces(record, facts, in_outbox, restored)
            case RecordKind.LOGS:
                logs = ExportLogsServiceRequest.FromString(record.raw)
                if not done:
                    self._restore_whole(record, Signal.LOGS, logs, restored)
                self._restore_traces(record, self._observer.logs(logs, follow=False).facts, set(), restored)
            case RecordKind.TRACE_LOGS:
                in_outbox = {trace_id for mark in done for trace_id in mark.trace_ids or ()}
                seen = self._observer.logs(ExportLogsServiceRequest.FromString(record.raw), follow=True)
                self._restore_traces(record, seen.facts, in_outbox, restored)
                if seen.unlinked and shallow.NO_TRACE not in in_outbox:
                    self._journal.hold(record.ref, 1)
                    restored.unlinked = seen.unlinked
                    restored.items[Signal.LOGS] += seen.unlinked
            case RecordKind.METRICS:
                if not done:
                    metrics = ExportMetricsServiceRequest.FromString(record.raw)
                    self._restore_whole(record, Signal.METRICS, metrics, restored)
            case RecordKind.SCORES:
                self._restore_scores(record, restored)
        self._take(record.ref, restored)
        self._journal.settle(record.ref)

    def _restore_traces(
        self, record: Record, facts: Mapping[bytes, TraceFacts], in_outbox: set[bytes], restored: Restored
    ) -> None:
        for trace_id, seen in facts.items():
            if trace_id in in_outbox:
                continue
            lives = self._lives.get(trace_id, ())
            # Under pressure a decision may have been forgotten long before it says: at the latest when another followed.
            while len(lives) > 1 and lives[1].decided_unix_nano <= record.arrived_unix_nano:
                lives = lives[1:]
            held = (life for life in lives if record.arrived_unix_nano <= life.until_unix_nano - _FORGOTTEN_WITHIN_NS)
            life = next(held, lives[-1] if lives else None)
            spans = seen.span_count
            if life is None or life is lives[-1]:
                after = life is not None and record.arrived_unix_nano >= life.decided_unix_nano
                self._journal.hold(record.ref, 1)
                state = self._ledger.restore(
                    trace_id, record.ref, seen, self._monotonic(record), restored.round, after_decision=after
                )
                waits = state is not State.DROPPED
            elif life.stamp is not None and (spans or seen.log_count):
                self._journal.hold(record.ref, 1)
                restored.round.keep(record.ref, trace_id, life.stamp, spans, seen.log_count)
                waits = True
            else:
                waits = False
            if waits:
                restored.items[Signal.TRACES] += spans
                restored.items[Signal.LOGS] += seen.log_count

    def _restore_scores(self, record: Record, restored: Restored) -> None:
        try:
            reports = parse_reports(record.raw)
        except ScoreReportError:  # a version with other limits took it
            _log.warning("A request of scores from before the restart is not valid any more; it is left out.")
            return
        facts, to_hold = self._ledger.by_trace(reports)
        self._restore_traces(record, facts, set(), restored)
        for report in to_hold:
            self._journal.hold(record.ref, 1)
            given_up = self._ledger.hold_score(report, record.ref, self._monotonic(record))
            restored.round.settled.update(given_up.settled)

    def _restore_whole(self, record: Record, signal: Signal, request: Request, restored: Restored) -> None:
        self._journal.hold(record.ref, 1)
        restored.whole = signal
        restored.items[signal] += count_items(request)

    def _monotonic(self, record: Record) -> float:
        """When the record arrived, by this process's monotonic clock: long before zero, as a rule."""
        return min(record.arrived_unix_nano / 1e9 + self._offset_s, self._clock.monotonic())

    def _done_of(self, ref: int) -> Sequence[Done]:
        if ref > self._done_until:
            self._done_until = ref + _DONE_WINDOW
            self._done = self._outbox.done(ref, self._done_until)
        return self._done.get(ref, ())
