"""How long a trace waits for its decision, and what ends its waiting early. Nothing here loses a span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from processors.sampling.facts import TraceFacts

_NEVER: Final = float("inf")
_A_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Waits:
    """`0` is off for all but the first three."""

    decision_s: float
    """From a trace's first span."""
    after_root_s: float
    """From its root, where that is sooner."""
    late_window_s: float
    """From its decision: how long its data stay."""
    idle_s: float = 0.0
    """From its last span, while its root has not come: it waits on, beyond `decision_s`, until none came for so long."""
    maximum_s: float = _NEVER
    """From its first span, however many keep coming."""
    trace_spans: int = 0
    trace_bytes: int = 0
    """A trace that grows beyond these is decided at once."""
    waiting_traces: int = 0
    """Of more than these, those nearest to their decision are decided at once."""
    sampled_cache: int = 0
    non_sampled_cache: int = 0
    """Decisions remembered beyond the late window, for spans that come later still."""

    @property
    def longest_s(self) -> float:
        """That a trace may wait."""
        return self.decision_s if not self.idle_s else max(self.decision_s, min(self.maximum_s, _A_DAY_S))

    def ended(self, facts: TraceFacts) -> bool:
        """Whether its root has come. Where idleness tells, a parent in another process is no root: more may follow."""
        return facts.root_received or (facts.local_root and not self.idle_s)

    def first_deadline(self, facts: TraceFacts, now: float) -> float:
        if self.too_large(facts):
            return now
        wait = max(self.decision_s, self.idle_s) if self.idle_s else self.decision_s
        wait = min(wait, self.maximum_s)
        return now + (min(wait, self.after_root_s) if self.ended(facts) else wait)

    def next_deadline(self, facts: TraceFacts, opened: float, deadline: float, now: float) -> float:
        """When more of a waiting trace has come."""
        if self.too_large(facts):
            return min(deadline, now)
        if self.ended(facts):
            return min(deadline, now + self.after_root_s)
        if not self.idle_s:
            return deadline
        return min(opened + self.maximum_s, max(opened + self.decision_s, now + self.idle_s))

    def restored_deadline(self, facts: TraceFacts, opened: float, deadline: float, arrived: float) -> float:
        """When a record of before, that says `facts`, is read after newer ones may have come."""
        if not self.idle_s or self.ended(facts):
            return min(deadline, self.first_deadline(facts, arrived))
        return min(opened + self.maximum_s, max(deadline, arrived + self.idle_s))

    def too_large(self, facts: TraceFacts) -> bool:
        return 0 < self.trace_spans < facts.span_count or 0 < self.trace_bytes < facts.span_bytes
