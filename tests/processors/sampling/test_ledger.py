"""The ledger against its invariants, under any order of arrivals, deadlines and pressure."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from processors.sampling.decide import Decision
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from processors.sampling.ledger import Round, State, TraceLedger

WAIT_S, ROOT_S, LATE_S = 10.0, 2.0, 100.0


def decision(policy: str, *, kept: bool, by_rule: bool) -> Decision:
    return Decision(kept, policy, by_rule, threshold=0, randomness=None, category="default")


def decide(trace_id: bytes, facts: TraceFacts) -> Decision:
    """Errors are kept by rule; of the rest, ids that begin with an odd byte by probability."""
    if facts.status_mask & STATUS_ERROR:
        return decision("errors", kept=True, by_rule=True)
    return decision("routine", kept=bool(trace_id[0] & 1), by_rule=False)


def ledger() -> TraceLedger:
    return TraceLedger(decide, decision_wait_s=WAIT_S, decision_wait_after_root_s=ROOT_S, late_window_s=LATE_S)


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
    assert books.waiting_refs() == {0: {DROPPED}}
    books.replace_rules(
        lambda trace_id, seen: decision("new", kept=True, by_rule=True),
        {DROPPED: facts(2)},
        decision_wait_s=1.0,
        decision_wait_after_root_s=1.0,
        late_window_s=LATE_S,
    )
    assert books.due(10.0).kept_traces == {"new": 1}
    assert books.waiting_spans == 0


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

    def book(self, round_: Round) -> None:
        for ref, kept in round_.kept.items():
            self.kept += kept.spans
            self.pairs[ref] -= len(kept.stamps)
            self.ever_kept |= kept.stamps.keys()
        for ref, count in round_.settled.items():
            self.pairs[ref] -= count
        self.dropped += sum(round_.dropped_spans.values())
        self.recovered += round_.recovered_spans

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
        self.book(self.books.add(self.ref, seen, self.now))
        self.ref += 1

    @rule(seconds=st.floats(0.0, 60.0))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.book(self.books.due(self.now))

    @rule()
    def press(self) -> None:
        self.book(self.books.forget_dropped(2))

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
