from __future__ import annotations

import time

import pytest

from processors.genai.conversation.template import skeleton


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You are helpful.", "You are helpful."),
        ("Hello {name}, hello {{ other }}, ${third} and <<fourth>>", "Hello {}, hello {} and {}"),
        ("Write to <PERSON> at <EMAIL_ADDRESS>.", "Write to {} at {}."),
        ("Write to <PERSON_1a2b3c4d>.", "Write to {}."),
        ("Today is 2026-11-21, 10:48:30Z.", "Today is {}."),
        ("Today is Saturday, 21 November 2026.", "Today is {}."),
        ("Answer in at most 3 sentences.", "Answer in at most {} sentences."),
        ('The order "A tall lamp" is late.', "The order {} is late."),
        ("It's the user's choice, isn't it?", "It's the user's choice, isn't it?"),
        ("See https://example.com/a?b=1 now", "See {} now"),
        ("Mail a.b@example.com now", "Mail {} now"),
        ("Order 0b6ed8c0-1b0e-4c55-9d4e-1f7f3a1f1a11", "Order {}"),
        ("<instructions>Be brief.</instructions>", "<instructions>Be brief.</instructions>"),
        ("a\n\n  b", "a b"),
    ],
)
def test_what_varies_goes(text: str, expected: str) -> None:
    """And what an author wrote stays."""
    assert skeleton(text) == expected


def test_known_variables_go_whatever_they_are() -> None:
    """The longest first; what is too short stands anywhere."""
    template = "Answer {question} for {name} in {lang}."
    filled = "Answer why the sky is blue for why in en."
    assert skeleton(filled, ("why", "why the sky is blue", "en")) == "Answer {} for {} in en."
    assert skeleton(template) == "Answer {} for {} in {}."


@pytest.mark.parametrize("piece", ["{", '"', "a-", "0", "<", "a@", "{{", "a1_", "x://"])
def test_no_text_takes_long(piece: str) -> None:
    """Time grows with the length alone."""
    text = piece * (60_000 // len(piece))
    start = time.process_time()
    skeleton(text)
    assert time.process_time() - start < 1.0
