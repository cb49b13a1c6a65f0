"""All dialects compiled into one look-up: from attribute key to role."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple

from processors.genai.dialects import DIALECTS, Dialect
from processors.genai.memo import KeyMemo
from processors.genai.roles import CONTENT_ROLES, Format, Role


class Match(NamedTuple):
    role: Role
    format: Format
    dialect: str
    rank: int = 0
    """Where several attributes play one role, the lowest is believed: the order of the tables, and in a table of keys."""


class Roles:
    """Which role an attribute plays, under one instrumentation scope.

    `event` is the name of the span event or log record that the attribute sits on; None on a span. Keys bound to an
    event are looked for first, then those bound to none.
    """

    def __init__(self, dialects: Iterable[Dialect], scope: str = "") -> None:
        tables: dict[str | None, _Table] = {None: _Table()}
        self._content_events: dict[str, Role] = {}
        rank = 0
        for dialect in dialects:
            in_scope = speaks(dialect, scope)
            for key in dialect.keys:
                rank += 1
                if in_scope or not key.scoped:
                    match = Match(key.role, key.format, dialect.name, rank)
                    tables.setdefault(key.event, _Table()).add(key.pattern, match)
            self._content_events |= {event.name: event.role for event in dialect.events}
        self._span: KeyMemo[Match | None] = KeyMemo(tables[None].find)
        self._events: dict[str, KeyMemo[Match | None]] = {
            event: KeyMemo(partial(_first, table, tables[None])) for event, table in tables.items() if event is not None
        }
        # Beside the roles, for speed: looking a role up in a set costs ten times as much as remembering the answer.
        self._span_content = KeyMemo(partial(_is_content, self._span))
        self._events_content = {event: KeyMemo(partial(_is_content, roles)) for event, roles in self._events.items()}

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


class Matcher(Roles):
    """All dialects. By itself it answers for a scope that none of them claims."""

    def __init__(self, dialects: Iterable[Dialect] = DIALECTS) -> None:
        dialects = tuple(dialects)
        super().__init__(dialects)
        self._dialects = dialects
        self._by_speakers: dict[tuple[str, ...], Roles] = {(): self}
        self._by_scope: KeyMemo[Roles] = KeyMemo(self._roles_of)

    def for_scope(self, scope: str) -> Roles:
        """The roles under an instrumentation scope of this name; remembered."""
        return self._by_scope[scope]

    def _roles_of(self, scope: str) -> Roles:
        speakers = tuple(each.name for each in self._dialects if speaks(each, scope))
        if speakers not in self._by_speakers:
            self._by_speakers[speakers] = Roles(self._dialects, scope)
        return self._by_speakers[speakers]


def speaks(dialect: Dialect, scope: str) -> bool:
    """Whether the dialect claims the instrumentation scope of this name."""
    return any(key_regex(glob).fullmatch(scope) for glob in dialect.scopes)


class _Table:
    """The keys bound to one event, or to none. The first key that matches wins, exact ones before patterns."""

    def __init__(self) -> None:
        self._exact: dict[str, Match] = {}
        self._patterns: list[tuple[re.Pattern[str], Match]] = []

    def add(self, pattern: str, match: Match) -> None:
        if "#" in pattern or "*" in pattern:
            self._patterns.append((key_regex(pattern), match))
        else:
            self._exact.setdefault(pattern, match)

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
