from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.pii.model.tokens import BLANKS, LEFT_BY_US, MARK, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t", []),
        ("Ada's dog", ["Ada", "'s", " dog"]),
        ("O'Brien-Li, J.", ["O'Brien", "-", "Li", ",", " J", "."]),
        ("221B Baker", ["221", "B", " Baker"]),
        ("a_b  c\n\nd", ["a", "_", "b", "  c", "\n\n", "d"]),
        ("to <PERSON> and <PERSON:k1:4f0c>", ["to", " <PERSON>", " and", " <PERSON:k1:4f0c>"]),
        ("**** [REDACTED] <removed>", ["****", " [REDACTED]", " <removed>"]),
        ("Zoë\u2009Müller", ["Zoë", "\u2009Müller"]),
    ],
)
def test_cuts(text: str, expected: list[str]) -> None:
    """Words, numbers, single signs, line breaks, and marks as one token each."""
    assert tokens(text) == expected


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_nothing_is_lost(text: str) -> None:
    """Put together again, the tokens are the text less the blanks at its end; each is more than blanks."""
    found = tokens(text)
    assert text.startswith("".join(found))
    assert not text[len("".join(found)) :].strip(BLANKS)
    assert all(token.lstrip(BLANKS) for token in found)


def test_blanks_are_all_white_space_but_the_line_feed() -> None:
    """What the pattern takes as a blank, `BLANKS` strips."""
    every = "".join(map(chr, range(0x3100)))
    assert sorted(BLANKS) == sorted(re.findall(r"[^\S\n]", every))


@pytest.mark.parametrize(
    ("mark", "is_ours"), [("<PERSON>", True), ("<X_Y:k2:0a>", True), ("***", True), ("[NAME]", False), ("**", False)]
)
def test_marks(mark: str, *, is_ours: bool) -> None:
    """Bold print and other people's brackets stand for something, but were not left by this project."""
    assert MARK.fullmatch(mark)
    assert bool(LEFT_BY_US.fullmatch(mark)) is is_ours
