from __future__ import annotations

import math

import pytest

from processors.sampling.ottl.convert import to_double, to_int, to_string
from processors.sampling.ottl.values import Duration, OttlError, Time, Value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a", "a"),
        (b"\x01\xff", "01ff"),
        (True, "true"),
        (-7, "-7"),
        (1.0, "1"),
        (0.1, "0.1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"),
        (Duration(5), "5"),
        ((1, "a", None, b"ab", False), '[1,"a",null,"YWI=",false]'),
        ({"b": "<é>", "a": (1.5,)}, '{"a":[1.5],"b":"\\u003cé\\u003e"}'),
    ],
)
def test_strings(value: Value, text: str | None) -> None:
    """As Go writes JSON: keys in order, few digits, angle brackets escaped."""
    assert to_string(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, Time(1), (math.nan,)])
def test_no_string(value: Value) -> None:
    """What JSON cannot say is an error."""
    with pytest.raises(OttlError):
        to_string(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), (7, 7), (True, 1), (1.9, 1), (-1.9, -1), ("-42", -42), ("+1", 1), ("0012", 12), ("1.5", None), ("", None),
     (" 1", None), ("1_0", None), ("9223372036854775808", None), ("-9223372036854775808", -(2**63)), ("٣", None)],
)  # fmt: skip
def test_ints(value: Value, number: int | None) -> None:
    """A string that is no int of 64 bits gives nil, and only ASCII digits count."""
    assert to_int(value) == number


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e19, b"1", (1,)])
def test_no_int(value: Value) -> None:
    """What has no int is an error."""
    with pytest.raises(OttlError):
        to_int(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), (7, 7.0), (True, 1.0), ("1.5", 1.5), (".5", 0.5), ("-1e3", -1000.0), ("Inf", math.inf), ("-inf", -math.inf)],
)  # fmt: skip
def test_doubles(value: Value, number: float | None) -> None:
    """Numbers, and strings of numbers."""
    assert to_double(value) == number


@pytest.mark.parametrize("value", ["", "x", "1e999", "1_0", " 1", b"1", ()])
def test_no_double(value: Value) -> None:
    """A string that is no number is an error here, while it is nil for an int: so it is in the Collector."""
    with pytest.raises(OttlError):
        to_double(value)
