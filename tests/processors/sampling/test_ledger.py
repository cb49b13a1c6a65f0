"""The ledger against its invariants, under any order of arrivals, deadlines and pressure."""

from __future__ import annotations

import copy
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from processors.genai.links import response_link, session_link
from processors.genai.score_report import ScoreReport
from processors.genai.scores import Score
from processors.processor import Stamp
from processors.sampling.decide import Decision
from processors.sampling.entry import State
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.round import Round
from processors.sampling.waits import Waits

WAIT_S, ROOT_S, LATE_S = 10.0, 2.0, 100.0
WAITS = Waits(WAIT_S, ROOT_S, LATE_S)


def decision(policy: str, *, kept: bool, by_rule: bool) -> Decision:
    return Decision(kept, policy, by_rule, threshold=0, randomness=None, category="default")


def decide(trace_id: bytes, facts: TraceFacts, now: float | None) -> Decision:
    """Errors are kept by rule; of the rest, ids that begin with an odd byte by probability."""
    if facts.status_mask & STATUS_ERROR:
        return decision("errors", kept=True, by_rule=True)
    return decision("routine", kept=bool(trace_id[0] & 1), by_rule=False)


def ledger() -> TraceLedger:
    return TraceLedger(decide, WAITS)


def facts(spans: int = 1, *, error: bool = False, root: bool = False) -> TraceFacts:
    return TraceFacts(span_count=spans, status_mask=STATUS_ERROR if error else STATUS_UNSET, root_received=root)


def trace(number: int) -> bytes:
    return bytes([number]) * 16


KEPT, DROPPED = trace(1), trace(2)


def test_a_trace_is_decided_at_its_deadline_and_not_before() -> None:
    """decision_wait counts from the first span."""
    books = ledger()
    books.add(0, {KEPT: facts(3)}, now=5.0)
    assert not books.due(14.9).kept
    assert books.due(15.0).kept[0].spans == 3
    assert books.waiting_spans == 0


def test_a_root_brings_the_decision_forward_but_never_back() -> None:
    """decision_wait_after_root_received shortens the wait; a root near the deadline does not lengthen it."""
    books = ledger()
    books.add(0, {KEPT: facts()}, now=0.0)
    books.add(1, {KEPT: facts(root=True)}, now=1.0)
    assert not books.due(2.9).kept
    assert set(books.due(3.0).kept) == {0, 1}
    books.add(2, {trace(3): facts()}, now=10.0)
    books.add(3, {trace(3): facts(root=True)}, now=19.5)
    assert set(books.due(20.0).kept) == {2, 3}


def test_a_late_span_follows_the_decision() -> None:
    """Of a kept trace it goes out at once with the same stamp; of a dropped one it is dropped by the same policy."""
    books = ledger()
    books.add(0, {KEPT: facts(), DROPPED: facts()}, now=0.0)
    first = books.due(10.0)
    late = books.add(1, {KEPT: facts(2), DROPPED: facts(4)}, now=11.0)
    assert late.kept[1].stamps == first.kept[0].stamps
    assert late.kept[1].spans == 2
    assert late.dropped_spans == {"routine": 4}


def test_a_late_error_brings_a_dropped_trace_back_whole() -> None:
    """All its records are handed out, marked late, and what was counted as dropped is counted as recovered."""
    books = ledger()
    books.add(0, {DROPPED: facts(2)}, now=0.0)
    assert books.due(10.0).dropped_spans == {"routine": 2}
    back = books.add(1, {DROPPED: facts(1, error=True)}, now=50.0)
    assert {ref: kept.spans for ref, kept in back.kept.items()} == {0: 2, 1: 1}
    assert back.kept[0].stamps[DROPPED].late
    assert back.kept[0].stamps[DROPPED].policy == "errors"
    assert back.recovered_spans == 2


def test_a_score_without_spans_waits_for_them() -> None:
    """A log record may come before the first span of its trace."""
    books = ledger()
    books.add(None, {DROPPED: TraceFacts(status_mask=STATUS_ERROR)}, now=0.0)
    books.add(0, {DROPPED: facts(2)}, now=1.0)
    assert books.due(10.0).kept[0].spans == 2


def test_after_the_late_window_a_dropped_trace_gives_its_record_back() -> None:
    """The journal may free it then, and the ledger is empty."""
    books = ledger()
    books.add(7, {DROPPED: facts()}, now=0.0)
    assert not books.due(10.0).settled
    assert books.due(110.0).settled == {7: 1}
    assert len(books) == 0


def test_pressure_forgets_decided_traces_only() -> None:
    """An undecided trace is never given up."""
    books = ledger()
    books.add(0, {DROPPED: facts()}, now=0.0)
    books.due(10.0)
    books.add(1, {KEPT: facts()}, now=10.0)
    assert books.forget_dropped(100).settled == {0: 1}
    assert books.state(KEPT) is State.WAITING


def test_early_decisions_begin_with_what_is_due_next() -> None:
    """No more of them than asked for; the others wait on."""
    books = ledger()
    books.add(0, {trace(3): facts()}, now=0.0)
    books.add(1, {trace(5): facts()}, now=1.0)
    books.add(2, {trace(7): facts(root=True)}, now=2.0)
    assert set(books.due(3.0, 1, early=True).kept) == {2}
    assert set(books.due(3.0, 1, early=True).kept) == {0}
    assert books.state(trace(5)) is State.WAITING
    assert set(books.due(3.0, 5, early=True).kept) == {1}


def test_decide_all_ends_every_wait() -> None:
    """Nothing is due afterwards."""
    books = ledger()
    books.add(0, {KEPT: facts(), DROPPED: facts()}, now=0.0)
    round_ = books.decide_all(1.0)
    assert round_.kept[0].spans == 1
    assert round_.dropped_spans == {"routine": 1}
    assert not books.due(60.0).kept


def test_new_rules_apply_to_what_waits() -> None:
    """A reloaded policy decides the traces that wait, from facts gathered anew."""
    books = ledger()
    books.add(0, {DROPPED: facts(2)}, now=0.0)
    new = books.prepare_rules()
    assert not new.list_records(10)
    assert new.next_record() == (0, {DROPPED})
    books.observed_anew(DROPPED, facts(2))
    books.replace_rules(
        lambda trace_id, seen, now: decision("new", kept=True, by_rule=seen.span_count == 2),
        Waits(1.0, 1.0, LATE_S),
    )
    assert books.due(10.0).kept_traces == {"new": 1}
    assert books.waiting_spans == 0


def restarted(round_: Round) -> TraceLedger:
    """A new ledger that knows what the round decided."""
    books = ledger()
    for (policy, stamp), traces in round_.decided.items():
        for trace_id in traces:
            books.restore_decision(trace_id, policy, stamp, expires=110.0)
    return books


def test_every_decision_is_in_the_round_that_made_it() -> None:
    """What is written down from there is all that a restart knows."""
    books = ledger()
    books.add(0, {KEPT: facts(), DROPPED: facts()}, now=0.0)
    round_ = books.due(10.0)
    first = round_.kept[0].stamps[KEPT]
    assert round_.decided == {("routine", first): {KEPT: None}, ("routine", None): {DROPPED: None}}
    late = books.add(1, {DROPPED: facts(error=True)}, now=20.0)
    ((policy, stamp),) = late.decided
    assert policy == "errors"
    assert stamp is not None
    assert stamp.late


def test_decisions_that_differ_in_their_randomness_alone_are_written_together() -> None:
    """Chance draws a number for every trace; a record for each would cost more than the decision."""

    def draw(trace_id: bytes, seen: TraceFacts, now: float | None) -> Decision:
        return Decision(True, "p", False, 5, trace_id[0], "default")  # noqa: FBT003  # as the fields say

    books = TraceLedger(draw, WAITS)
    books.add(0, {trace(1): facts(), trace(2): facts()}, now=0.0)
    round_ = books.due(10.0)
    assert round_.kept[0].stamps[trace(2)].randomness == 2
    assert round_.decided == {("p", Stamp("p", 5)): {trace(1): 1, trace(2): 2}}


def test_a_restored_undecided_trace_is_decided_at_its_first_deadline() -> None:
    """The wait counts from when the spans came, however long the process was away; a root shortens it as before."""
    books = ledger()
    round_ = Round()
    books.restore(KEPT, 0, facts(2), -3.0, round_, after_decision=False)
    books.restore(trace(3), 1, facts(), -100.0, round_, after_decision=False)
    assert set(books.due(0.0).kept) == {1}
    assert not books.due(6.9).kept
    assert books.due(7.0).kept[0].spans == 2
    books.restore(trace(5), 2, facts(), 8.0, round_, after_decision=False)
    books.restore(trace(5), 3, facts(root=True), 9.0, round_, after_decision=False)
    assert set(books.due(11.0).kept) == {2, 3}
    assert books.waiting_spans == 0


def test_spans_of_before_a_restart_join_those_that_came_after_it() -> None:
    """New data may be faster than the replay: the trace is one, with the earlier deadline."""
    books = ledger()
    books.add(9, {KEPT: facts()}, now=5.0)
    assert books.restore(KEPT, 0, facts(), -2.0, Round(), after_decision=False) is State.WAITING
    assert books.waiting_spans == 2
    assert set(books.due(8.0).kept) == {0, 9}


def test_a_decided_trace_is_not_decided_again_after_a_restart() -> None:
    """What was kept is handed out with the stamp of then; what was dropped is held, and counts nowhere."""
    books = ledger()
    books.add(0, {KEPT: facts(), DROPPED: facts()}, now=0.0)
    first = books.due(10.0)
    books = restarted(first)
    round_ = Round()
    assert books.restore(KEPT, 0, facts(), -10.0, round_, after_decision=False) is State.KEPT
    assert books.restore(DROPPED, 0, facts(), -10.0, round_, after_decision=False) is State.DROPPED
    assert round_.kept == first.kept
    assert not round_.decided
    assert not books.review().kept
    assert not books.due(50.0).kept
    assert books.due(110.0).settled == {0: 1}


def test_a_dropped_trace_comes_back_whole_after_a_restart() -> None:
    """Its spans of before the restart are in the journal still; none of them was counted here as dropped."""
    books = ledger()
    books.add(0, {DROPPED: facts(2)}, now=0.0)
    books = restarted(books.due(10.0))
    books.restore(DROPPED, 0, facts(2), -10.0, Round(), after_decision=False)
    back = books.add(1, {DROPPED: facts(error=True)}, now=20.0)
    assert {ref: kept.spans for ref, kept in back.kept.items()} == {0: 2, 1: 1}
    assert back.recovered_spans == 2
    assert back.kept[0].stamps[DROPPED].late


def test_a_reversal_that_was_not_written_down_is_made_again() -> None:
    """The late error was acknowledged, and the process died before the new decision was on disk."""
    books = ledger()
    books.add(0, {DROPPED: facts(2)}, now=0.0)
    books = restarted(books.due(10.0))
    books.restore(DROPPED, 0, facts(2), -10.0, Round(), after_decision=False)
    books.restore(DROPPED, 1, facts(error=True), -1.0, Round(), after_decision=True)
    back = books.review()
    assert {ref: kept.spans for ref, kept in back.kept.items()} == {0: 2, 1: 1}
    assert back.recovered_spans == 3
    assert not books.review().kept


def test_a_reversal_that_was_written_down_stands() -> None:
    """The later decision is the one that counts."""
    books = ledger()
    books.add(0, {DROPPED: facts()}, now=0.0)
    dropped = books.due(10.0)
    kept = books.add(1, {DROPPED: facts(error=True)}, now=20.0)
    books = restarted(dropped)
    ((policy, stamp),) = kept.decided
    books.restore_decision(DROPPED, policy, stamp, expires=120.0)
    round_ = Round()
    assert books.restore(DROPPED, 0, facts(), -10.0, round_, after_decision=False) is State.KEPT
    assert round_.kept[0].stamps[DROPPED].late
    books.due(110.0)
    assert len(books) == 0


def test_a_record_of_scores_is_held_until_the_trace_is_kept_or_forgotten() -> None:
    """Without it a restart would not know the score. It has no spans to hand out."""
    books = ledger()
    books.add(0, {KEPT: facts(), DROPPED: facts()}, now=0.0)
    books.add(1, {KEPT: TraceFacts(), DROPPED: TraceFacts()}, now=1.0)
    round_ = books.due(10.0)
    assert set(round_.kept) == {0}
    assert round_.settled == {1: 1}
    assert books.due(110.0).settled == {0: 1, 1: 1}


RESPONSE, SESSION = response_link("resp-1"), session_link("chat-1")


def by_score(trace_id: bytes, seen: TraceFacts, now: float | None) -> Decision:
    """Keeps what has any score."""
    return decision("low-score", kept=bool(seen.scores), by_rule=True)


def scored_ledger() -> TraceLedger:
    return TraceLedger(by_score, WAITS)


def report(*, link: int | None = None, trace_id: bytes | None = None) -> ScoreReport:
    return ScoreReport(trace_id, link, Score("helpfulness", 0.1, None))


@pytest.mark.parametrize("link", [RESPONSE, SESSION])
def test_a_score_by_response_or_session_finds_its_dropped_trace(link: int) -> None:
    """The trace that showed the id comes back."""
    books = scored_ledger()
    books.add(0, {DROPPED: TraceFacts(span_count=2, links=[link])}, now=0.0)
    books.due(10.0)
    seen, to_hold = books.by_trace([report(link=link)])
    assert set(seen) == {DROPPED}
    assert bool(to_hold) is (link == SESSION)
    back = books.add(1, seen, now=20.0)
    assert back.kept[0].spans == 2
    assert back.settled == {1: 1}


def test_a_score_that_comes_before_its_trace_waits_for_it() -> None:
    """Spans are sent in batches; an evaluator may be quicker. The score's record is held until the trace is kept."""
    books = scored_ledger()
    seen, to_hold = books.by_trace([report(link=RESPONSE)])
    assert not seen
    books.hold_score(to_hold[0], 0, 1.0)
    books.add(1, {DROPPED: TraceFacts(span_count=1, links=[RESPONSE])}, now=2.0)
    round_ = books.due(12.0)
    assert set(round_.kept) == {1}
    assert round_.settled == {0: 1}


def test_a_score_nobody_shows_up_for_is_given_up_after_the_late_window() -> None:
    """Its record may go then, and not before a trace that had it at the last moment would have been decided."""
    books = scored_ledger()
    books.hold_score(report(link=RESPONSE), 0, 1.0)
    assert not books.due(110.9).settled
    assert books.due(111.0).settled == {0: 1}


def test_a_forgotten_trace_is_found_by_no_score() -> None:
    """The index lets go of what the ledger lets go of, links that came late included."""
    books = scored_ledger()
    other = response_link("resp-2")
    books.add(0, {DROPPED: TraceFacts(span_count=1, links=[RESPONSE], scores=[Score("n", 0.1, None)])}, now=0.0)
    books.due(10.0)
    books.add(1, {DROPPED: TraceFacts(span_count=1, links=[other])}, now=20.0)
    assert books.knows(report(link=other))
    books.due(110.0)
    assert not books.knows(report(link=RESPONSE))
    assert not books.knows(report(link=other))


def test_a_score_of_a_session_is_for_all_its_traces() -> None:
    """Those that are here, and those that show the session later."""
    books = scored_ledger()
    books.add(0, {trace(2): TraceFacts(span_count=1, links=[SESSION])}, now=0.0)
    books.add(1, {trace(4): TraceFacts(span_count=1, links=[SESSION])}, now=0.0)
    seen, (held,) = books.by_trace([report(link=SESSION)])
    assert set(seen) == {trace(2), trace(4)}
    books.add(2, seen, now=1.0)
    books.hold_score(held, 2, 1.0)
    books.add(3, {trace(6): TraceFacts(span_count=1, links=[SESSION])}, now=2.0)
    assert set(books.due(12.0).kept) == {0, 1, 3}


def test_a_held_score_is_found_again_after_a_restart() -> None:
    """Whichever of the two the replay brings first."""
    for score_first in (True, False):
        books = scored_ledger()
        books.restore_decision(DROPPED, "low-score", None, expires=100.0)
        spans = TraceFacts(span_count=1, links=[RESPONSE])
        if score_first:
            books.hold_score(report(link=RESPONSE), 0, -5.0)
            books.restore(DROPPED, 1, spans, -4.0, Round(), after_decision=False)
        else:
            books.restore(DROPPED, 1, spans, -6.0, Round(), after_decision=False)
            seen, _ = books.by_trace([report(link=RESPONSE)])
            books.restore(DROPPED, 0, seen[DROPPED], -5.0, Round(), after_decision=True)
        back = books.review()
        assert set(back.kept) == {1}
        assert back.settled == {0: 1}


class LedgerMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order, every span is in exactly one place."""

    def __init__(self) -> None:
        super().__init__()
        self.books = ledger()
        self.now = 0.0
        self.ref = 0
        self.pairs: Counter[int] = Counter()
        self.came = self.kept = self.dropped = self.recovered = 0
        self.errors_seen: set[bytes] = set()
        self.ever_kept: set[bytes] = set()
        self.records: dict[int, tuple[float, dict[bytes, TraceFacts]]] = {}
        self.out: set[tuple[int, bytes]] = set()
        self.written: list[tuple[float, bytes, str, Stamp | None]] = []

    def book(self, round_: Round) -> None:
        for ref, kept in round_.kept.items():
            self.kept += kept.spans
            self.pairs[ref] -= len(kept.stamps)
            self.ever_kept |= kept.stamps.keys()
            self.out |= {(ref, trace_id) for trace_id in kept.stamps}
        for ref, count in round_.settled.items():
            self.pairs[ref] -= count
        self.dropped += sum(round_.dropped_spans.values())
        self.recovered += round_.recovered_spans
        for (policy, stamp), traces in round_.decided.items():
            self.written += [(self.now, trace_id, policy, stamp) for trace_id in traces]

    @rule(
        batch=st.dictionaries(
            st.integers(1, 6).map(trace), st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), max_size=4
        )
    )
    def arrive(self, batch: dict[bytes, tuple[int, bool, bool]]) -> None:
        self.pairs[self.ref] += len(batch)
        self.came += sum(spans for spans, _, _ in batch.values())
        seen = {key: facts(spans, error=error, root=root) for key, (spans, error, root) in batch.items()}
        for key, (_, error, _) in batch.items():
            if error:
                self.errors_seen.add(key)
        self.records[self.ref] = (self.now, copy.deepcopy(seen))
        self.book(self.books.add(self.ref, seen, self.now))
        self.ref += 1

    @rule()
    def restart(self) -> None:
        """All that was not handed out is replayed, and counted as if it came now."""
        self.books = ledger()
        lives: dict[bytes, list[tuple[float, Stamp | None]]] = {}
        for now, trace_id, policy, stamp in self.written:
            self.books.restore_decision(trace_id, policy, stamp, now + LATE_S)
            of_trace = lives.setdefault(trace_id, [])
            if stamp is not None and stamp.late:
                of_trace.pop()
            of_trace.append((now, stamp))
        self.came = self.kept = self.dropped = self.recovered = 0
        self.pairs.clear()
        for ref, (arrived, seen) in self.records.items():
            for trace_id in seen.keys() - {trace_id for out, trace_id in self.out if out == ref}:
                new, round_ = copy.deepcopy(seen[trace_id]), Round()
                of_trace = lives.get(trace_id, [])
                while len(of_trace) > 1 and of_trace[1][0] <= arrived:
                    of_trace = of_trace[1:]
                held = (life for life in of_trace if arrived < life[0] + LATE_S)
                life = next(held, of_trace[-1] if of_trace else None)
                if life is not None and life is not of_trace[-1] and life[1] is None:
                    continue
                self.pairs[ref] += 1
                state = State.KEPT
                if life is None or life is of_trace[-1]:
                    after = life is not None and arrived >= life[0]
                    state = self.books.restore(trace_id, ref, new, arrived, round_, after_decision=after)
                elif life[1] is not None:
                    round_.keep(ref, trace_id, life[1], new.span_count)
                self.came += seen[trace_id].span_count if state is not State.DROPPED else 0
                self.book(round_)
        self.book(self.books.review())

    @rule(seconds=st.floats(0.0, 60.0))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.book(self.books.due(self.now))

    @rule()
    def press(self) -> None:
        self.book(self.books.forget_dropped(2))

    @rule()
    def decide_one_early(self) -> None:
        self.book(self.books.due(self.now, 1, early=True))

    @rule()
    def hurry(self) -> None:
        self.book(self.books.decide_all(self.now))

    @invariant()
    def every_span_is_in_one_place(self) -> None:
        assert self.came + self.recovered == self.kept + self.dropped + self.books.waiting_spans

    @invariant()
    def no_pair_is_handed_out_twice(self) -> None:
        assert all(left >= 0 for left in self.pairs.values())

    def teardown(self) -> None:
        self.now += 1000.0
        self.book(self.books.due(self.now))
        self.now += 1000.0
        self.book(self.books.due(self.now))
        assert not +self.pairs
        assert len(self.books) == 0
        assert self.errors_seen <= self.ever_kept


LedgerMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestLedger = LedgerMachine.TestCase
