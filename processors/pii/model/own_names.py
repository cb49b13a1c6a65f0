"""The project's own model of names and places: one file, numpy, some 100 MB less than spaCy and faster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from processors.pii.findings import Finding
from processors.pii.model.decode import N_TAGS, TYPES, findings
from processors.pii.model.joints import joined
from processors.pii.model.network import GAP, REACH, Floats, Network, Weights
from processors.pii.model.no_names import without_no_names
from processors.pii.model.repeats import with_repeats
from processors.pii.model.surnames import with_surnames
from processors.pii.model.tokens import tokens
from processors.pii.model.words import Lexicon, are_rare, describe

FILE: Final = Path(__file__).parent / "names.npz"
_ROWS: Final = 512
_CACHED_WORDS: Final = 20_000


class _Piece(NamedTuple):
    """A run of tokens of one text, with neighbours for context."""

    text: int
    first: int
    """Of the tokens it is for."""
    last: int
    low: int
    """Of those it is read with."""
    high: int


class OwnNames:
    """Holds the rows of words it has met, at most `_CACHED_WORDS`, and no text."""

    entity_types: frozenset[str] = frozenset(TYPES)

    def __init__(self, lexicon: Lexicon, weights: Weights) -> None:
        self._lexicon = lexicon
        self._network = Network(weights)
        self._rows: dict[str, int] = {}
        self._embedded = np.zeros((_CACHED_WORDS, self._network.width), np.float32)

    @classmethod
    def load(cls, file: Path = FILE) -> OwnNames:
        with np.load(file, allow_pickle=False) as stored:
            return cls(
                Lexicon(*(stored[f"lexicon.{name}"] for name in Lexicon._fields)),
                Weights(*(stored[name] for name in Weights._fields)),
            )

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings in each text, in order of position."""
        cut = [tokens(text) for text in texts]
        scores = [np.zeros((len(each), N_TAGS), np.float32) for each in cut]
        for pieces in _batches([len(each) for each in cut]):
            rows = np.zeros(GAP + sum(p.high - p.low + GAP for p in pieces), np.int64)
            is_token = np.zeros(len(rows), bool)
            places = []
            at = GAP
            words: list[str] = []
            for piece in pieces:
                n = piece.high - piece.low
                words += cut[piece.text][piece.low : piece.high]
                is_token[at : at + n] = True
                places.append(at - piece.low)
                at += n + GAP
            embedded = np.zeros((len(rows), self._network.width), np.float32)
            embedded[is_token] = self._embed(words)
            found = self._network.tag(embedded, is_token)
            for piece, place in zip(pieces, places, strict=True):
                scores[piece.text][piece.first : piece.last] = found[place + piece.first : place + piece.last]
        return [
            with_surnames(
                text,
                with_repeats(text, each, without_no_names(text, joined(text, findings(each, score))), self._are_rare),
                self._are_rare,
            )
            for text, each, score in zip(texts, cut, scores, strict=True)
        ]

    def _are_rare(self, words: Sequence[str]) -> list[bool]:
        return are_rare(words, self._lexicon)

    def _embed(self, words: Sequence[str]) -> Floats:
        rows = self._rows
        try:
            return self._embedded[[rows[word] for word in words]]
        except KeyError:
            new = list(dict.fromkeys(word for word in words if word not in rows))
        if len(rows) + len(new) > _CACHED_WORDS:
            rows.clear()
            new = list(dict.fromkeys(words))
        at = len(rows)
        self._embedded[at : at + len(new)] = self._network.embed(describe(new, self._lexicon))
        rows.update(zip(new, range(at, at + len(new)), strict=True))
        return self._embedded[[rows[word] for word in words]]


def save(file: Path, lexicon: Lexicon, weights: Weights) -> None:
    arrays = {f"lexicon.{name}": array for name, array in lexicon._asdict().items()} | weights._asdict()
    np.savez_compressed(file, **arrays)


def _batches(lengths: Sequence[int]) -> Iterator[list[_Piece]]:
    batch: list[_Piece] = []
    rows = 0
    for text, length in enumerate(lengths):
        for first in range(0, length, _ROWS):
            last = min(first + _ROWS, length)
            piece = _Piece(text, first, last, max(first - REACH, 0), min(last + REACH, length))
            if batch and rows + piece.high - piece.low > _ROWS:
                yield batch
                batch, rows = [], 0
            batch.append(piece)
            rows += piece.high - piece.low
    if batch:
        yield batch
