from __future__ import annotations

from collections.abc import Sequence

from processors.pii.findings import Finding
from processors.pii.model.repeats import with_repeats
from processors.pii.model.tokens import tokens


def repeated(text: str, *found: Finding) -> list[str]:
    def is_rare(words: Sequence[str]) -> list[bool]:
        return [word != "Will" for word in words]

    return [text[f.start : f.end] for f in with_repeats(text, tokens(text), list(found), is_rare)]


def test_a_name_is_found_wherever_it_stands() -> None:
    """Each of its words, once, in order of position."""
    text = "Byron? Ada Byron said so. Ada!"
    assert repeated(text, Finding("PERSON", 7, 16, 0.95)) == ["Byron", "Ada Byron", "Ada"]


def test_common_words_and_doubtful_findings_are_not_repeated() -> None:
    """`Will` begins questions; what is small, short, no person or unsure says nothing about the rest."""
    assert repeated("Will Byron come? Will he?", Finding("PERSON", 0, 10, 0.95)) == ["Will Byron"]
    assert repeated("Ada, Ada", Finding("PERSON", 0, 3, 0.55)) == ["Ada"]
    assert repeated("ada, ada", Finding("PERSON", 0, 3, 0.95)) == ["ada"]
    assert repeated("Rome, Rome", Finding("LOCATION", 0, 4, 0.95)) == ["Rome"]
    assert repeated("Jo, Jo", Finding("PERSON", 0, 2, 0.95)) == ["Jo"]
    assert repeated("nobody") == []
