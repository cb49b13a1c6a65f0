from __future__ import annotations

from collections.abc import Sequence

import pytest

from processors.pii.findings import Finding
from processors.pii.model.surnames import with_surnames

COMMON = {"please", "today", "monday", "again"}


def names(text: str, *parts: str, score: float = 0.95) -> list[str]:
    found = [Finding("PERSON", text.index(part), text.index(part) + len(part), score) for part in parts]

    def are_rare(words: Sequence[str]) -> list[bool]:
        return [word.lower() not in COMMON for word in words]

    return [text[f.start : f.end] for f in with_surnames(text, found, are_rare)]


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("Questions to Temperance Okorie, who", "Temperance", "Temperance Okorie"),
        ("ask Anne Soyinka-Lee.", "Anne", "Anne Soyinka-Lee"),
        ("shall I write to D. RAMSARAN about it", "RAMSARAN", "D. RAMSARAN"),
        ("manager P. Vandenberg knows", "Vandenberg", "P. Vandenberg"),
        ("by J. R. Tolbert here", "Tolbert", "J. R. Tolbert"),
    ],
)
def test_what_belongs_to_a_name(text: str, part: str, expected: str) -> None:
    """The surname behind, the initials before."""
    assert names(text, part) == [expected]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("tell Anne Please", "Anne"),
        ("ask Anne Kubernetes things", "Anne"),
        ("Anne wrote", "Anne"),
        ("Anne, Okorie", "Anne"),
        ("ANNE OKORIE", "ANNE"),
        ("Anne\nOkorie", "Anne"),
        ("Anne Okorie: hello", "Anne"),
        ("Q. Who?\nA. Ramsaran", "Ramsaran"),
    ],
)
def test_what_does_not(text: str, part: str) -> None:
    """Common words, software, words behind a sign or on the next line, and letters that number answers."""
    assert names(text, part) == [part]


def test_a_doubtful_name_stays_as_it_is() -> None:
    """And the next finding is not run into."""
    assert names("Temperance Okorie", "Temperance", score=0.55) == ["Temperance"]
    assert names("Ann Lee met", "Ann", "Lee") == ["Ann", "Lee"]
