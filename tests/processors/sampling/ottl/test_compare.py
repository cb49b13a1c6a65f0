from __future__ import annotations

import pytest

from processors.sampling.ottl.compare import comparison, same
from processors.sampling.ottl.values import Duration, Identifier, Time, Value

_OPERATORS = ("==", "!=", "<", "<=", ">", ">=")


@pytest.mark.parametrize(
    ("left", "right", "true"),
    [
        (None, None, "== <= >="),
        (None, 0, "!="),
        (b"", None, "!="),
        ("a", "a", "== <= >="),
        ("a", "b", "!= < <="),
        ("B", "a", "!= < <="),
        ("1", 1, "!="),
        (1, 2, "!= < <="),
        (1, 1.0, "== <= >="),
        (1.5, 1, "!= > >="),
        (2**53 + 1, float(2**53), "== <= >="),
        (float("nan"), float("nan"), "!="),
        (True, 1, "!="),
        (False, True, "!= < <="),
        (True, True, "== <= >="),
        (b"a", b"ab", "!= < <="),
        (b"a", "a", "!="),
        (Duration(1), Duration(2), "!= < <="),
        (Duration(1), 1, "!="),
        (Time(2), Time(1), "!= > >="),
        (Time(1), Duration(1), "!="),
        (Identifier(b"a" * 8), Identifier(b"a" * 8), "=="),
        (Identifier(b"a" * 8), b"a" * 8, "!="),
        ((1, "a"), (1, "a"), "=="),
        ((1,), (1.0,), "!="),
        ((1,), (1, 2), "!="),
        ({"a": (1,)}, {"a": (1,)}, "=="),
        ({"a": 1}, {"b": 1}, "!="),
        ({"a": True}, {"a": 1}, "!="),
        ({}, (), "!="),
    ],
)
def test_each_operator(left: Value, right: Value, true: str) -> None:
    """The table of OTTL's comparison rules: numbers as numbers, other types unequal and in no order, nil alone nil."""
    assert " ".join(symbol for symbol in _OPERATORS if comparison(symbol)(left, right)) == true
    assert comparison("==")(right, left) is ("==" in true)


def test_sameness_is_strict() -> None:
    """Inside lists and maps an int is not the double of the same value."""
    assert same((1, {"a": None}), (1, {"a": None}))
    assert not same(1, 1.0)
