from __future__ import annotations

from random import Random

import pytest

from training.augment import misspelt, recased, scrubbed, with_other_values
from training.examples import Example, Span

TEXT = Example("Yesterday Ada Byron went to Rome", (Span(10, 19, "PERSON"), Span(28, 32, "LOCATION")))


def test_values_are_replaced_where_they_stand() -> None:
    """Each by one of its kind, told how many words it has; spans follow."""
    made = with_other_values(TEXT, {"PERSON": lambda n: "Bo" * n}, Random(1), 1.0)
    assert made == Example("Yesterday BoBo went to Rome", (Span(10, 14, "PERSON"), Span(23, 27, "LOCATION")))


@pytest.mark.parametrize("seed", range(12))
def test_what_was_scrubbed_is_no_finding(seed: int) -> None:
    """What stands for a value has no label, and the values that remain keep theirs."""
    made = scrubbed(TEXT, Random(seed))
    assert all(made.text[start:end] in {"Ada Byron", "Rome"} for start, end, _ in made.spans)
    assert made.text.startswith("Yesterday ")
    assert ("Rome" in made.text) == any(label == "LOCATION" for _, _, label in made.spans)


@pytest.mark.parametrize("seed", range(6))
def test_case_and_typing_errors_move_no_label(seed: int) -> None:
    """The spans are over the same words as before."""
    for made in (recased(TEXT, Random(seed)), misspelt(TEXT, Random(seed))):
        assert [made.text[start].lower() for start, _, _ in made.spans] == ["a", "r"]
        assert [made.text[end - 1].lower() for _, end, _ in made.spans] == ["n", "e"]
