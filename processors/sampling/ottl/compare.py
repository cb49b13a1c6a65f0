"""How two values compare: OTTL's rules, as `pkg/ottl/compare.go` of the Collector 0.159 has them.

Numbers compare as such, an int with a double as doubles. Values of different types are unequal, and neither is less.
nil equals nil alone. Lists, maps and ids are equal or not, but never less.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from processors.sampling.ottl.values import Duration, Time, Value

Comparison: TypeAlias = Callable[[Value, Value], bool]

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_EQUALS: Final = ("==", "<=", ">=")
_ORDERED: Final = frozenset((bool, int, float, str, bytes))


def comparison(symbol: str) -> Comparison:
    """For one of `==`, `!=`, `<`, `<=`, `>`, `>=`."""
    apply = _OPERATORS[symbol]
    of_unlike = symbol == "!="
    of_nils = symbol in _OF_EQUALS

    def compare(left: Value, right: Value) -> bool:
        kind = type(left)
        if kind is not type(right):
            if (kind is int and type(right) is float) or (kind is float and type(right) is int):
                return apply(float(left), float(right))  # type: ignore[arg-type]  # an int and a float
            return of_unlike
        if kind in _ORDERED:
            return apply(left, right)
        if left is None:
            return of_nils
        if isinstance(left, Duration) and isinstance(right, Duration):
            return apply(left.nano, right.nano)
        if isinstance(left, Time) and isinstance(right, Time):
            return apply(left.unix_nano, right.unix_nano)
        if symbol not in {"==", "!="}:
            return False
        return same(left, right) is (symbol == "==")

    return compare


def same(left: Value, right: Value) -> bool:
    """Equal to the last detail: in lists and maps 1 and 1.0 differ, as they do in the Collector."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return left == right
