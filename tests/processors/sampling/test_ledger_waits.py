from __future__ import annotations

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import STATUS_UNSET, TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.waits import Waits
from tests.processors.sampling.build import policy, section
from tests.processors.sampling.test_ledger import (
    DROPPED,
    KEPT,
    LATE_S,
    ROOT_S,
    WAIT_S,
    WAITS,
    decide,
    facts,
    trace,
)


def waiting(**waits: float) -> TraceLedger:
    return TraceLedger(decide, Waits(WAIT_S, ROOT_S, LATE_S, **waits))  # type: ignore[arg-type]  # sizes are whole numbers


def test_spans_that_keep_coming_put_the_decision_off() -> None:
    """Agents run for minutes: with `idle_wait` the decision comes when nothing came for so long, or at the maximum."""
    books = waiting(idle_s=5.0, maximum_s=30.0)
    for number, now in enumerate((0.0, 8.0, 12.0)):
        books.add(number, {KEPT: facts()}, now=now)
    assert not books.due(16.9).kept
    assert set(books.due(17.0).kept) == {0, 1, 2}
    for number in range(40):
        books.add(number, {trace(3): facts()}, now=100.0 + number)
        assert bool(books.due(100.0 + number).kept) is (number == 30)
        if number == 30:
            break


@pytest.mark.parametrize(("limit", "last"), [({"trace_spans": 5}, 2), ({"trace_bytes": 100}, 2)])
def test_a_trace_that_grows_too_large_is_decided_at_once_and_loses_nothing(limit: dict[str, float], last: int) -> None:
    """What was there and what still comes shares one decision; an error afterwards still reverses a drop."""
    books = waiting(**limit)
    for number in range(last):
        books.add(number, {KEPT: sized(), DROPPED: sized()}, now=1.0)
        assert not books.due(1.0).decided
    books.add(last, {KEPT: sized(), DROPPED: sized()}, now=1.0)
    early = books.due(1.0)
    assert {ref: set(kept.stamps) for ref, kept in early.kept.items()} == {ref: {KEPT} for ref in range(last + 1)}
    assert early.dropped_spans == {"routine": 2 * (last + 1)}
    late = books.add(9, {KEPT: sized(), DROPPED: facts(error=True)}, now=1.0)
    assert set(late.kept) == {*range(last + 1), 9}
    assert late.recovered_spans == 2 * (last + 1)


def sized() -> TraceFacts:
    return TraceFacts(span_count=2, status_mask=STATUS_UNSET, span_bytes=40)


def test_too_many_waiting_traces_are_decided_early_not_lost() -> None:
    """The Collector drops the oldest undecided; here those nearest to their decision are decided."""
    books = waiting(waiting_traces=2)
    for number in range(5):
        books.add(number, {trace(2 * number + 1): facts()}, now=float(number))
    assert set(books.due(4.0).kept) == {0, 1, 2}
    assert books.waiting_traces == 2
    assert set(books.due(14.0).kept) == {3, 4}


def test_remembered_decisions_hold_for_spans_after_the_late_window() -> None:
    """`decision_cache`: of a kept trace they go out with its stamp, of a dropped one they do not, unless a rule says so."""
    for size in (0, 10):
        books = waiting(sampled_cache=size, non_sampled_cache=size)
        books.add(0, {KEPT: facts(error=True), DROPPED: facts()}, now=0.0)
        books.due(10.0)
        books.due(200.0)
        assert len(books) == 0
        late = books.add(1, {KEPT: facts(), DROPPED: facts()}, now=201.0)
        assert {policy for policy, _ in late.decided} == ({"errors", "routine"} if size else set())
        assert ({stamp.policy for kept in late.kept.values() for stamp in kept.stamps.values()} == {"errors"}) is bool(
            size
        )
        if size:
            assert late.dropped_spans == {"routine": 1}
            assert books.add(2, {DROPPED: facts(error=True)}, now=202.0).recovered_spans == 1


def test_in_a_dry_run_nothing_is_dropped_and_a_late_error_changes_what_is_said() -> None:
    """The spans before the error have left, marked as dropped; those from there on say what would have happened."""
    decider = Decider(section(policy("status_code", "errors", status_codes=["ERROR"]), mode="dry_run"))
    books = TraceLedger(decider.decide, WAITS)
    books.add(0, {DROPPED: facts()}, now=0.0)
    first = books.due(10.0)
    assert first.kept[0].stamps[DROPPED].would == "dropped"
    assert first.dropped_traces == {"no_policy_matched": 1}
    late = books.add(1, {DROPPED: facts(error=True)}, now=20.0)
    stamp = late.kept[1].stamps[DROPPED]
    assert (stamp.would, stamp.policy, stamp.late) == ("kept", "errors", True)
    assert not late.recovered_spans
    assert books.add(2, {DROPPED: facts()}, now=21.0).kept[2].stamps[DROPPED] == stamp
