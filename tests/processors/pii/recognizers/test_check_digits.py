from __future__ import annotations

from collections.abc import Callable

import pytest

from processors.pii.recognizers.check_digits import digits_of, luhn, mod_11_10, no_repetition, verhoeff, weighted


@pytest.mark.parametrize(
    ("check", "digits"),
    [(luhn, "79927398713"), (verhoeff, "2363"), (mod_11_10, "86095742719"), (luhn, "4111111111111111")],
)
def test_exactly_one_check_digit_is_right(check: Callable[[str], bool], digits: str) -> None:
    """The published examples pass, and no other last digit does."""
    assert [d for d in "0123456789" if check(digits[:-1] + d)] == [digits[-1]]


def test_small_parts() -> None:
    """Sums, separators, and numbers of one digit."""
    assert weighted("123", (1, 10, 100)) == 321
    assert digits_of("1-2 \u0663x") == "12"
    assert not no_repetition("1111")
