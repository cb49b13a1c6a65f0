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
 3. `waiting_spans` is the number of spans in WAITING traces, `waiting_logs` that of the log records that follow them;
    every other one that came in was handed out in a `Round` as kept, or counted in one as dropped.
 4. Deadlines come from the caller's monotonic clock. A root moves a deadline earlier, never later; more spans move it
    later only where `Waits.idle_s` is set, and never beyond `Waits.maximum_s`.
 5. The ledger decides nothing: it asks the decider, with the facts of the whole trace so far.
 6. Every decision is in exactly one `Round.decided`: what is written down from there, and the records that were not
    handed out, restore the ledger after a restart (`restore_decision`, then `restore`, then `review`).
 7. A decision is made by the rules in force, on facts that were gathered under them. Others take their place in one
    step, however many traces wait: `prepare_rules`, then `replace_rules` (`new_rules.py`).

Pure: no clock, no I/O. Time is seconds of any monotonic clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from processors.genai.links import is_session_link
from processors.genai.score_report import ScoreReport
from processors.processor import Stamp
from processors.sampling.deadlines import Deadlines
from processors.sampling.decide import NO_POLICY_MATCHED, Decision
from processors.sampling.entry import Entry, State
from processors.sampling.facts import TraceFacts
from processors.sampling.late_window import LateWindow
from processors.sampling.new_rules import NewRules
from processors.sampling.remembered import Remembered
from processors.sampling.round import Round
from processors.sampling.score_index import ScoreIndex
from processors.sampling.waits import Waits

Decide = Callable[[bytes, TraceFacts, float | None], Decision]
"""At what time; None where a trace is looked at again."""


_FORGET_BATCH: Final = 2_000


class TraceLedger:
    """`decide` is asked once per trace at its deadline, and again for what comes late to a dropped trace."""

    def __init__(self, decide: Decide, waits: Waits) -> None:
        self._decide = decide
        self._waits = waits
        self._remembered = Remembered(waits.sampled_cache, waits.non_sampled_cache)
        self._entries: dict[bytes, Entry] = {}
        self._deadlines = Deadlines()
        self._decided = LateWindow()
        self._index = ScoreIndex()
        self._to_review: set[bytes] = set()
        self._rules = 0
        """So many others were in force before."""
        self._new: NewRules | None = None
        self._prepared: dict[bytes, TraceFacts] = {}
        """What traces are to the rules in force, until the next touch of their entries."""
        self.waiting_spans = 0
        self.waiting_logs = 0
        self.waiting_traces = 0

    def __len__(self) -> int:
        return len(self._entries)

    def state(self, trace_id: bytes) -> State | None:
        entry = self._entries.get(trace_id)
        return entry.state if entry else None

    def add(
        self,
        ref: int | None,
        facts: Mapping[bytes, TraceFacts],
        now: float,
        new: Mapping[bytes, TraceFacts] | None = None,
    ) -> Round:
        """Takes in what one record says of its traces; `ref` is None for facts that no record holds. `new`: what the
        rules that are prepared see in it.

        The caller must not use the `TraceFacts` again: the ledger owns them from here on.
        """
        round_ = Round()
        for trace_id, seen in facts.items():
            self._add(trace_id, seen, ref, now, round_)
        if new and self._new is not None:
            self._new.arrived(ref, new)
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
        expires = arrived + self._waits.late_window_s + self._waits.longest_s
        round_.settled.update(self._index.hold(report.link, report.score, ref, expires))
        return round_

    def due(self, now: float, limit: int | None = None, *, early: bool = False) -> Round:
        """Decides every trace whose deadline has come, at most `limit` of them, and forgets what is too old.

        `early`: also those whose deadline has not come, the next ones first, to make room.
        """
        round_ = Round()
        deadlines = self._deadlines
        left = -1 if limit is None else limit
        while left != 0:
            crowded = early or 0 < self._waits.waiting_traces < self.waiting_traces
            due = deadlines.next(math.inf if crowded else now)
            if due is None:
                break
            deadline, trace_id = due
            entry = self._entries.get(trace_id)
            # What moved a deadline earlier put it in the queue once more; what moved it later left it there.
            if entry is None or entry.state is not State.WAITING:
                continue
            if entry.deadline > deadline and not crowded:
                deadlines.add(entry.deadline, trace_id)
                continue
            self._settle_decision(trace_id, entry, now, round_)
            left -= 1
        self._forget(now, round_)
        round_.settled.update(self._index.expire(now))
        return round_

    def decide_all(self, now: float) -> Round:
        """Decides everything that waits, whatever its deadline: for shutdown."""
        round_ = Round()
        for trace_id, entry in self._entries.items():
            if entry.state is State.WAITING:
                self._settle_decision(trace_id, entry, now, round_)
        self._deadlines.clear()
        return round_

    def forget_dropped(self, count: int) -> Round:
        """Gives up the late window of the `count` oldest decided traces, to make room. Never touches WAITING."""
        round_ = Round()
        for _ in range(count):
            trace_id = self._decided.next(math.inf)
            if trace_id is None:
                break
            self._forget_one(trace_id, round_)
        return round_

    # ── new rules ──────────────────────────────────────────────────────────────────────────────────────────

    def prepare_rules(self) -> NewRules:
        """Begins to gather what waiting traces are to other rules. What was prepared before is thrown away."""
        self._new = NewRules(self._deadlines.traces(), self._waiting_refs)
        return self._new

    def observed_anew(self, trace_id: bytes, seen: TraceFacts) -> None:
        """What the prepared rules see of a waiting trace in one of the records that they asked for.

        Scores and links belong to no rules: the trace has them at once.
        """
        assert self._new is not None  # noqa: S101  # see `prepare_rules`
        entry = self._entries[trace_id]
        entry.facts.add_scores(seen.scores)
        if seen.links:
            entry.facts.add_links(seen.links)
            for held in self._index.add(trace_id, entry.facts.links or ()):
                entry.facts.add_scores((held.score,))
                if held.ref is not None:
                    entry.add_part(held.ref, 0, 0)
        self._new.read_again(trace_id, seen)

    def give_up_rules(self) -> None:
        """What was prepared is thrown away; the rules in force stay."""
        self._new = None

    def replace_rules(self, decide: Decide, waits: Waits) -> None:
        """The prepared rules are in force from here on. Deadlines already set stay.

        Dropped traces can no longer be reversed by what they showed before `prepare_rules`, but for scores, only by
        what came since: `review` looks at those for which something did.
        """
        assert self._new is not None  # noqa: S101  # see `prepare_rules`
        self._prepared, self._to_review = self._new.facts, self._to_review | self._new.late
        self._new = None
        self._rules += 1
        self._decide = decide
        self._waits = waits
        self._remembered.resize(waits.sampled_cache, waits.non_sampled_cache)

    def _waiting_refs(self, trace_id: bytes) -> list[int]:
        """The records with spans of the trace, if it waits."""
        entry = self._entries.get(trace_id)
        if entry is None or entry.state is not State.WAITING:
            return []
        return [ref for ref, spans, _ in entry.parts() if spans]

    def _facts(self, trace_id: bytes, entry: Entry) -> TraceFacts:
        """What the trace is to the rules in force."""
        if entry.rules != self._rules:
            entry.rules = self._rules
            facts = self._prepared.pop(trace_id, None) or TraceFacts()
            # All that any rules saw of these is there.
            facts.scores, facts.links = entry.facts.scores, entry.facts.links
            entry.facts = facts
        return entry.facts

    def _add(self, trace_id: bytes, new: TraceFacts, ref: int | None, now: float, round_: Round) -> None:
        entry = self._entries.get(trace_id)
        if entry is None:
            entry = self._recalled(trace_id, now, round_)
        if entry is None:
            self._open(trace_id, new, ref, now)
        elif entry.state is State.WAITING:
            self._facts(trace_id, entry).merge(new)
            self.waiting_spans += new.span_count
            self.waiting_logs += new.log_count
            if ref is not None:
                entry.add_part(ref, new.span_count, new.log_count)
            if new.span_count:
                self._move_deadline(trace_id, entry, now)
        else:
            self._late(trace_id, entry, new, ref, round_)
        if new.links:
            for held in self._index.add(trace_id, self._entries[trace_id].facts.links or ()):
                self._add(trace_id, TraceFacts(scores=[held.score]), held.ref, now, round_)

    def _open(self, trace_id: bytes, facts: TraceFacts, ref: int | None, now: float) -> None:
        deadline = self._waits.first_deadline(facts, now)
        entry = self._entries[trace_id] = Entry(facts, State.WAITING, deadline, now, self._rules)
        if ref is not None:
            entry.add_part(ref, facts.span_count, facts.log_count)
        self._deadlines.add(deadline, trace_id)
        self.waiting_spans += facts.span_count
        self.waiting_logs += facts.log_count
        self.waiting_traces += 1

    def _move_deadline(self, trace_id: bytes, entry: Entry, now: float) -> None:
        moved = self._waits.next_deadline(entry.facts, entry.opened, entry.deadline, now)
        if moved < entry.deadline:
            self._deadlines.add(moved, trace_id)
        entry.deadline = moved

    def _recalled(self, trace_id: bytes, now: float, round_: Round) -> Entry | None:
        """A trace that was decided and forgotten, as far as the decision is remembered: without its data."""
        known = self._remembered.recall(trace_id)
        if known is None:
            return None
        policy, stamp = known
        state = State.DROPPED if stamp is None else State.KEPT
        entry = self._entries[trace_id] = Entry(TraceFacts(), state, 0.0, 0.0, self._rules)
        entry.policy, entry.stamp = policy, stamp
        self._decided.add(now + self._waits.late_window_s, trace_id)
        entry.rest()
        round_.write_down(trace_id, policy, stamp)
        return entry

    def _settle_decision(self, trace_id: bytes, entry: Entry, now: float, round_: Round) -> None:
        facts = self._facts(trace_id, entry)
        decision = self._decide(trace_id, facts, now)
        if self._new is not None:
            self._new.decided(trace_id)
        spans, logs = entry.items()
        self.waiting_spans -= spans
        self.waiting_logs -= logs
        self.waiting_traces -= 1
        self._decided.add(now + self._waits.late_window_s, trace_id)
        entry.policy = decision.policy
        for name in decision.errors:
            round_.policy_errors[name] += 1
        if decision.kept:
            entry.state = State.KEPT
            entry.stamp = decision.stamp()
            round_.write_down(trace_id, decision.policy, entry.stamp)
            would = round_.dropped_traces if decision.would == "dropped" else round_.kept_traces
            would[decision.policy] += 1
            round_.keep_all(entry.hand_out(), trace_id, entry.stamp)
        else:
            entry.state = State.DROPPED
            round_.write_down(trace_id, decision.policy, None)
            round_.dropped_traces[decision.policy] += 1
            round_.drop(decision.policy, spans, logs)
        entry.rest()

    def _late(self, trace_id: bytes, entry: Entry, new: TraceFacts, ref: int | None, round_: Round) -> None:
        if ref is not None:
            entry.add_part(ref, new.span_count, new.log_count)
        if self._new is not None:
            self._new.late.add(trace_id)
        if entry.state is State.KEPT:
            assert entry.stamp is not None  # noqa: S101  # every KEPT entry has one
            if entry.stamp.would == "dropped":
                self._change_mind(trace_id, entry, new, round_)
            elif new.links:
                self._facts(trace_id, entry).add_links(new.links)
            round_.keep_all(entry.hand_out(), trace_id, entry.stamp)
            entry.rest()
            return
        self._facts(trace_id, entry).merge(new)
        if self._reverse(trace_id, entry, round_):
            round_.recovered_spans -= new.span_count
            round_.recovered_logs -= new.log_count
        else:
            round_.drop(entry.policy, new.span_count, new.log_count)
        entry.rest()

    def _reverse(self, trace_id: bytes, entry: Entry, round_: Round) -> bool:
        """Keeps a DROPPED trace after all, if a rule says so now. All that it has counts as recovered."""
        decision = self._decide(trace_id, self._facts(trace_id, entry), None)
        for name in decision.errors:
            round_.policy_errors[name] += 1
        if not (decision.kept and decision.by_rule):
            return False
        entry.state = State.KEPT
        entry.stamp = decision.stamp(late=True)
        if entry.policy != NO_POLICY_MATCHED:
            # Chance had kept some like it, which count for this one, too: whatever it said now would be too much.
            entry.stamp = replace(entry.stamp, threshold=None)
        entry.policy = decision.policy
        spans, logs = entry.items()
        round_.recovered_spans += spans
        round_.recovered_logs += logs
        round_.kept_traces[decision.policy] += 1
        round_.write_down(trace_id, decision.policy, entry.stamp)
        round_.keep_all(entry.hand_out(), trace_id, entry.stamp)
        return True

    def _change_mind(self, trace_id: bytes, entry: Entry, new: TraceFacts, round_: Round) -> None:
        """In a dry run: what comes late would have reversed the decision. The spans before it are gone, marked dropped."""
        facts = self._facts(trace_id, entry)
        facts.merge(new)
        decision = self._decide(trace_id, facts, None)
        if decision.would == "kept" and decision.by_rule:
            entry.stamp = decision.stamp(late=True)
            entry.policy = decision.policy
            round_.kept_traces[decision.policy] += 1
            round_.write_down(trace_id, decision.policy, entry.stamp)

    # ── after a restart ────────────────────────────────────────────────────────────────────────────────────

    def restore_decision(self, trace_id: bytes, policy: str, stamp: Stamp | None, expires: float) -> None:
        """A decision that was made before, to be called in the order in which they were made."""
        entry = self._entries.get(trace_id)
        if entry is None:
            entry = self._entries[trace_id] = Entry(TraceFacts(), State.DROPPED, 0.0, 0.0, self._rules)
            self._decided.add(expires, trace_id)
        entry.policy, entry.stamp = policy, stamp
        entry.state = State.DROPPED if stamp is None else State.KEPT
        entry.rest()

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
            entry.add_part(ref, facts.span_count, facts.log_count)
        if entry.state is State.KEPT:
            assert entry.stamp is not None  # noqa: S101  # every KEPT entry has one
            if facts.links:
                self._facts(trace_id, entry).add_links(facts.links)
            round_.keep_all(entry.hand_out(), trace_id, entry.stamp)
            entry.rest()
            return State.KEPT
        self._facts(trace_id, entry).merge(facts)
        if entry.state is State.WAITING:
            self.waiting_spans += facts.span_count
            self.waiting_logs += facts.log_count
            entry.opened = min(entry.opened, arrived)
            moved = self._waits.restored_deadline(facts, entry.opened, entry.deadline, arrived)
            if moved < entry.deadline:
                self._deadlines.add(moved, trace_id)
            entry.deadline = moved
            return State.WAITING
        if after_decision:
            self._to_review.add(trace_id)
        entry.rest()
        return State.DROPPED

    @property
    def in_doubt(self) -> int:
        """Traces that `review` has not looked at."""
        return len(self._to_review)

    def review(self, limit: int | None = None) -> Round:
        """Reverses what `restore` or `replace_rules` left in doubt, of at most `limit` traces. To be called after the
        last `restore`.
        """
        round_ = Round()
        for _ in range(self.in_doubt if limit is None else min(limit, self.in_doubt)):
            trace_id = self._to_review.pop()
            entry = self._entries.get(trace_id)
            if entry is not None and entry.state is State.DROPPED:
                self._reverse(trace_id, entry, round_)
        return round_

    def _forget(self, now: float, round_: Round) -> None:
        for _ in range(_FORGET_BATCH):
            trace_id = self._decided.next(now)
            if trace_id is None:
                return
            self._forget_one(trace_id, round_)

    def _forget_one(self, trace_id: bytes, round_: Round) -> None:
        entry = self._entries.pop(trace_id)
        self._prepared.pop(trace_id, None)
        if self._new is not None:
            self._new.forgotten(trace_id)
        for ref, _, _ in entry.parts():
            round_.settled[ref] += 1
        self._remembered.put(trace_id, entry.policy, entry.stamp)
        if entry.links:
            self._index.forget(trace_id, entry.links)
