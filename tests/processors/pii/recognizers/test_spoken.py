from __future__ import annotations

import pytest

from processors.pii.recognizers.spoken import SPOKEN_EMAIL, SpokenNumberRecognizer
from tests.processors.pii.recognizers.tables import found, is_linear

BOTH = (SpokenNumberRecognizer(), SPOKEN_EMAIL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it's five five five zero one nine two", ("PHONE_NUMBER", "five five five zero one nine two")),
        ("Oh Seven Double Seven, uh nine oh one", ("PHONE_NUMBER", "Oh Seven Double Seven, uh nine oh one")),
        ("four one " * 8, ("CREDIT_CARD", ("four one " * 8).strip())),
        ("jane dot doe at example dot co dot uk ok", ("EMAIL_ADDRESS", "jane dot doe at example dot co dot uk")),
        ("jane[at]example[dot]org", ("EMAIL_ADDRESS", "jane[at]example[dot]org")),
    ],
)
def test_what_is_spelled_out_is_found(text: str, expected: tuple[str, str]) -> None:
    """Digits word by word, as calls have them, and addresses of mail."""
    assert found(BOTH, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "one two three four five six seven eight",
        "nine eight seven six five four three two one zero",
        "one or two of the three",
        "two one, two one",
        "meet me at the dot",
        "look at line two dot three",
    ],
)
def test_counting_stays(text: str) -> None:
    """Steps of one count something, and few digits say nothing."""
    assert found(BOTH, text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear(BOTH, piece) for piece in ("one ", "double one, ", "a dot ", "a at ", "a[at]b[dot]"))
