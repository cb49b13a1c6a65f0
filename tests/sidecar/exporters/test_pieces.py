from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused
from sidecar.exporters.pieces import Pieces
from tests.support.otlp import request_of, span


def batch(*sizes: int) -> Batch:
    return Batch(7, Signal.TRACES, request_of(*(span(b"n" * size) for size in sizes)), len(sizes))


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=30), st.integers(100, 2000))
def test_every_item_is_sent_once_or_refused(sizes: list[int], max_bytes: int) -> None:
    """Pieces keep to the limit; the spans in them and the refused ones are those of the batch, in order."""
    whole = batch(*sizes)
    pieces = Pieces(whole, max_bytes)
    names: list[str] = []
    for piece in pieces:
        assert len(piece.payload) <= max_bytes
        assert (piece.id, piece.signal) == (7, Signal.TRACES)
        found = [
            each.name
            for group in Signal.TRACES.request_class.FromString(piece.payload).resource_spans  # type: ignore[union-attr]
            for scope in group.scope_spans
            for each in scope.spans
        ]
        assert len(found) == piece.items
        names += found
        pieces.done(Delivered())
    refused = sum(piece.items for piece, _ in pieces.refused_unsent)
    assert len(names) + refused == len(sizes)
    lengths = iter(sizes)
    assert all(len(name) in lengths for name in names)
    assert pieces.outcome() == (Delivered(refused) if names else Refused("too_large"))


def test_a_batch_within_the_limit_is_its_own_only_piece() -> None:
    """It is not even looked into."""
    whole = Batch(1, Signal.LOGS, b"whatever", 3)
    pieces = Pieces(whole, 100)
    assert next(iter(pieces)) is whole
    pieces.done(Delivered(1, "odd"))
    assert pieces.outcome() == Delivered(1, "odd")


def test_a_second_look_begins_with_what_is_left() -> None:
    """Iterating again after an interruption goes on with the piece that did not end."""
    pieces = Pieces(batch(900, 900, 900), 1000)
    first = next(iter(pieces))
    assert next(iter(pieces)) is first
    pieces.done(Delivered())
    assert next(iter(pieces)) is not first
    assert len(pieces.give_up(Refused("retry_timeout"))) == 2
    assert list(pieces) == []
    assert pieces.outcome() == Delivered(2)


def test_nothing_delivered_is_refused_for_the_first_reason() -> None:
    """One reason for the batch; each piece's own went to the counters."""
    pieces = Pieces(batch(900, 900), 1000)
    pieces.done(Refused("http_400"))
    pieces.done(Refused("http_413"))
    assert pieces.outcome() == Refused("http_400")
