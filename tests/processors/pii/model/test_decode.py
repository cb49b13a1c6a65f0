from __future__ import annotations

import numpy as np
import pytest

from processors.pii.model.decode import N_TAGS, findings
from processors.pii.model.tokens import tokens

NONE, B_PER, I_PER, B_LOC, I_LOC, B_ADR, I_ADR, B_ORG, I_ORG = range(N_TAGS)


def decoded(text: str, *tags: int, sure: float = 8.0) -> list[tuple[str, str]]:
    cut = tokens(text)
    scores = np.zeros((len(cut), N_TAGS), np.float32)
    scores[np.arange(len(cut)), tags] = sure
    return [(f.entity_type, text[f.start : f.end]) for f in findings(cut, scores)]


def test_tags_become_findings() -> None:
    """From the first letter of the first word to the last of the last; a beginning parts neighbours."""
    assert decoded("I met Ada Byron Bob", NONE, NONE, B_PER, I_PER, B_PER) == [
        ("PERSON", "Ada Byron"),
        ("PERSON", "Bob"),
    ]
    assert decoded("of Acme in Rome", NONE, B_ORG, NONE, I_LOC) == [("ORGANIZATION", "Acme"), ("LOCATION", "Rome")]
    assert decoded("no one", NONE, NONE) == []
    assert findings([], np.zeros((0, N_TAGS), np.float32)) == []


def test_an_address_is_one_finding() -> None:
    """Across its commas and line breaks, with the city after it."""
    assert decoded("at 5 Elm St,\nRome.", NONE, B_ADR, I_ADR, I_ADR, NONE, NONE, B_LOC, NONE) == [
        ("LOCATION", "5 Elm St,\nRome")
    ]
    assert decoded("5 Elm and 6 Oak", B_ADR, I_ADR, NONE, B_ADR, I_ADR) == [
        ("LOCATION", "5 Elm"),
        ("LOCATION", "6 Oak"),
    ]
    assert decoded("Rome, Pisa", B_LOC, NONE, B_LOC) == [("LOCATION", "Rome"), ("LOCATION", "Pisa")]


def test_marks_are_nothing_and_quiet_their_neighbours() -> None:
    """A mark is never found again, whatever its score; beside one, only what is beyond doubt is found."""
    assert decoded("<PERSON> Byron", B_PER, I_PER) == []
    assert decoded("<PERSON> Byron", B_PER, I_PER, sure=30.0) == [("PERSON", "Byron")]
    assert decoded("**Ada** Byron", B_PER, B_PER, B_PER, I_PER) == [("PERSON", "Ada"), ("PERSON", "Byron")]


@pytest.mark.parametrize(("sure", "least"), [(1.0, 0.5), (8.0, 0.99)])
def test_the_score_is_how_sure_it_is(sure: float, least: float) -> None:
    """A mean of probabilities, over one half."""
    scores = np.zeros((1, N_TAGS), np.float32)
    scores[0, B_PER] = sure
    (finding,) = findings(["Ada"], scores)
    assert least < finding.score <= 1


def test_after_at_only_what_is_sure() -> None:
    """What follows `@` may as well be a decorator or a package."""
    assert decoded("@ada, Ada", NONE, B_PER, NONE, B_PER, sure=3.0) == [("PERSON", "Ada")]
    assert decoded("@ada", NONE, B_PER, sure=9.0) == [("PERSON", "ada")]
    assert decoded("@", NONE) == []
