"""What came of one call of the trace ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from processors.processor import Stamp
from processors.sampling.entry import Part


@dataclass(slots=True)
class Kept:
    """What to read back from one record: spans, or log records."""

    stamps: dict[bytes, Stamp] = field(default_factory=dict)
    spans: int = 0
    logs: int = 0


@dataclass(slots=True)
class Round:
    """What came of one call: what to read back, what was dropped, which records need their pairs no longer."""

    kept: dict[int, Kept] = field(default_factory=dict)
    """By record."""
    dropped_spans: Counter[str] = field(default_factory=Counter)
    """Spans sampled out, by the policy that said no."""
    dropped_logs: Counter[str] = field(default_factory=Counter)
    recovered_spans: int = 0
    """Spans that an earlier round counted as dropped and this one keeps."""
    recovered_logs: int = 0
    settled: Counter[int] = field(default_factory=Counter)
    """Pairs, by record, that are done with although they were not kept."""
    kept_traces: Counter[str] = field(default_factory=Counter)
    """Traces decided, by the policy that kept them."""
    dropped_traces: Counter[str] = field(default_factory=Counter)
    policy_errors: Counter[str] = field(default_factory=Counter)
    """Policies that failed, by name; what they could not decide was kept."""
    decided: dict[tuple[str, Stamp | None], dict[bytes, int | None]] = field(default_factory=dict)
    """Every decision made, by (policy, stamp): trace ids, and the randomness that belongs into each one's stamp. In the
    key's stamp there is none, so that many traces share it; without a stamp they were dropped."""

    @property
    def traces(self) -> int:
        """Decided in it."""
        return sum(map(len, self.decided.values()))

    def write_down(self, trace_id: bytes, policy: str, stamp: Stamp | None) -> None:
        """To be called for every decision."""
        randomness = None
        if stamp is not None and stamp.randomness is not None:
            stamp, randomness = replace(stamp, randomness=None), stamp.randomness
        alike = self.decided.get((policy, stamp))
        if alike is None:
            self.decided[policy, stamp] = {trace_id: randomness}
        else:
            alike[trace_id] = randomness

    def drop(self, policy: str, spans: int, logs: int) -> None:
        """Counts what is sampled out."""
        if spans:
            self.dropped_spans[policy] += spans
        if logs:
            self.dropped_logs[policy] += logs

    def keep(self, ref: int, trace_id: bytes, stamp: Stamp, spans: int, logs: int = 0) -> None:
        """Hands out what one record has of the trace."""
        kept = self.kept.get(ref)
        if kept is None:
            kept = self.kept[ref] = Kept()
        kept.stamps[trace_id] = stamp
        kept.spans += spans
        kept.logs += logs

    def keep_all(self, parts: Iterable[Part], trace_id: bytes, stamp: Stamp) -> None:
        """Hands out all parts of the trace; a part without spans and logs brought scores, and is settled."""
        for ref, spans, logs in parts:
            if spans or logs:
                self.keep(ref, trace_id, stamp, spans, logs)
            else:
                self.settled[ref] += 1
