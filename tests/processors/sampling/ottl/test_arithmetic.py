from __future__ import annotations

import pytest

from processors.sampling.ottl.arithmetic import calculate, negate
from processors.sampling.ottl.values import Duration, OttlError, Time, Value


@pytest.mark.parametrize(
    ("left", "symbol", "right", "result"),
    [
        (7, "+", 2, 9),
        (7, "-", 9, -2),
        (7, "*", 2, 14),
        (7, "/", 2, 3),
        (-7, "/", 2, -3),
        (7, "/", -2, -3),
        (2**63 - 1, "+", 1, -(2**63)),
        (2**62, "*", 4, 0),
        (-(2**63), "/", -1, -(2**63)),
        (1, "+", 0.5, 1.5),
        (1.5, "*", 2, 3.0),
        (1, "/", 2.0, 0.5),
        (1.5, "-", 1, 0.5),
        (Time(5), "-", Time(2), Duration(3)),
        (Time(5), "-", Duration(2), Time(3)),
        (Time(5), "+", Duration(2), Time(7)),
        (Duration(2), "+", Time(5), Time(7)),
        (Duration(2), "+", Duration(5), Duration(7)),
        (Duration(2), "-", Duration(5), Duration(-3)),
    ],
)
def test_results(left: Value, symbol: str, right: Value, result: Value) -> None:
    """Ints stay ints of 64 bits and divide towards zero; times and durations add and subtract."""
    assert calculate(symbol, left, right) == result
    assert type(calculate(symbol, left, right)) is type(result)


@pytest.mark.parametrize(
    ("left", "symbol", "right"),
    [
        (1, "/", 0),
        (1.0, "/", 0),
        ("a", "+", "b"),
        (True, "+", 1),
        (None, "+", 1),
        (Time(1), "+", Time(1)),
        (Time(1), "*", 2),
        (Duration(1), "-", Time(1)),
    ],
)
def test_what_does_not_go_together(left: Value, symbol: str, right: Value) -> None:
    """Everything else has no value."""
    with pytest.raises(OttlError):
        calculate(symbol, left, right)


def test_negative() -> None:
    """Numbers have a negative, and nothing else."""
    assert (negate(3), negate(-1.5), negate(-(2**63))) == (-3, 1.5, -(2**63))
    with pytest.raises(OttlError):
        negate("3")
