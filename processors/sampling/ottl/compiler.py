"""Makes closures of conditions, once: what a span costs is one call each for the parts of a condition that it needs.

A condition is true or false; its parts are truths (comparisons, calls such as `IsMatch`, `true`) or values (paths,
literals, arithmetic). The grammar takes both for expressions, so it is here that they are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from lark import Token, Tree
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.sampling.ottl.arithmetic import calculate, negate
from processors.sampling.ottl.compare import comparison
from processors.sampling.ottl.functions import FUNCTIONS, IS_MATCH, IS_ROOT_SPAN, Function, is_root_span, matcher
from processors.sampling.ottl.grammar import MAX_DEPTH, ConditionError, parse
from processors.sampling.ottl.paths import Context, Getter, Key, resolve
from processors.sampling.ottl.values import OttlError, Value
from processors.sampling.span_view import SpanView

Truth: TypeAlias = Callable[[SpanView], bool]

ENUMS: Final = {**dict(Span.SpanKind.items()), **dict(Status.StatusCode.items())}
"""Names such as SPAN_KIND_SERVER and STATUS_CODE_ERROR, which are ints."""

_INT64_MAX: Final = (1 << 63) - 1
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<letter>[abfnrtv\\\"'])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-7]{3})|(?P<bad>.))",
    re.DOTALL,
)
_LETTERS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Condition:
    is_true: Truth
    """Raises OttlError where a part has no value on this span."""
    span_keys: frozenset[str]
    """Of the span attributes that must be in `SpanView.attributes`."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Either a truth or a value; a function that gives a bool, and a literal bool, are both."""

    position: int
    get: Getter | None = None
    is_true: Truth | None = None
    constant: bool = False


def compile_condition(text: str, context: Context) -> Condition:
    """Raises ConditionError, with the position, for what is not in the subset."""
    compiler = _Compiler(context)
    is_true = compiler.truth(parse(text), 0)
    return Condition(is_true, frozenset(compiler.span_keys))


class _Compiler:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.span_keys: set[str] = set()

    def truth(self, tree: Tree[Token], depth: int) -> Truth:
        node = self._node(tree, depth)
        if node.is_true is None:
            problem = "a value is no condition: compare it with another, or use a function such as IsMatch"
            raise ConditionError(node.position, problem)
        return node.is_true

    def _value(self, tree: Tree[Token], depth: int) -> tuple[Getter, bool]:
        node = self._node(tree, depth)
        if node.get is None:
            raise ConditionError(node.position, "a comparison or a logical expression cannot be used as a value")
        return node.get, node.constant

    def _node(self, tree: Tree[Token], depth: int) -> _Node:
        position = (tree.meta.start_pos if not tree.meta.empty else 0) + 1
        if depth > MAX_DEPTH:
            raise ConditionError(position, f"nested more than {MAX_DEPTH} deep")
        match tree.data:
            case "either" | "both" | "negation":
                return _Node(position, is_true=self._logic(str(tree.data), tree.children, depth))
            case "comparison":
                return _Node(position, is_true=self._comparison(tree.children, depth))
            case "sum" | "product":
                return self._arithmetic(tree.children, depth, position)
            case "sign":
                return self._sign(tree.children, depth, position)
            case "group":
                return self._node(_tree(tree.children[0]), depth + 1)
            case "list":
                return self._list(tree.children, depth, position)
            case "path":
                return self._path(tree.children, position)
            case "call":
                return self._call(tree.children, depth, position)
            case "enum":
                return self._enum(str(tree.children[0]), position)
            case _:
                return _literal(tree.children[0], position)

    def _logic(self, kind: str, children: Sequence[Tree[Token] | Token], depth: int) -> Truth:
        parts = tuple(self.truth(_tree(child), depth + (kind == "negation")) for child in children)
        if kind == "negation":
            inner = parts[0]
            return lambda view: not inner(view)
        return _all_of(parts) if kind == "both" else _any_of(parts)

    def _comparison(self, children: Sequence[Tree[Token] | Token], depth: int) -> Truth:
        left, _ = self._value(_tree(children[0]), depth)
        right, constant = self._value(_tree(children[2]), depth)
        compare = comparison(str(children[1]))
        if not constant:
            return lambda view: compare(left(view), right(view))
        wanted = right(_NOWHERE)
        # The commonest ones, where Python's own equality is OTTL's.
        if isinstance(wanted, str | bytes) or wanted is None:
            if children[1] == "==":
                return lambda view: left(view) == wanted
            if children[1] == "!=":
                return lambda view: left(view) != wanted
        return lambda view: compare(left(view), wanted)

    def _arithmetic(self, children: Sequence[Tree[Token] | Token], depth: int, position: int) -> _Node:
        get, constant = self._operand(children[0], depth)
        for symbol, operand in zip(children[1::2], children[2::2], strict=True):
            other, also_constant = self._operand(operand, depth)
            get = _calculation(str(symbol), get, other)
            constant = constant and also_constant
        return _folded(get, position, constant=constant)

    def _operand(self, tree: Tree[Token] | Token, depth: int) -> tuple[Getter, bool]:
        return self._value(_tree(tree), depth)

    def _sign(self, children: Sequence[Tree[Token] | Token], depth: int, position: int) -> _Node:
        get, constant = self._operand(children[1], depth)
        if str(children[0]) == "+":
            return _Node(position, get=get, constant=constant)
        return _folded(lambda view: negate(get(view)), position, constant=constant)

    def _list(self, children: Sequence[Tree[Token] | Token], depth: int, position: int) -> _Node:
        parts = [self._value(_tree(child), depth + 1) for child in children]
        gets = tuple(get for get, _ in parts)
        return _folded(
            lambda view: tuple(get(view) for get in gets), position, constant=all(constant for _, constant in parts)
        )

    def _path(self, fields: Sequence[Tree[Token] | Token], position: int) -> _Node:
        names: list[str] = []
        keys: list[Key] = []
        for field in fields:
            if keys:
                raise ConditionError(position, "keys in brackets can only stand at the end of a path")
            name, *brackets = _tree(field).children
            names.append(str(name))
            keys.extend(_key(_tree(bracket)) for bracket in brackets)
        path = resolve(self._context, names, keys, position)
        if path.span_key is not None:
            self.span_keys.add(path.span_key)
        return _Node(position, get=path.get)

    def _enum(self, name: str, position: int) -> _Node:
        if name not in ENUMS:
            raise ConditionError(position, f"no constant `{name}`; allowed: {', '.join(ENUMS)}")
        return _constant(int(ENUMS[name]), position)

    def _call(self, children: Sequence[Tree[Token] | Token], depth: int, position: int) -> _Node:
        name = str(children[0])
        function = FUNCTIONS.get(name)
        if function is None or self._context not in function.contexts:
            allowed = ", ".join(name for name, each in FUNCTIONS.items() if self._context in each.contexts)
            raise ConditionError(position, f"no function `{name}` here; allowed: {allowed}")
        arguments = _in_order(name, function, [_tree(child) for child in children[1:]], position)
        parts = [self._value(argument, depth + 1) for argument in arguments]
        if name == IS_ROOT_SPAN:
            return _Node(position, get=is_root_span, is_true=is_root_span)
        if name == IS_MATCH:
            return _match_node(parts[0][0], parts[1], position)
        node = _folded(_application(function, [get for get, _ in parts]), position, constant=all(c for _, c in parts))
        return _as_truth(node) if function.is_truth else node


def _all_of(parts: Sequence[Truth]) -> Truth:
    if len(parts) == 2:
        first, second = parts
        return lambda view: first(view) and second(view)

    def is_true(view: SpanView) -> bool:
        for part in parts:  # noqa: SIM110  # half the time of all(…)
            if not part(view):
                return False
        return True

    return is_true


def _any_of(parts: Sequence[Truth]) -> Truth:
    if len(parts) == 2:
        first, second = parts
        return lambda view: first(view) or second(view)

    def is_true(view: SpanView) -> bool:
        for part in parts:  # noqa: SIM110  # half the time of any(…)
            if part(view):
                return True
        return False

    return is_true


_NOWHERE: Final[SpanView] = None  # type: ignore[assignment]  # constants look at no span


def _tree(child: Tree[Token] | Token) -> Tree[Token]:
    if isinstance(child, Tree):
        return child
    raise TypeError(child.type)


def _constant(value: Value, position: int) -> _Node:
    return _Node(position, get=lambda _: value, constant=True)


def _folded(get: Getter, position: int, *, constant: bool) -> _Node:
    if not constant:
        return _Node(position, get=get)
    try:
        return _constant(get(_NOWHERE), position)
    except OttlError as error:
        raise ConditionError(position, str(error)) from None


def _as_truth(node: _Node) -> _Node:
    get = node.get

    def is_true(view: SpanView) -> bool:
        return get is not None and get(view) is True

    return _Node(node.position, get=get, is_true=is_true, constant=node.constant)


def _calculation(symbol: str, left: Getter, right: Getter) -> Getter:
    return lambda view: calculate(symbol, left(view), right(view))


def _application(function: Function, gets: Sequence[Getter]) -> Getter:
    evaluate = function.evaluate
    if evaluate is None:
        raise TypeError("compiled on its own")
    if len(gets) == 1:
        only = gets[0]
        return lambda view: evaluate(only(view))
    first, second = gets
    return lambda view: evaluate(first(view), second(view))


def _match_node(target: Getter, pattern: tuple[Getter, bool], position: int) -> _Node:
    get, constant = pattern
    text = get(_NOWHERE) if constant else None
    if not isinstance(text, str):
        raise ConditionError(position, "the pattern of IsMatch must be a string, written out")
    try:
        matches = matcher(text)
    except ValueError as error:
        raise ConditionError(position, f"the pattern of IsMatch is {error}") from None

    def is_true(view: SpanView) -> bool:
        return matches(target(view))

    return _Node(position, get=is_true, is_true=is_true)


def _in_order(name: str, function: Function, arguments: Sequence[Tree[Token]], position: int) -> list[Tree[Token]]:
    """The arguments by parameter; those with a name come after those without."""
    wanted = function.parameters
    given: dict[str, Tree[Token]] = {}
    for index, argument in enumerate(arguments):
        *label, value = argument.children
        parameter = str(label[0]) if label else (wanted[index] if index < len(wanted) else "")
        if parameter not in wanted or parameter in given or (not label and index != len(given)):
            break
        given[parameter] = _tree(value)
    if len(given) != len(arguments) or len(given) != len(wanted):
        signature = f"{name}({', '.join(wanted)})"
        raise ConditionError(position, f"the arguments do not fit {signature}")
    return [given[parameter] for parameter in wanted]


def _key(bracket: Tree[Token]) -> Key:
    token = bracket.children[0]
    if not isinstance(token, Token):
        raise TypeError(bracket.data)
    return _unquoted(token) if token.type == "STRING" else int(token)


def _literal(token: Tree[Token] | Token, position: int) -> _Node:
    if not isinstance(token, Token):
        raise TypeError(token.data)
    match token.type:
        case "TRUE" | "FALSE":
            return _as_truth(_constant(token.type == "TRUE", position))
        case "NIL":
            return _constant(None, position)
        case "STRING":
            return _constant(_unquoted(token), position)
        case "FLOAT":
            return _constant(float(token), position)
        case "INT":
            if len(token) > 19 or int(token) > _INT64_MAX:
                raise ConditionError(position, "an int has 64 bits")
            return _constant(int(token), position)
        case _:
            if len(token) % 2:
                raise ConditionError(position, "bytes have two hexadecimal digits each")
            return _constant(bytes.fromhex(token[2:]), position)


def _unquoted(token: Token) -> str:
    """A string with Go's escapes; a pattern needs the one for a backslash."""

    def replace(found: re.Match[str]) -> str:
        position = (token.start_pos or 0) + 1 + found.start() + 1
        if letter := found["letter"]:
            return _LETTERS.get(letter, letter)
        if octal := found["octal"]:
            code = int(octal, 8)
        elif found["bad"]:
            raise ConditionError(
                position, f"no escape `\\{found['bad']}` in a string; for a pattern, double the backslash"
            )
        else:
            code = int(found["x"] or found["u"] or found["U"], 16)
        # \x and octal escapes give bytes in Go; beyond ASCII they would be half a character.
        limit = 0x80 if found["x"] or found["octal"] else 0x110000
        if code >= limit or 0xD800 <= code < 0xE000:
            raise ConditionError(position, "an escape that is no character")
        return chr(code)

    return _ESCAPE.sub(replace, token[1:-1])
