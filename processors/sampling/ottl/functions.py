"""The functions of conditions: OTTL's converters, as far as they serve to decide.

An argument of the wrong type, nil above all, is an error, unless the function says otherwise; `error_mode` says what
becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from processors.sampling.ottl.compare import comparison
from processors.sampling.ottl.convert import to_double, to_int, to_string
from processors.sampling.ottl.paths import Context
from processors.sampling.ottl.values import Duration, Elements, Identifier, OttlError, Value, type_name
from processors.sampling.patterns import searcher
from processors.sampling.span_view import SpanView
from processors.values import parse_duration

_equal: Final = comparison("==")
_NANO_PER_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[str, ...]
    evaluate: Callable[..., Value] | None
    """Of the arguments' values. Raises OttlError. None: `compiler` has a way of its own."""
    is_truth: bool = False
    """It is always true or false, so it can stand for itself in a condition."""
    contexts: tuple[Context, ...] = ("span", "spanevent")


def _string(value: Value) -> str:
    if isinstance(value, str):
        return value
    msg = f"a string is needed, not {type_name(value)}"
    raise OttlError(msg)


def _duration(value: Value) -> Duration:
    if isinstance(value, Duration):
        return value
    msg = f"a duration is needed, not {type_name(value)}"
    raise OttlError(msg)


def _len(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Elements):
        return value.count
    if isinstance(value, (bytes, tuple, Mapping)):
        return len(value)
    msg = f"{type_name(value)} has no length"
    raise OttlError(msg)


def _contains(items: Value, item: Value) -> bool:
    if not isinstance(items, tuple):
        msg = f"a list is needed, not {type_name(items)}"
        raise OttlError(msg)
    return any(_equal(each, item) for each in items)


def _concat(values: Value, delimiter: Value) -> str:
    if not isinstance(values, tuple):
        msg = f"a list is needed, not {type_name(values)}"
        raise OttlError(msg)
    texts = (to_string(value) for value in values)
    return _string(delimiter).join("<nil>" if text is None else text for text in texts)


def _lower(value: Value) -> str:
    text = _string(value)
    # One rune for one rune, as in Go; Python knows letters that become two, and a sigma that ends a word.
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)


def _upper(value: Value) -> str:
    text = _string(value)
    if text.isascii():
        return text.upper()
    return "".join(upper if len(upper := char.upper()) == 1 else char for char in text)


def _parse_duration(value: Value) -> Duration:
    text = _string(value)
    try:
        nano = round(parse_duration(text[1:] if text[:1] in {"+", "-"} else text) * _NANO_PER_SECOND)
        return Duration(-nano if text.startswith("-") else nano)
    except ValueError:
        raise OttlError("a duration is a number with a unit, such as 300ms or 1.5h") from None


def _identifier(size: int) -> Callable[[Value], Identifier]:
    def identifier(value: Value) -> Identifier:
        data = value.encode() if isinstance(value, str) else value
        if isinstance(data, bytes) and len(data) == size:
            return Identifier(data)
        if isinstance(data, bytes) and len(data) == 2 * size:
            try:
                return Identifier(bytes.fromhex(data.decode("ascii")))
            except ValueError:
                pass
        msg = f"{size} bytes are needed, or {2 * size} hexadecimal digits"
        raise OttlError(msg)

    return identifier


def _is(*types: type) -> Function:
    return Function(("target",), lambda value: type(value) in types, is_truth=True)


def _unit(nano: int) -> Function:
    """Cut to whole units."""

    def evaluate(value: Value) -> int:
        length = _duration(value).nano
        return length // nano if length >= 0 else -(-length // nano)

    return Function(("duration",), evaluate)


def _long_unit(seconds: int) -> Function:
    return Function(("duration",), lambda value: _duration(value).nano / (seconds * _NANO_PER_SECOND))


IS_MATCH: Final = "IsMatch"
IS_ROOT_SPAN: Final = "IsRootSpan"

FUNCTIONS: Final[Mapping[str, Function]] = {
    "Concat": Function(("vals", "delimiter"), _concat),
    "ContainsValue": Function(("target", "item"), _contains, is_truth=True),
    "Double": Function(("target",), to_double),
    "Duration": Function(("duration",), _parse_duration),
    "HasPrefix": Function(
        ("target", "prefix"), lambda text, start: _string(text).startswith(_string(start)), is_truth=True
    ),
    "HasSuffix": Function(("target", "suffix"), lambda text, end: _string(text).endswith(_string(end)), is_truth=True),
    "Hours": _long_unit(3600),
    "Int": Function(("target",), to_int),
    "IsBool": _is(bool),
    "IsDouble": _is(float),
    "IsInt": _is(int),
    "IsList": _is(tuple, Elements),
    "IsMap": _is(dict),
    IS_MATCH: Function(("target", "pattern"), None, is_truth=True),
    IS_ROOT_SPAN: Function((), None, is_truth=True, contexts=("span",)),
    "IsString": _is(str),
    "Len": Function(("target",), _len),
    "Microseconds": _unit(1000),
    "Milliseconds": _unit(1_000_000),
    "Minutes": _long_unit(60),
    "Nanoseconds": _unit(1),
    "Seconds": _long_unit(1),
    "SpanID": Function(("target",), _identifier(8)),
    "String": Function(("target",), to_string),
    "ToLowerCase": Function(("target",), _lower),
    "ToUpperCase": Function(("target",), _upper),
    "TraceID": Function(("target",), _identifier(16)),
}


def matcher(pattern: str) -> Callable[[Value], bool]:
    """`IsMatch` with this pattern; nil does not match. Raises ValueError for what is no pattern."""
    search = searcher([pattern])

    def matches(value: Value) -> bool:
        text = value if isinstance(value, str) else to_string(value)
        return text is not None and search(text)

    return matches


def is_root_span(view: SpanView) -> bool:
    return not view.span.parent_span_id.strip(b"\0")
