"""All dialects compiled into one look-up: from attribute key to role."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple

from processors.genai.dialects import DIALECTS, Dialect, Key
from processors.genai.memo import KeyMemo
from processors.genai.roles import CONTENT_ROLES, Format, Role


class Match(NamedTuple):
    role: Role
    format: Format
    dialect: str


class Matcher:
    """Which role an attribute plays.

    `event` is the name of the span event or log record that the attribute sits on; None on a span. Keys bound to an
    event are looked for first, then those bound to none.
    """

    def __init__(self, dialects: Iterable[Dialect] = DIALECTS) -> None:
        dialects = tuple(dialects)
        tables: dict[str | None, _Table] = {None: _Table()}
        for dialect in dialects:
            for key in dialect.keys:
                tables.setdefault(key.event, _Table()).add(key, dialect.name)
        self._span: KeyMemo[Match | None] = KeyMemo(tables[None].find)
        self._events: dict[str, KeyMemo[Match | None]] = {
            event: KeyMemo(partial(_first, table, tables[None])) for event, table in tables.items() if event is not None
        }
        # Beside the roles, for speed: looking a role up in a set costs ten times as much as remembering the answer.
        self._span_content = KeyMemo(partial(_is_content, self._span))
        self._events_content = {event: KeyMemo(partial(_is_content, roles)) for event, roles in self._events.items()}
        self._content_events = {event.name: event.role for dialect in dialects for event in dialect.events}

    def role(self, key: str, event: str | None = None) -> Match | None:
        """None for a key that no dialect knows."""
        if event is None:
            return self._span[key]
        return self._events.get(event, self._span)[key]

    def is_content(self, key: str, event: str | None = None) -> bool:
        """The value may be text of a user, the application or the model."""
        if event is None:
            return self._span_content[key]
        return self._events_content.get(event, self._span_content)[key]

    def is_content_event(self, event_name: str) -> bool:
        """The body of a log record of this name, or the attributes of such a span event, are content."""
        return event_name in self._content_events

    def event_role(self, event_name: str) -> Role | None:
        return self._content_events.get(event_name)


class _Table:
    """The keys bound to one event, or to none. The first key that matches wins, exact ones before patterns."""

    def __init__(self) -> None:
        self._exact: dict[str, Match] = {}
        self._patterns: list[tuple[re.Pattern[str], Match]] = []

    def add(self, key: Key, dialect: str) -> None:
        match = Match(key.role, key.format, dialect)
        if "#" in key.pattern or "*" in key.pattern:
            self._patterns.append((key_regex(key.pattern), match))
        else:
            self._exact.setdefault(key.pattern, match)

    def find(self, key: str) -> Match | None:
        exact = self._exact.get(key)
        if exact is not None:
            return exact
        return next((match for pattern, match in self._patterns if pattern.fullmatch(key)), None)


def _first(own: _Table, common: _Table, key: str) -> Match | None:
    return own.find(key) or common.find(key)


def _is_content(roles: KeyMemo[Match | None], key: str) -> bool:
    match = roles[key]
    return match is not None and match.role in CONTENT_ROLES


def key_regex(pattern: str) -> re.Pattern[str]:
    """For full matches: `#` is an integer index, `*` any characters."""
    parts = {"#": "[0-9]+", "*": ".*"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"([#*])", pattern)), re.DOTALL)


def keys_of(role: Role, dialects: Iterable[Dialect] = DIALECTS) -> tuple[str, ...]:
    """The span attribute keys without an index that play this role, in the order in which they are believed."""
    return tuple(
        key.pattern
        for dialect in dialects
        for key in dialect.keys
        if key.role is role and key.event is None and "#" not in key.pattern and "*" not in key.pattern
    )


MATCHER: Final = Matcher()
