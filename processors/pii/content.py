"""Structured content in strings: JSON, JSON in strings of JSON, or neither.

Invariants: a valid document stays valid, and only the literals that held a finding change; every other byte,
whitespace and the spelling of numbers included, stays as it came. A document is taken apart by its literals from
left to right, so that its depth does not matter, and a key given twice is looked at twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from processors.pii import hints
from processors.pii.actions import BLOB
from processors.pii.recognizers.credit_card import is_card_number


class Look(Enum):
    """How closely a text is looked at."""

    EXACT = "exact"
    """Forms that give themselves away: e-mail, card, telephone, account and key forms."""
    FULL = "full"
    """The language model and all recognizers."""


class Leaf(NamedTuple):
    """A text to look through. `entity_type`: what its key says it is, as a whole."""

    text: str
    look: Look
    entity_type: str | None = None


Rewrite = Callable[[Leaf], str]

_LITERAL: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(\s*+:)?|-?\d[\d.eE+-]*+', re.DOTALL)
_CLOSED: Final = re.compile(r"[}\]]")
_JSON_START: Final = re.compile(r'\s*+(?:[{\["])')
_MAX_NESTED_STRINGS: Final = 8
_DATA_URL: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*;base64,[A-Za-z0-9+/=_%\s-]*")
_BASE64_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{256,}={0,2}")
_MIN_BASE64_CHARS: Final = 256
_MIXED: Final = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)")
_MESSAGE_KEY: Final = re.compile(
    r'\\?["\'](?:role|content|parts|text|messages?|prompt|input|output|arguments|query)\\*["\']\s*:'
)
_MESSAGE_REPR: Final = re.compile(r"\b(?:role|content|text)=['\"]")
_LONG_TEXT_CHARS: Final = 200
_MIN_CARD_DIGITS: Final = 12


def looks_like_content(text: str) -> bool:
    """Whether a string under any key is written for a reader: long, or shaped like chat messages."""
    if len(text) > _LONG_TEXT_CHARS or (text[:1] in '{["' and _MESSAGE_KEY.search(text) is not None):
        return True
    return "=" in text and _MESSAGE_REPR.search(text) is not None  # `Message(role='user', content='…')`


def rewrite(text: str, look: Look, each: Rewrite, key: str | None = None, *, keep_media: bool = False) -> str:
    """The text with `each` applied to its leaves; the very same string if no leaf changed.

    `keep_media`: base64 data in content passes unread, instead of being replaced by a marker.
    Called twice for every value: once to collect the leaves, once to write. `each` must not depend on the order.
    """
    return _Walk(look, each, keep_media).value(text, key, _MAX_NESTED_STRINGS)


@dataclass(frozen=True, slots=True)
class _Walk:
    look: Look
    each: Rewrite
    keep_media: bool

    def value(self, text: str, key: str | None, depth: int) -> str:
        if depth and _JSON_START.match(text) and _is_json(text):
            return self._literals(text, key, depth)
        if self.look is not Look.FULL:
            return self._leaf(text, key)
        if not self.keep_media:
            return self._leaf(without_blobs(text), key)
        pieces: list[str] = []
        done = 0
        for start, end in _blobs(text):
            pieces += self._leaf(text[done:start], key), text[start:end]
            done = end
        return "".join((*pieces, self._leaf(text[done:], key))) if pieces else self._leaf(text, key)

    def _leaf(self, text: str, key: str | None) -> str:
        if not text or text == BLOB:
            return text
        full = self.look is Look.FULL
        entity_type = hints.entity_type_of(key, text, content=full)
        look = Look.EXACT if full and hints.is_structure(key, text) else self.look
        return self.each(Leaf(text, look, entity_type))

    def _literals(self, text: str, key: str | None, depth: int) -> str:
        pieces: list[str] = []
        done = before = 0
        for match in _LITERAL.finditer(text):
            literal = match[0]
            if _CLOSED.search(text, before, match.start()):
                key = None
            before = match.end()
            if match[1] is None:
                new = self._number(literal, key)
            else:
                quoted = literal[: len(match[1]) + 2]
                value: str = json.loads(quoted, strict=False) if "\\" in quoted else match[1]
                if match[2] is not None:
                    key, changed = value, self.each(Leaf(value, Look.EXACT))
                else:
                    changed = self.value(value, key, depth - 1)
                new = literal if changed == value else _quoted(changed) + (match[2] or "")
            if new is not literal:
                pieces += text[done : match.start()], new
                done = match.end()
        return "".join((*pieces, text[done:])) if pieces else text

    def _number(self, literal: str, key: str | None) -> str:
        digits = card_digits(literal)
        entity_type = hints.entity_type_of(key, literal, content=self.look is Look.FULL)
        if digits is None and entity_type is None:
            return literal
        value = digits or literal
        changed = self.each(Leaf(value, Look.EXACT, entity_type))
        return literal if changed == value else _quoted(changed)


def card_digits(number: str) -> str | None:
    """The digits of a number that is a payment card number, however it is written (`4.1e15` too)."""
    if len(number) < _MIN_CARD_DIGITS and "e" not in number.lower():
        return None
    if not number.isdigit():
        try:
            value = float(number)
        except ValueError:
            return None
        if not value.is_integer() or not 0 < value < 1e19:
            return None
        number = str(int(value))
    return number if is_card_number(number) else None


def without_blobs(text: str) -> str:
    """Base64 data, in data: URLs or bare, replaced by a marker: it is no text, and nobody can vouch for it."""
    pieces: list[str] = []
    done = 0
    for start, end in _blobs(text):
        pieces += text[done:start], BLOB
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _blobs(text: str) -> list[tuple[int, int]]:
    if len(text) < _MIN_BASE64_CHARS and ";base64," not in text:
        return []
    spans = [match.span() for match in _DATA_URL.finditer(text)] if ";base64," in text else []
    if len(text) >= _MIN_BASE64_CHARS:
        spans += [
            m.span()
            for m in _BASE64_RUN.finditer(text)
            if _MIXED.match(m[0]) and not any(a <= m.start() < b for a, b in spans)
        ]
    return sorted(spans)


def leaves(text: str, look: Look, key: str | None = None, *, keep_media: bool = False) -> Iterator[Leaf]:
    """What `rewrite` would hand to `each`."""
    found: list[Leaf] = []

    def collect(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.text

    rewrite(text, look, collect, key, keep_media=keep_media)
    return iter(found)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _quoted(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
