"""One batch on its way: the pieces it was split into, and how each ended. Pure.

A piece that ended is never sent again, however often the batch is given back and handed out in this process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from google.protobuf.message import DecodeError

from processors.otlp import shallow
from sidecar.batch import Batch, Delivered, Refused


class Pieces:
    """`refused_unsent` are those no request can hold: a single item above the limit, or what is no request at all."""

    def __init__(self, batch: Batch, max_bytes: int) -> None:
        self.batch = batch
        self._left: deque[Batch] = deque()
        self._rejected_items = 0
        self._delivered = False
        self._message = ""
        self._refused: Refused | None = None
        self.refused_unsent: list[tuple[Batch, Refused]] = []
        for piece in _split(batch, max_bytes):
            if len(piece.payload) <= max_bytes:
                self._left.append(piece)
            else:
                self.refused_unsent.append((piece, Refused("too_large")))
        for piece, refused in self.refused_unsent:
            self._book(piece, refused)

    def __iter__(self) -> Iterator[Batch]:
        """What is left to send, in order; goes on to the next once `done` was called."""
        while self._left:
            yield self._left[0]

    def done(self, outcome: Delivered | Refused) -> None:
        """How the piece at hand ended."""
        self._book(self._left.popleft(), outcome)

    def give_up(self, refused: Refused) -> list[Batch]:
        """Ends everything that is left; returns it."""
        given_up = list(self._left)
        while self._left:
            self.done(refused)
        return given_up

    def outcome(self) -> Delivered | Refused:
        """Of the whole batch: delivered, but for the rejected items, if any part of it was."""
        if self._delivered or self._refused is None:
            return Delivered(self._rejected_items, self._message)
        return self._refused

    def _book(self, piece: Batch, outcome: Delivered | Refused) -> None:
        if isinstance(outcome, Delivered):
            self._delivered = True
            self._rejected_items += outcome.rejected_items
            self._message = self._message or outcome.message
        else:
            self._rejected_items += piece.items
            self._refused = self._refused or outcome


def _split(batch: Batch, max_bytes: int) -> list[Batch]:
    if len(batch.payload) <= max_bytes:
        return [batch]
    try:
        pieces = shallow.split(batch.payload, max_bytes)
    except DecodeError:
        return [batch]
    return [replace(batch, payload=payload, items=items) for payload, items in pieces]
