from __future__ import annotations

from decimal import Decimal

import pytest

from processors.prices.price import Cost, Tokens
from processors.prices.token_price import Rate, TokenPrice

IN, OUT = Rate(Decimal(2)), Rate(Decimal(8))
READ, WRITE, REASONING = Rate(Decimal("0.2")), Rate(Decimal("2.5")), Rate(Decimal(10))
TEXT = {"input": IN, "output": OUT}
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("rates", "tokens", "expected"),
    [
        (TEXT, Tokens(MILLION, MILLION), (10.0, 2.0, 8.0)),
        (TEXT, Tokens(MILLION, 0, 900_000), (2.0, 2.0, 0.0)),
        (TEXT | {"cache_read": READ}, Tokens(MILLION, 0, MILLION // 2), (1.1, 1.1, 0.0)),
        (TEXT | {"cache_read": READ, "cache_write": WRITE}, Tokens(MILLION, 0, MILLION, 0), (0.2, 0.2, 0.0)),
        (TEXT | {"cache_write": WRITE}, Tokens(MILLION, 0, 0, MILLION), (2.5, 2.5, 0.0)),
        (TEXT | {"reasoning": REASONING}, Tokens(0, MILLION, reasoning=MILLION // 2), (9.0, 0.0, 9.0)),
        (TEXT | {"audio_input": REASONING}, Tokens(MILLION, 0, audio_input=MILLION // 2), (6.0, 6.0, 0.0)),
        ({"input": IN}, Tokens(MILLION, 5), (2.0, 2.0, 0.0)),
        ({"input": Rate(Decimal(0))}, Tokens(MILLION, 5), (0.0, 0.0, 0.0)),
        (TEXT, Tokens(0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_parts_are_taken_out_of_their_whole(
    rates: dict[str, Rate], tokens: Tokens, expected: tuple[float, float, float]
) -> None:
    """Where they have a price of their own; else they cost what the whole costs."""
    assert TokenPrice(rates)(tokens) == Cost(*expected)


@pytest.mark.parametrize(
    ("rates", "tokens"),
    [
        ({"input": IN}, Tokens(0, 1000)),
        (TEXT | {"cache_read": READ}, Tokens(10, 0, 11)),
        (TEXT | {"reasoning": REASONING}, Tokens(0, 10, reasoning=11)),
        ({}, Tokens(1, 1)),
    ],
)
def test_no_price_and_no_sense_make_no_cost(rates: dict[str, Rate], tokens: Tokens) -> None:
    """Nothing of what was used has a price, or a part is larger than its whole."""
    assert TokenPrice(rates)(tokens) is None


def test_audio_that_contradicts_the_rest_is_left_out() -> None:
    """The text is still charged."""
    price = TokenPrice(TEXT | {"audio_input": REASONING})
    assert price(Tokens(1000, 0, audio_input=1001)) == price(Tokens(1000, 0))


def test_a_fee_is_on_top() -> None:
    """Of the total alone, and also where no tokens were used."""
    assert TokenPrice(TEXT, Decimal("0.005"))(Tokens(MILLION, 0)) == Cost(2.005, 2.0, 0.0)
    assert TokenPrice({}, Decimal("0.005"))(Tokens(7, 7)) == Cost(0.005, 0.0, 0.0)


def test_tiers_are_cliffs() -> None:
    """The whole call is charged at the rate of its tier; prices may have different thresholds."""
    price = TokenPrice(
        {
            "input": Rate(Decimal(1), ((100, Decimal(2)), (200, Decimal(3)))),
            "output": Rate(Decimal(10), ((150, Decimal(20)),)),
        }
    )
    for tokens_in, rate_in, rate_out in ((100, 1, 10), (101, 2, 10), (150, 2, 10), (151, 2, 20), (201, 3, 20)):
        assert price(Tokens(tokens_in, 10)) == Cost(
            (tokens_in * rate_in + 10 * rate_out) / MILLION, tokens_in * rate_in / MILLION, 10 * rate_out / MILLION
        )


def test_sums_are_exact() -> None:
    """One rounding at the end, where floats would round at every step."""
    cost = TokenPrice({"input": Rate(Decimal("0.1")), "output": Rate(Decimal("0.7"))})(Tokens(3 * MILLION, MILLION))
    assert cost == Cost(1.0, 0.3, 0.7)
    assert 0.1 * 3 != 0.3
