"""What a token is made of, as numbers: the input of the network, before anything is known of its neighbours."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt

from processors.pii.model.tokens import BLANKS, MARK

HASH_ROWS: Final = 1 << 14
"""Rows of each table of hashed pieces; row 0 is for what is missing."""
GAZETTEERS: Final = ("first name", "last name", "city", "country or region", "street type")
_RANKS: Final = (500, 2_000, 8_000, 25_000, 70_000)
_FREQUENT: Final = 3_000
_PUNCTUATION: Final = ".,:;!?\"'()[]{}<>/\\@#&*-_=+|%$~`^\u2019\u201c\u201d"
N_SHAPES: Final = 32
N_FLAGS: Final = N_SHAPES + len(_PUNCTUATION) + len(_RANKS) + 1 + len(GAZETTEERS)
GAZETTEER_FLAGS: Final = slice(N_FLAGS - len(GAZETTEERS), N_FLAGS)

_N = TypeVar("_N", np.int32, np.uint8)
Uint32s = npt.NDArray[np.uint32]
Int32s = npt.NDArray[np.int32]


class Lexicon(NamedTuple):
    """Words by the CRC-32 of their lower-case form: their row in the table of vectors, and the lists they stand on."""

    vector_keys: Uint32s
    """Sorted."""
    vector_rows: Int32s
    """From 1, in order of frequency; 0 is the unknown word."""
    listed_keys: Uint32s
    """Sorted."""
    listed_bits: npt.NDArray[np.uint8]
    """One bit for each of `GAZETTEERS`."""


class Words(NamedTuple):
    """One row for each token."""

    vector: Int32s
    """[n]"""
    whole: Int32s
    """[n] row of the lower-case word."""
    prefixes: Int32s
    """[n, 2]"""
    suffixes: Int32s
    """[n, 3]"""
    flags: npt.NDArray[np.float32]
    """[n, N_FLAGS], 0 or 1."""


def describe(tokens: Sequence[str], lexicon: Lexicon) -> Words:
    """Of tokens with the blanks before them."""
    n = len(tokens)
    whole, prefixes = np.zeros(n, np.int32), np.zeros((n, 2), np.int32)
    suffixes, flags = np.zeros((n, 3), np.int32), np.zeros((n, N_FLAGS), np.float32)
    keys = np.zeros(n, np.uint32)
    is_word = np.zeros(n, bool)
    for i, token in enumerate(tokens):
        word = token.lstrip(BLANKS)
        flags[i, _shapes(token, word)] = 1
        if not word[0].isalpha():
            whole[i] = _row("n", _numeral(word))
            continue
        lower = word.lower().replace("\u2019", "'")
        is_word[i] = True
        keys[i] = crc32(lower.encode())
        whole[i] = _row("w", lower)
        padded = f"^{lower}$"
        prefixes[i] = _row("p", padded[:3]), _row("p", padded[:4])
        suffixes[i] = _row("s", padded[-3:]), _row("s", padded[-4:]), _row("s", padded[-5:])
    vector = _looked_up(keys, lexicon.vector_keys, lexicon.vector_rows)
    bits = _looked_up(keys, lexicon.listed_keys, lexicon.listed_bits)
    plain = [i for i in np.flatnonzero(is_word & (vector == 0)).tolist() if not tokens[i].isascii()]
    if plain:
        folded = np.array([crc32(_folded(tokens[i]).encode()) for i in plain], np.uint32)
        vector[plain] = _looked_up(folded, lexicon.vector_keys, lexicon.vector_rows)
        bits[plain] |= _looked_up(folded, lexicon.listed_keys, lexicon.listed_bits)
    vector[~is_word] = 0
    bits[~is_word] = 0
    base = N_SHAPES + len(_PUNCTUATION)
    for k, rank in enumerate(_RANKS):
        flags[:, base + k] = (vector > 0) & (vector <= rank)
    flags[:, base + len(_RANKS)] = is_word & (vector == 0)
    flags[:, GAZETTEER_FLAGS] = (bits[:, None] >> np.arange(len(GAZETTEERS), dtype=np.uint8)) & 1
    return Words(vector, whole, prefixes, suffixes, flags)


def are_rare(words: Sequence[str], lexicon: Lexicon) -> list[bool]:
    """Whether each is none of the most frequent words of English."""
    keys = np.array([crc32(word.lower().encode()) for word in words], np.uint32)
    rows = _looked_up(keys, lexicon.vector_keys, lexicon.vector_rows)
    rare: list[bool] = ((rows == 0) | (rows > _FREQUENT)).tolist()
    return rare


def _looked_up(keys: Uint32s, known: Uint32s, values: npt.NDArray[_N]) -> npt.NDArray[_N]:
    if not len(known):
        return np.zeros(len(keys), values.dtype)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, values[at], values.dtype.type(0))


def _row(kind: str, piece: str) -> int:
    return 1 + crc32(f"{kind}{piece}".encode()) % (HASH_ROWS - 1)


def _numeral(word: str) -> str:
    """A number by its length, and what a small one says; a sign or a mark by itself."""
    if word[0].isdigit():
        return word if len(word) <= 2 else "0" * min(len(word), 12)
    if word[0] == "\n":
        return "\n" * min(len(word), 3)
    return "<>" if MARK.fullmatch(word) else word[:3]


def _folded(token: str) -> str:
    decomposed = unicodedata.normalize("NFKD", token.strip().lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("\u2019", "'")


def _shapes(token: str, word: str) -> list[int]:
    """Indices of flags; all of them at most once."""
    found = [0] if len(token) == len(word) else [1] if len(token) == len(word) + 1 else [2]
    first = word[0]
    if first.isalpha():
        if word.islower():
            found.append(3)
        elif len(word) == 1:
            found.append(4)
        elif word.isupper():
            found.append(5)
        elif word.istitle() or (first.isupper() and word[1:].islower()):
            found.append(6)
        elif first.isupper():
            found.append(7)
        else:
            found.append(8)
        found.append(9 + min(len(word), 10) - 1)
        if not word.isascii():
            found.append(19)
        if "'" in word or "\u2019" in word:
            found.append(20)
    elif first.isdigit():
        found.append(20 + min(len(word), 7))
    elif first == "\n":
        found.append(28 if len(word) == 1 else 29)
    elif MARK.fullmatch(word):
        found.append(30)
    elif first in _PUNCTUATION:
        found.append(N_SHAPES + _PUNCTUATION.index(first))
    else:
        found.append(31)
    return found
