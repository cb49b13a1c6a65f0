"""Rules change while traces come, are decided and are forgotten: a model says what the new rules must have seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.genai.links import response_link
from processors.genai.score_report import ScoreReport
from processors.genai.scores import Score
from processors.sampling.decide import Decision
from processors.sampling.entry import State
from processors.sampling.facts import TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.new_rules import NewRules
from processors.sampling.waits import Waits

OLD: Final = 1 << 63
"""The bit that facts of the old rules have; those of the new have that of their record."""


def trace(number: int) -> bytes:
    return bytes([number]) * 16


@dataclass
class Model:
    """The ledger beside what it must show; each record is a span of one trace, and its number is its bit."""

    late_window_s: float
    last: int = -1
    now: float = 0.0
    waits: dict[bytes, list[int]] = field(default_factory=dict)
    """The records of those that wait."""
    since: dict[bytes, list[int]] = field(default_factory=dict)
    """What came of decided ones since the preparing began."""
    new: NewRules | None = None
    seen: list[tuple[bytes, TraceFacts]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = TraceLedger(lambda *_: _drop(), Waits(10.0, 10.0, self.late_window_s))

    def add(self, number: int) -> None:
        self.last += 1
        old, new = (TraceFacts(span_count=1, matched=bit) for bit in (OLD, 1 << self.last))
        self.ledger.add(self.last, {trace(number): old}, self.now, {trace(number): new} if self.new else None)
        known = self.waits if self.ledger.state(trace(number)) is State.WAITING else self.since
        known.setdefault(trace(number), []).append(self.last)

    def decide(self) -> None:
        self.now += 10.0
        self.ledger.due(self.now)
        self.waits.clear()
        for trace_id in list(self.since):
            if self.ledger.state(trace_id) is None:
                del self.since[trace_id]

    def prepare(self) -> None:
        self.new = self.ledger.prepare_rules()
        self.since.clear()

    def step(self) -> bool:
        """One of the smallest that there are. False: there was none."""
        if self.new is None:
            return False
        if self.new.list_records(1):
            return True
        record = self.new.next_record()
        if record is None:
            return False
        ref, traces = record
        for trace_id in traces:
            self.ledger.observed_anew(trace_id, TraceFacts(span_count=1, matched=1 << ref))
        return True

    def switch(self) -> None:
        self.ledger.replace_rules(self.look, Waits(10.0, 10.0, self.late_window_s))
        self.new = None

    def look(self, trace_id: bytes, facts: TraceFacts, now_s: float | None) -> Decision:
        del now_s
        self.seen.append((trace_id, facts))
        return _drop()


def _drop() -> Decision:
    return Decision(False, "p", False, None, None, "default")  # noqa: FBT003  # as the fields say


STEPS: Final[dict[str, Callable[[Model], object]]] = {
    "a": lambda model: model.add(1),
    "b": lambda model: model.add(2),
    "decide": Model.decide,
    "prepare": Model.prepare,
    "step": Model.step,
}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(list(STEPS)), max_size=25), st.sampled_from([0.0, 15.0, 100.0]))
@example(["a", "prepare", "step", "decide", "a"], 0.0)
@example(["a", "a", "b", "prepare", "step", "a", "step", "prepare", "a", "step", "b"], 100.0)
@example(["a", "decide", "a", "prepare", "a", "b", "decide", "b"], 100.0)
@example(["a", "prepare", "decide", "a", "decide", "decide", "a"], 15.0)
def test_the_new_rules_see_all_of_what_waits_and_once(steps: list[str], late_window_s: float) -> None:
    """Whatever comes between two steps of preparing; of what was dropped, they see what came since it began."""
    model = Model(late_window_s)
    for step in steps:
        STEPS[step](model)
    if model.new is None:
        model.prepare()
    while model.step():
        pass
    model.switch()
    model.ledger.review()
    assert _numbers(model.seen) == {trace_id: refs for trace_id, refs in model.since.items() if refs}
    model.seen.clear()
    model.ledger.decide_all(model.now)
    assert _numbers(model.seen) == model.waits
    assert model.ledger.waiting_spans == 0


def _numbers(seen: list[tuple[bytes, TraceFacts]]) -> dict[bytes, list[int]]:
    """The records that are in facts: each once, or the count of spans would say otherwise."""
    assert len(seen) == len(dict(seen))
    for _, facts in seen:
        assert facts.span_count == facts.matched.bit_count()
    return {trace_id: [bit for bit in range(64) if facts.matched >> bit & 1] for trace_id, facts in seen}


def test_what_is_given_up_leaves_no_trace() -> None:
    """The old rules decide on what they saw."""
    model = Model(100.0)
    model.ledger = TraceLedger(model.look, Waits(10.0, 10.0, 100.0))
    model.add(1)
    model.prepare()
    model.add(1)
    model.step()
    model.ledger.give_up_rules()
    model.decide()
    assert [(facts.span_count, facts.matched) for _, facts in model.seen] == [(2, OLD)]


def test_a_score_that_was_held_finds_the_trace_that_shows_its_link_to_the_new_rules() -> None:
    """It came before anybody read links: the trace has it at once, and holds its record."""
    model = Model(100.0)
    model.add(1)
    link = response_link("r")
    model.ledger.hold_score(ScoreReport(None, link, Score("quality", 0.1, None)), 7, 0.0)
    new = model.ledger.prepare_rules()
    while new.list_records(1):
        pass
    assert new.next_record() == (0, {trace(1)})
    model.ledger.observed_anew(trace(1), TraceFacts(span_count=1, links=[link]))
    model.switch()
    model.ledger.due(10.0)
    ((_, facts),) = model.seen
    assert facts.scores == [Score("quality", 0.1, None)]
    assert facts.links == [link]
    assert model.ledger.due(200.0).settled == {0: 1, 7: 1}


def test_after_everything_is_decided_nothing_is_read_again() -> None:
    """For shutdown and under pressure: a record whose traces are all decided is not asked for."""
    model = Model(100.0)
    for _ in range(5):
        model.add(1)
    model.prepare()
    assert model.new is not None
    while model.new.list_records(100):
        pass
    model.ledger.decide_all(1.0)
    assert model.new.next_record() is None


def test_what_was_prepared_for_a_kept_trace_goes_with_it() -> None:
    """Nobody looks at its facts again, so nobody would take it over."""
    books = TraceLedger(lambda *_: Decision(True, "p", True, 0, None, "default"), Waits(0.0, 0.0, 100.0))  # noqa: FBT003  # as the fields say
    books.add(0, {trace(1): TraceFacts(span_count=1)}, 0.0)
    books.due(0.0)
    books.prepare_rules()
    books.add(1, {trace(1): TraceFacts(span_count=1)}, 0.0, {trace(1): TraceFacts(span_count=1)})
    books.replace_rules(lambda *_: _drop(), Waits(0.0, 0.0, 100.0))
    assert books._prepared
    books.forget_dropped(1)
    assert not books._prepared
