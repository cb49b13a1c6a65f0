"""The trace ledger: which traces wait, which are decided, and in which journal records their spans lie.

A trace is in one of three states, and moves only along these arrows:

        first span or score
              │
           WAITING ──deadline──▶ KEPT ──late_window──▶ forgotten
              │                   ▲
              └──deadline──▶ DROPPED ──late_window──▶ forgotten
                                  (a late span or score that satisfies a rule: back to KEPT, marked late)

Invariants
 1. A WAITING trace is never forgotten: only a decision ends its waiting.
 2. Each (record, trace) pair is handed out at most once: in `Round.kept`, or, when its trace is forgotten
    as dropped, in `Round.settled`. The caller may free a record when all its pairs were handed out.
    A record that brought a trace no spans but scores is held until the trace is kept or forgotten, and then settled.
 3. `waiting_spans` is the number of spans in WAITING traces; every other span that came in was handed out
    in a `Round` as kept, or counted in one as dropped.
 4. Deadlines come from the caller's monotonic clock. A root moves a deadline earlier, never later.
 5. The ledger decides nothing: it asks the decider, with the facts of the whole trace so far.
 6. Every decision is in exactly one `Round.decided`: what is written down from there, and the records that were not
    handed out, restore the ledger after a restart (`restore_decision`, then `restore`, then `review`).

Pure: no clock, no I/O. Time is seconds of any monotonic clock.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from processors.genai.links import is_session_link
from processors.genai.score_report import ScoreReport
from processors.processor import Stamp
from processors.sampling.decide import Decision
from processors.sampling.facts import TraceFacts
from processors.sampling.score_index import ScoreIndex

Decide = Callable[[bytes, TraceFacts], Decision]


class State(Enum):
    WAITING = "waiting"
    KEPT = "kept"
    DROPPED = "dropped"


@dataclass(slots=True)
class Kept:
    """Spans to read back from one record."""

    stamps: dict[bytes, Stamp] = field(default_factory=dict)
    spans: int = 0


@dataclass(slots=True)
class Round:
    """What came of one call: what to read back, what was dropped, which records need their pairs no longer."""

    kept: dict[int, Kept] = field(default_factory=dict)
    """By record."""
    dropped_spans: Counter[str] = field(default_factory=Counter)
    """Spans sampled out, by the policy that said no."""
    recovered_spans: int = 0
    """Spans that an earlier round counted as dropped and this one keeps."""
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

    def _decide(self, trace_id: bytes, policy: str, stamp: Stamp | None) -> None:
        randomness = None
        if stamp is not None and stamp.randomness is not None:
            stamp, randomness = replace(stamp, randomness=None), stamp.randomness
        alike = self.decided.get((policy, stamp))
        if alike is None:
            self.decided[policy, stamp] = {trace_id: randomness}
        else:
            alike[trace_id] = randomness

    def keep(self, ref: int, trace_id: bytes, stamp: Stamp, spans: int) -> None:
        """Hands out the trace's spans in one record."""
        kept = self.kept.get(ref)
        if kept is None:
            kept = self.kept[ref] = Kept()
        kept.stamps[trace_id] = stamp
        kept.spans += spans

    def _keep(self, entry: _Entry, trace_id: bytes, stamp: Stamp) -> None:
        for ref, spans in entry.refs:
            if spans:
                self.keep(ref, trace_id, stamp, spans)
            else:
                self.settled[ref] += 1
        entry.refs = []


@dataclass(slots=True)
class _Entry:
    facts: TraceFacts
    state: State
    deadline: float
    refs: list[tuple[int, int]]
    """(record, spans) pairs not yet handed out; no spans: it brought scores."""
    stamp: Stamp | None = None
    policy: str = ""


_FORGET_BATCH: Final = 10_000


class TraceLedger:
    """`decide` is asked once per trace at its deadline, and again for what comes late to a dropped trace."""

    def __init__(
        self, decide: Decide, *, decision_wait_s: float, decision_wait_after_root_s: float, late_window_s: float
    ) -> None:
        self._decide = decide
        self._wait = decision_wait_s
        self._wait_after_root = decision_wait_after_root_s
        self._late_window = late_window_s
        self._entries: dict[bytes, _Entry] = {}
        self._deadlines: list[tuple[float, bytes]] = []
        self._decided: deque[tuple[float, bytes]] = deque()
        self._index = ScoreIndex()
        self._to_review: set[bytes] = set()
        self.waiting_spans = 0
        self.waiting_traces = 0

    def __len__(self) -> int:
        return len(self._entries)

    def state(self, trace_id: bytes) -> State | None:
        entry = self._entries.get(trace_id)
        return entry.state if entry else None

    def add(self, ref: int | None, facts: Mapping[bytes, TraceFacts], now: float) -> Round:
        """Takes in what one record says of its traces; `ref` is None for facts that no record holds.

        The caller must not use the `TraceFacts` again: the ledger owns them from here on.
        """
        round_ = Round()
        for trace_id, new in facts.items():
            self._add(trace_id, new, ref, now, round_)
        return round_

    def by_trace(self, reports: Iterable[ScoreReport]) -> tuple[dict[bytes, TraceFacts], list[ScoreReport]]:
        """What reports say of the traces they mean, and those that are to be held: more traces may show their link."""
        facts: dict[bytes, TraceFacts] = {}
        to_hold: list[ScoreReport] = []
        by_link: dict[int, list[ScoreReport]] = {}
        for report in reports:
            if report.link is not None:
                by_link.setdefault(report.link, []).append(report)
            elif report.trace_id is not None:
                facts.setdefault(report.trace_id, TraceFacts()).add_scores((report.score,))
        for link, of_link in by_link.items():
            traces = self._index.traces(link)
            if not traces or is_session_link(link):
                to_hold += of_link
            condensed = TraceFacts()
            condensed.add_scores([report.score for report in of_link])
            for trace_id in traces:
                facts.setdefault(trace_id, TraceFacts()).add_scores(condensed.scores)
        return facts, to_hold

    def knows(self, report: ScoreReport) -> bool:
        """Whether a trace that it means is here."""
        if report.link is not None:
            return bool(self._index.traces(report.link))
        return report.trace_id in self._entries

    def hold_score(self, report: ScoreReport, ref: int, arrived: float) -> Round:
        """Keeps a score for traces that have not shown its link yet, for as long as a trace may be here undecided or
        dropped: its record must outlast the wait of a trace that got the score last.
        """
        assert report.link is not None  # noqa: S101  # `by_trace` holds no others
        round_ = Round()
        expires = arrived + self._late_window + self._wait
        round_.settled.update(self._index.hold(report.link, report.score, ref, expires))
        return round_

    def due(self, now: float, limit: int | None = None) -> Round:
        """Decides every trace whose deadline has come, at most `limit` of them, and forgets what is too old."""
        round_ = Round()
        deadlines = self._deadlines
        left = -1 if limit is None else limit
        while deadlines and deadlines[0][0] <= now and left != 0:
            deadline, trace_id = heapq.heappop(deadlines)
            entry = self._entries.get(trace_id)
            # An entry whose deadline a root moved is in the heap twice; the later one is stale.
            if entry is not None and entry.state is State.WAITING and entry.deadline == deadline:
                self._settle_decision(trace_id, entry, now, round_)
                left -= 1
        self._forget(now, round_)
        round_.settled.update(self._index.expire(now))
        return round_

    def decide_all(self, now: float) -> Round:
        """Decides everything that waits, whatever its deadline: for shutdown and for pressure."""
        round_ = Round()
        for trace_id, entry in self._entries.items():
            if entry.state is State.WAITING:
                self._settle_decision(trace_id, entry, now, round_)
        self._deadlines.clear()
        return round_

    def forget_dropped(self, count: int) -> Round:
        """Gives up the late window of the `count` oldest decided traces, to make room. Never touches WAITING."""
        round_ = Round()
        for _ in range(min(count, len(self._decided))):
            self._forget_one(self._decided.popleft()[1], round_)
        return round_

    def waiting_refs(self) -> dict[int, set[bytes]]:
        """The records that hold spans of waiting traces, and those traces: for observing them anew."""
        refs: dict[int, set[bytes]] = {}
        for trace_id, entry in self._entries.items():
            if entry.state is State.WAITING:
                for ref in (ref for ref, spans in entry.refs if spans):
                    refs.setdefault(ref, set()).add(trace_id)
        return refs

    def replace_rules(
        self,
        decide: Decide,
        facts: Mapping[bytes, TraceFacts],
        *,
        decision_wait_s: float,
        decision_wait_after_root_s: float,
        late_window_s: float,
    ) -> None:
        """A new policy: `facts` are the waiting traces as it sees them. Deadlines already set stay.

        Facts gathered under the old policy do not fit the new one, so dropped traces can no longer be reversed by
        what they showed before, only by what arrives from here on.
        """
        self._decide = decide
        self._wait = decision_wait_s
        self._wait_after_root = decision_wait_after_root_s
        self._late_window = late_window_s
        for trace_id, entry in self._entries.items():
            if entry.state is State.WAITING:
                new = facts.get(trace_id)
                if new is None:
                    new = TraceFacts()
                # Scores that came as log records are in no record that is read again.
                new.add_scores(entry.facts.scores)
            else:
                new = TraceFacts(scores=entry.facts.scores)
            # The index knows the trace by all that it ever showed, and is told what the new rules see.
            seen, new.links = new.links, None
            new.add_links(entry.facts.links or ())
            new.add_links(seen or ())
            entry.facts = new
            for held in self._index.add(trace_id, new.links or ()):
                new.add_scores((held.score,))
                if held.ref is not None:
                    entry.refs.append((held.ref, 0))

    def _add(self, trace_id: bytes, new: TraceFacts, ref: int | None, now: float, round_: Round) -> None:
        entry = self._entries.get(trace_id)
        if entry is None:
            self._open(trace_id, new, ref, now)
        elif entry.state is State.WAITING:
            had_root = entry.facts.root_received
            entry.facts.merge(new)
            self.waiting_spans += new.span_count
            if ref is not None:
                entry.refs.append((ref, new.span_count))
            if new.root_received and not had_root and now + self._wait_after_root < entry.deadline:
                entry.deadline = now + self._wait_after_root
                heapq.heappush(self._deadlines, (entry.deadline, trace_id))
        else:
            self._late(trace_id, entry, new, ref, round_)
        if new.links:
            for held in self._index.add(trace_id, self._entries[trace_id].facts.links or ()):
                self._add(trace_id, TraceFacts(scores=[held.score]), held.ref, now, round_)

    def _open(self, trace_id: bytes, facts: TraceFacts, ref: int | None, now: float) -> None:
        deadline = now + self._wait_for(facts)
        refs = [] if ref is None else [(ref, facts.span_count)]
        self._entries[trace_id] = _Entry(facts, State.WAITING, deadline, refs)
        heapq.heappush(self._deadlines, (deadline, trace_id))
        self.waiting_spans += facts.span_count
        self.waiting_traces += 1

    def _wait_for(self, facts: TraceFacts) -> float:
        return min(self._wait, self._wait_after_root) if facts.root_received else self._wait

    def _settle_decision(self, trace_id: bytes, entry: _Entry, now: float, round_: Round) -> None:
        decision = self._decide(trace_id, entry.facts)
        spans = sum(spans for _, spans in entry.refs)
        self.waiting_spans -= spans
        self.waiting_traces -= 1
        self._decided.append((now + self._late_window, trace_id))
        entry.policy = decision.policy
        for name in decision.errors:
            round_.policy_errors[name] += 1
        if decision.kept:
            entry.state = State.KEPT
            entry.stamp = decision.stamp()
            round_._decide(trace_id, decision.policy, entry.stamp)  # noqa: SLF001  # Round is this module's own
            round_.kept_traces[decision.policy] += 1
            round_._keep(entry, trace_id, entry.stamp)  # noqa: SLF001  # Round is this module's own
        else:
            entry.state = State.DROPPED
            round_._decide(trace_id, decision.policy, None)  # noqa: SLF001  # see above
            round_.dropped_traces[decision.policy] += 1
            if spans:
                round_.dropped_spans[decision.policy] += spans

    def _late(self, trace_id: bytes, entry: _Entry, new: TraceFacts, ref: int | None, round_: Round) -> None:
        if ref is not None:
            entry.refs.append((ref, new.span_count))
        if entry.state is State.KEPT:
            assert entry.stamp is not None  # noqa: S101  # every KEPT entry has one
            entry.facts.add_links(new.links or ())
            round_._keep(entry, trace_id, entry.stamp)  # noqa: SLF001  # see _settle_decision
            return
        entry.facts.merge(new)
        if self._reverse(trace_id, entry, round_):
            round_.recovered_spans -= new.span_count
        elif new.span_count:
            round_.dropped_spans[entry.policy] += new.span_count

    def _reverse(self, trace_id: bytes, entry: _Entry, round_: Round) -> bool:
        """Keeps a DROPPED trace after all, if a rule says so now. All its spans count as recovered."""
        decision = self._decide(trace_id, entry.facts)
        for name in decision.errors:
            round_.policy_errors[name] += 1
        if not (decision.kept and decision.by_rule):
            return False
        entry.state = State.KEPT
        entry.stamp = decision.stamp(late=True)
        entry.policy = decision.policy
        round_.recovered_spans += sum(spans for _, spans in entry.refs)
        round_.kept_traces[decision.policy] += 1
        round_._decide(trace_id, decision.policy, entry.stamp)  # noqa: SLF001  # see _settle_decision
        round_._keep(entry, trace_id, entry.stamp)  # noqa: SLF001  # see _settle_decision
        return True

    # ── after a restart ────────────────────────────────────────────────────────────────────────────────────

    def restore_decision(self, trace_id: bytes, policy: str, stamp: Stamp | None, expires: float) -> None:
        """A decision that was made before, to be called in the order in which they were made."""
        entry = self._entries.get(trace_id)
        if entry is None:
            entry = self._entries[trace_id] = _Entry(TraceFacts(), State.DROPPED, 0.0, [])
            self._decided.append((expires, trace_id))
        entry.policy, entry.stamp = policy, stamp
        entry.state = State.DROPPED if stamp is None else State.KEPT

    def restore(
        self, trace_id: bytes, ref: int, facts: TraceFacts, arrived: float, round_: Round, *, after_decision: bool
    ) -> State:
        """What a record that was not handed out says of one of its traces; the state the trace is in now.

        `after_decision`: it arrived when the trace had been decided. It may have reversed the decision, had there been
        time to write that down: `review` finds out, when everything is restored.
        """
        state = self._restore(trace_id, ref, facts, arrived, round_, after_decision=after_decision)
        if facts.links:
            for held in self._index.add(trace_id, self._entries[trace_id].facts.links or ()):
                scores = TraceFacts(scores=[held.score])
                self._restore(trace_id, held.ref, scores, arrived, round_, after_decision=True)
        return state

    def _restore(
        self,
        trace_id: bytes,
        ref: int | None,
        facts: TraceFacts,
        arrived: float,
        round_: Round,
        *,
        after_decision: bool,
    ) -> State:
        entry = self._entries.get(trace_id)
        if entry is None:
            self._open(trace_id, facts, ref, arrived)
            return State.WAITING
        if ref is not None:
            entry.refs.append((ref, facts.span_count))
        if entry.state is State.KEPT:
            assert entry.stamp is not None  # noqa: S101  # every KEPT entry has one
            entry.facts.add_links(facts.links or ())
            round_._keep(entry, trace_id, entry.stamp)  # noqa: SLF001  # see _settle_decision
            return State.KEPT
        entry.facts.merge(facts)
        if entry.state is State.WAITING:
            self.waiting_spans += facts.span_count
            deadline = arrived + self._wait_for(facts)
            if deadline < entry.deadline:
                entry.deadline = deadline
                heapq.heappush(self._deadlines, (deadline, trace_id))
        elif after_decision:
            self._to_review.add(trace_id)
        return entry.state

    def review(self) -> Round:
        """Reverses what `restore` left in doubt. To be called once, after the last `restore`."""
        round_ = Round()
        for trace_id in self._to_review:
            entry = self._entries.get(trace_id)
            if entry is not None and entry.state is State.DROPPED:
                self._reverse(trace_id, entry, round_)
        self._to_review.clear()
        return round_

    def _forget(self, now: float, round_: Round) -> None:
        decided = self._decided
        for _ in range(_FORGET_BATCH):
            if not decided or decided[0][0] > now:
                return
            self._forget_one(decided.popleft()[1], round_)

    def _forget_one(self, trace_id: bytes, round_: Round) -> None:
        entry = self._entries.pop(trace_id)
        for ref, _ in entry.refs:
            round_.settled[ref] += 1
        if entry.facts.links:
            self._index.forget(trace_id, entry.facts.links)
