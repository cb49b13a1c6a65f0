from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.otlp.signal import Signal
from sidecar.storage.interfaces import StorageFull
from sidecar.storage.memory_journal import MemoryJournal


def test_a_record_is_read_back_until_its_last_pair_is_settled() -> None:
    """Two traces in one record: the record stays for the second when the first is done."""
    journal = MemoryJournal(1000)
    ref = journal.append(Signal.TRACES, b"x" * 10, pairs=2)
    journal.settle(ref)
    assert journal.read(ref) == b"x" * 10
    journal.settle(ref)
    assert journal.read(ref) is None
    assert journal.used_bytes == 0


def test_a_full_journal_refuses_and_keeps_what_it_has() -> None:
    """What was acknowledged is never dropped to make room."""
    journal = MemoryJournal(100)
    first = journal.append(Signal.TRACES, b"a" * 80, pairs=1)
    with pytest.raises(StorageFull):
        journal.append(Signal.TRACES, b"b" * 30, pairs=1)
    assert journal.read(first) == b"a" * 80
    journal.append(Signal.TRACES, b"c" * 20, pairs=1)


def test_one_request_over_the_limit_fits_an_empty_journal() -> None:
    """The receiver's own limit bounds a request; a small journal must not make it undeliverable for ever."""
    journal = MemoryJournal(10)
    assert journal.read(journal.append(Signal.LOGS, b"z" * 50, pairs=1)) == b"z" * 50


def test_settling_an_unknown_record_does_nothing() -> None:
    """A late settle after a record is gone is harmless."""
    MemoryJournal(10).settle(7)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 4)), max_size=30), st.randoms(use_true_random=False))
def test_used_bytes_is_the_size_of_what_can_be_read(records: list[tuple[int, int]], random: object) -> None:
    """Whatever the order of settling, the counter and the content agree."""
    journal = MemoryJournal(10_000)
    pairs = {journal.append(Signal.TRACES, b"x" * size, count): count for size, count in records}
    todo = [ref for ref, count in pairs.items() for _ in range(count)]
    random.shuffle(todo)  # type: ignore[attr-defined]  # Hypothesis' seeded Random
    for ref in todo:
        journal.settle(ref)
        assert journal.used_bytes == sum(len(journal.read(other) or b"") for other in pairs)
    assert journal.used_bytes == 0
