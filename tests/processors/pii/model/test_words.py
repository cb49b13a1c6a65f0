from __future__ import annotations

from zlib import crc32

import numpy as np

from processors.pii.model.words import GAZETTEER_FLAGS, HASH_ROWS, N_FLAGS, Lexicon, are_rare, describe

_WORDS = sorted([("the", 1), ("smith", 2), ("muller", 3)], key=lambda pair: crc32(pair[0].encode()))
LEXICON = Lexicon(
    np.array([crc32(word.encode()) for word, _ in _WORDS], np.uint32),
    np.array([row for _, row in _WORDS], np.int32),
    np.array([crc32(b"smith")], np.uint32),
    np.array([0b10], np.uint8),
)


def test_words_are_looked_up_by_their_lower_case_form() -> None:
    """With their accents, else without; numbers and signs have no vector."""
    words = describe(["The", " SMITH", " Müller", " Okafor", " 12", ","], LEXICON)
    assert words.vector.tolist() == [1, 2, 3, 0, 0, 0]
    assert words.flags[:, GAZETTEER_FLAGS].sum(axis=1).tolist() == [0, 1, 0, 0, 0, 0]
    assert words.flags[1, GAZETTEER_FLAGS].tolist() == [0, 1, 0, 0, 0]


def test_shape_tells_case_blanks_and_length() -> None:
    """Tokens that differ in nothing but case or the blank before them differ in flags; their pieces are the same."""
    words = describe(["smith", "Smith", " Smith", "SMITH"], LEXICON)
    assert len(np.unique(words.flags, axis=0)) == 4
    assert len(np.unique(words.suffixes, axis=0)) == 1
    assert words.flags.shape == (4, N_FLAGS)


def test_numbers_count_by_length_and_marks_are_alike() -> None:
    """No number is learned by heart but the smallest; every mark is the same word."""
    words = describe(["4711", "1234", "12345", "<PERSON>", "<LOCATION:k1:00ff>"], LEXICON)
    assert words.whole[0] == words.whole[1] != words.whole[2]
    assert words.whole[3] == words.whole[4]


def test_any_token_fits_the_tables() -> None:
    """Rows are within the tables, whatever the script."""
    words = describe(["Ωmega", "李", "\n\n\n\n", "\U0001f600", "ß" * 500, "\u3000x", "_____"], LEXICON)
    for rows in (words.whole, words.prefixes, words.suffixes):
        assert rows.min() >= 0
        assert rows.max() < HASH_ROWS


def test_rare_is_what_english_seldom_uses() -> None:
    """By the order of the vectors; what has none is rare."""
    many = LEXICON._replace(vector_rows=np.array([{1: 1, 2: 5000, 3: 2}[row] for row in LEXICON.vector_rows], np.int32))
    assert are_rare(["The", "Smith", "Okafor"], many) == [False, True, True]
