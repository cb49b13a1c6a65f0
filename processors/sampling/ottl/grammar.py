"""The grammar of conditions, in one place, and errors a person can act on.

Values and truths share their parentheses, so the grammar takes both for expressions; `compiler` tells them apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

MAX_CHARACTERS: Final = 8192
"""Of one condition."""
MAX_DEPTH: Final = 100
"""Of parentheses, brackets and calls in one another."""

_GRAMMAR: Final = r"""
?condition: either
?either: both (_OR both)*
?both: inverse (_AND inverse)*
?inverse: _NOT comparison -> negation
    | comparison
?comparison: sum (COMPARE sum)?
?sum: product (ADD product)*
?product: signed (MULTIPLY signed)*
?signed: ADD atom -> sign
    | atom
?atom: literal
    | "(" either ")" -> group
    | path
    | call
literal: BYTES | FLOAT | INT | STRING | TRUE | FALSE | NIL
    | CAPITAL -> enum
    | "[" [sum ("," sum)*] "]" -> list
path: field ("." field)*
field: NAME key*
key: "[" (STRING | INT) "]"
call: CAPITAL "(" [argument ("," argument)*] ")" key*
argument: (NAME "=")? sum

_OR: /or\b/
_AND: /and\b/
_NOT: /not\b/
TRUE: /true\b/
FALSE: /false\b/
NIL: /nil\b/
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
ADD: "+" | "-"
MULTIPLY: "*" | "/"
BYTES.3: /0x[0-9a-fA-F]+/
FLOAT.2: /(\d+\.\d*|\.\d+)([eE][-+]?\d+)?/
INT: /\d+/
STRING: /"(\\.|[^\\"])*"/s
CAPITAL: /[A-Z][A-Za-z0-9_]*/
NAME: /(?!(and|false|nil|not|or|true)\b)[a-z][a-z0-9_]*/
%ignore /\s+/
"""

_WORD: Final = re.compile(r'\w+|[^"]|"(?:\\.|[^\\"])*"', re.DOTALL)
_EXPECTED: Final = {
    "COMPARE": "a comparison (==, !=, <, <=, >, >=)",
    "ADD": "+ or -",
    "MULTIPLY": "* or /",
    "STRING": "a string",
    "INT": "a number",
    "NAME": "a path",
    "CAPITAL": "a function or a constant",
    "_AND": "and",
    "_OR": "or",
    "_NOT": "not",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": ",",
    "DOT": ".",
    "EQUAL": "=",
    "NIL": "nil",
    "TRUE": "true",
    "$END": "the end",
}
"""In the order in which they are named; tokens left out are like one that is there."""


class ConditionError(ValueError):
    """The text is not a condition, or not one of the subset. Says where, and what may stand there."""

    def __init__(self, position: int | None, problem: str) -> None:
        super().__init__(problem if position is None else f"at character {position}: {problem}")


def parse(text: str) -> Tree[Token]:
    """Raises ConditionError."""
    if len(text) > MAX_CHARACTERS:
        raise ConditionError(None, f"longer than {MAX_CHARACTERS} characters")
    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        raise _readable(error, text) from None


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, start="condition", parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _readable(error: UnexpectedInput, text: str) -> ConditionError:
    expected: set[str] = set()
    position: int | None = None
    problem = "not understood"
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        expected = set(error.accepts or error.expected)
        position = None if error.token.start_pos is None else error.token.start_pos + 1
        problem = f"{_quoted(str(error.token))} cannot stand here"
    elif isinstance(error, UnexpectedCharacters):
        expected = set(error.allowed or ())
        start = error.pos_in_stream or 0
        position = start + 1
        found = _WORD.match(text, start)
        problem = f"{_quoted(found.group())} cannot stand here" if found else "a string that has no end"
    elif isinstance(error, (UnexpectedEOF, UnexpectedToken)):
        expected = set((error.accepts if isinstance(error, UnexpectedToken) else None) or error.expected)
        position = len(text) + 1
        problem = "the condition is not complete"
    names = [name for token, name in _EXPECTED.items() if token in expected]
    return ConditionError(position, f"{problem}; expected {', '.join(names)}" if names else problem)


def _quoted(text: str) -> str:
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"
