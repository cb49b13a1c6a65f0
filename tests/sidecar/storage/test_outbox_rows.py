from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.otlp.signal import Signal
from processors.processor import Stamp
from sidecar.batch import Delivered, Refused
from sidecar.storage.interfaces import Decided, Done
from sidecar.storage.outbox_rows import (
    Seals,
    Table,
    batch_from_bytes,
    batch_to_bytes,
    decided_from_bytes,
    decided_to_bytes,
    done_from_bytes,
    done_to_bytes,
    plain_of,
)
from sidecar.storage.queues import Waiting
from sidecar.storage.vault import Damaged, Vault
from tests.support.outbox import KEY

trace_ids = st.binary(min_size=16, max_size=16)
stamps = st.builds(
    Stamp,
    policy=st.text(),
    threshold=st.none() | st.integers(0, 2**56 - 1),
    randomness=st.none() | st.integers(0, 2**56 - 1),
    category=st.sampled_from(["error", "low_score", "default"]),
    late=st.booleans(),
)
ends = st.builds(Delivered, st.integers(0, 99)) | st.builds(Refused, st.text())


@given(
    st.integers(),
    st.integers(),
    st.text(),
    st.none() | stamps,
    st.lists(st.tuples(trace_ids, st.none() | st.integers(0, 2**56 - 1))),
)
def test_a_decision_comes_back(
    at: int, until: int, policy: str, stamp: Stamp | None, traces: list[tuple[bytes, int | None]]
) -> None:
    """Whatever it says, with each trace's own stamp."""
    ids, numbers = [trace_id for trace_id, _ in traces], tuple(number for _, number in traces)
    decided = Decided(at, until, policy, stamp, ids)
    assert decided_from_bytes(decided_to_bytes(decided)) == decided
    drawn = Decided(at, until, policy, stamp, ids, numbers)
    back = decided_from_bytes(decided_to_bytes(drawn))
    assert list(back.stamps()) == list(drawn.stamps())
    if stamp is not None and any(number is not None for number in numbers):
        assert [each.randomness for _, each in back.stamps() if each] == list(numbers)


@given(st.integers(), st.none() | st.lists(trace_ids).map(tuple))
def test_a_done_mark_comes_back(ref: int, ids: tuple[bytes, ...] | None) -> None:
    """No traces are not the same as the whole record."""
    assert done_from_bytes(ref, done_to_bytes(Done(ref, ids))) == Done(ref, ids)


@pytest.mark.parametrize("ids", [[b"short"], [bytes(16), bytes(17)]])
def test_a_trace_id_has_sixteen_bytes(ids: list[bytes]) -> None:
    """Anything else would shift those that follow."""
    with pytest.raises(ValueError, match="16"):
        decided_to_bytes(Decided(1, 2, "p", None, ids))


@given(
    st.integers(1),
    st.sampled_from(Signal),
    st.integers(0),
    st.integers(0),
    st.sets(st.sampled_from("abcd")),
    st.dictionaries(st.sampled_from("ef"), ends),
)
def test_a_batch_comes_back_for_the_exporters_there_are(  # noqa: PLR0917  # one for each thing that varies
    row: int, signal: Signal, items: int, size: int, left: set[str], ended: dict[str, Delivered | Refused]
) -> None:
    """Those the configuration does not name are kept apart."""
    batch = Waiting(row, signal, items, size, tuple(sorted(left)), ends=tuple(ended.items()))
    back = batch_from_bytes(row, batch_to_bytes(batch), ("a", "b", "x"))
    assert set(back.left) == left & {"a", "b"}
    assert set(back.elsewhere) == left - {"a", "b"}
    assert (back.id, back.signal, back.items, back.size, back.ends) == (row, signal, items, size, batch.ends)
    assert batch_from_bytes(row, batch_to_bytes(back), tuple(sorted(left))).left == tuple(sorted(left))


def test_what_a_backend_said_is_not_written_down() -> None:
    """It may quote what it was sent."""
    batch = Waiting(1, Signal.LOGS, 5, 9, ("a",), ends=(("b", Delivered(2, "about Jane Doe")),))
    assert b"Jane" not in batch_to_bytes(batch)
    assert batch_from_bytes(1, batch_to_bytes(batch), ("a",)).ends == (("b", Delivered(2)),)


def test_another_process_opens_what_was_sealed() -> None:
    """The row brings its salt."""
    sealed = Seals(Vault(KEY)).seal(b"data", Table.DONE, 7, 5)
    assert Seals(Vault(KEY)).open(sealed, Table.DONE, 7, 5) == b"data"


@pytest.mark.parametrize(
    ("table", "row", "plain"), [(Table.DECISIONS, 7, (5,)), (Table.DONE, 8, (5,)), (Table.DONE, 7, (6,)), (Table.DONE, 7, ())]
)  # fmt: skip
def test_a_row_opens_only_where_it_belongs(table: Table, row: int, plain: tuple[int, ...]) -> None:
    """In its table, under its id, beside its plain columns."""
    seals = Seals(Vault(KEY))
    sealed = seals.seal(b"data", Table.DONE, 7, 5)
    with pytest.raises(Damaged):
        seals.open(sealed, table, row, *plain)


def test_every_changed_byte_and_every_cut_is_found() -> None:
    """The salt and the number, too; so is a value of another type, and another key."""
    seals = Seals(Vault(KEY))
    sealed = seals.seal(b"data", Table.DONE, 7, 5)
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    for wrong in (*changed, *(sealed[:length] for length in range(len(sealed))), None, 5, sealed.hex()):
        with pytest.raises(Damaged):
            seals.open(wrong, Table.DONE, 7, 5)
    with pytest.raises(Damaged):
        Seals(Vault(KEY[::-1])).open(sealed, Table.DONE, 7, 5)


def test_the_same_data_never_looks_the_same() -> None:
    """Every row has a number of its own, and every process a salt."""
    seals = [Seals(Vault(KEY)), Seals(Vault(KEY))]
    sealed = [each.seal(b"data", Table.DONE, 7, 5) for each in seals for _ in range(50)]
    assert len({each[:40] for each in sealed}) == 100
    assert len({each[40:] for each in sealed}) == 100


def test_plain_columns_are_numbers() -> None:
    """A signal's number is its place in the enumeration, which may only grow at its end."""
    assert [plain_of(Waiting(1, signal, 4, 9, ())) for signal in Signal] == [(0, 4), (1, 4), (2, 4)]
    assert [signal.value for signal in Signal] == ["traces", "logs", "metrics"]
