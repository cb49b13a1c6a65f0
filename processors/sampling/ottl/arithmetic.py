"""`+`, `-`, `*` and `/` on ints, doubles, times and durations, as in the Collector's `pkg/ottl/math.go`."""

from __future__ import annotations

import math

from processors.sampling.ottl.values import Duration, OttlError, Time, Value, int64, type_name


def calculate(symbol: str, left: Value, right: Value) -> Value:
    """Ints wrap around at 64 bits and divide towards zero. Raises OttlError for types that do not go together, and for
    a division by zero.
    """
    if type(left) is int and type(right) is int:
        return _of_ints(symbol, left, right)
    if type(left) in {int, float} and type(right) in {int, float}:
        return _of_doubles(symbol, float(left), float(right))  # type: ignore[arg-type]  # numbers, see above
    match symbol, left, right:
        case "+", Time(start), Duration(nano):
            return Time(start + nano)
        case "+", Duration(nano), Time(start):
            return Time(start + nano)
        case "+", Duration(one), Duration(other):
            return Duration(int64(one + other))
        case "-", Time(end), Time(start):
            return Duration(end - start)
        case "-", Time(end), Duration(nano):
            return Time(end - nano)
        case "-", Duration(one), Duration(other):
            return Duration(int64(one - other))
    msg = f"{type_name(left)} {symbol} {type_name(right)} has no value"
    raise OttlError(msg)


def negate(value: Value) -> Value:
    if type(value) is int:
        return int64(-value)
    if type(value) is float:
        return -value
    msg = f"{type_name(value)} has no negative"
    raise OttlError(msg)


def _of_ints(symbol: str, left: int, right: int) -> int:
    match symbol:
        case "+":
            return int64(left + right)
        case "-":
            return int64(left - right)
        case "*":
            return int64(left * right)
    if right == 0:
        raise OttlError("division by zero")
    quotient = abs(left) // abs(right)
    return int64(quotient if (left < 0) is (right < 0) else -quotient)


def _of_doubles(symbol: str, left: float, right: float) -> float:
    match symbol:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise OttlError("division by zero")
    return left / right if not math.isnan(right) else math.nan
