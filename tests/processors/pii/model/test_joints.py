from __future__ import annotations

import pytest

from processors.pii.findings import Finding
from processors.pii.model.joints import joined


def names(text: str, *parts: str, entity_type: str = "PERSON") -> list[str]:
    found = [Finding(entity_type, text.index(part), text.index(part) + len(part), 0.9) for part in parts]
    return [text[f.start : f.end] for f in joined(text, found)]


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("with Maarten de Vries today", ["Maarten"], ["Maarten de Vries"]),
        ("Luis de la Cruz y Ramos", ["Luis"], ["Luis de la Cruz y Ramos"]),
        ("Luis de la Cruz y Ramos", ["Luis", "Cruz", "Ramos"], ["Luis de la Cruz y Ramos"]),
        ("is Young-hee in?", ["Young"], ["Young-hee"]),
        ("GRACE A NDLOVU paid", ["GRACE", "NDLOVU"], ["GRACE A NDLOVU"]),
        ("Ann B. Lee", ["Ann", "Lee"], ["Ann B. Lee"]),
    ],
)
def test_names_go_on(text: str, parts: list[str], expected: list[str]) -> None:
    """Over particles, hyphens and initials, whatever of the rest was found."""
    assert names(text, *parts) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the Obama-era rule", ["Obama"]),
        ("Ann and Bob", ["Ann", "Bob"]),
        ("Ann y el perro", ["Ann"]),
        ("Ann, B. Lee", ["Ann", "Lee"]),
        ("Ann de facto won", ["Ann"]),
    ],
)
def test_names_end(text: str, parts: list[str]) -> None:
    """Before other words, whatever stands between."""
    assert names(text, *parts) == parts


def test_places_go_on() -> None:
    """Over the small words in them, and not over what follows them."""
    assert names("in Stoke-on-Trent now", "Stoke", entity_type="LOCATION") == ["Stoke-on-Trent"]
    assert names("in Cluj-Napoca now", "Cluj", entity_type="LOCATION") == ["Cluj-Napoca"]
    assert names("a London-based firm", "London", entity_type="LOCATION") == ["London"]
    assert names("Acme-on-Sea", "Acme", entity_type="ORGANIZATION") == ["Acme"]
