"""All dialects compiled into one look-up: from attribute key to role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from processors.genai.dialects import DIALECTS, Dialect, Key
from processors.genai.memo import KeyMemo
from processors.genai.roles import CONTENT_ROLES, TEXT_ROLES, Format, Role, Standing


class Match(NamedTuple):
    role: Role
    format: Format
    dialect: str
    rank: int = 0
    """Where several attributes play one role, the lowest is believed: the order of the tables, and in a table of keys."""
    when: str | None = None
    """See `Key.when`."""


class Roles:
    """Which role an attribute plays, under one instrumentation scope.

    `event` is the name of the span event or log record that the attribute sits on; None on a span. Keys bound to an
    event are looked for first, then those bound to none.
    """

    def __init__(self, layers: Sequence[_Layer], speakers: tuple[Dialect, ...], common: _Common) -> None:
        self.speakers: Final = speakers
        """The dialects that claim the scope."""
        self._layers = layers
        self._common = common
        self._span = _Answers([[layer.span for layer in layers]])
        self._by_tables: dict[tuple[int, ...], _Answers] = {(): self._span}
        self._by_event: KeyMemo[_Answers] = KeyMemo(self._answers_on)

    def role(self, key: str, event: str | None = None) -> Match | None:
        """None for a key that no dialect knows."""
        answers = self._span if event is None else self._by_event[event]
        return answers.matches[key]

    def standing(self, key: str, event: str | None = None) -> Standing:
        answers = self._span if event is None else self._by_event[event]
        return answers.standings[key]

    def is_content(self, key: str, event: str | None = None) -> bool:
        """The value may be text of a user, the application or the model."""
        return self.standing(key, event) is Standing.CONTENT

    def is_content_event(self, event_name: str) -> bool:
        """The body of a log record of this name, or the attributes of such a span event, are content."""
        return event_name in self._common.events

    def event_role(self, event_name: str) -> Role | None:
        return self._common.events.get(event_name)

    def is_marker(self, key: str) -> bool:
        """An attribute that only model calls, agents and the like have."""
        return self._common.markers[key]

    def _answers_on(self, event: str) -> _Answers:
        tables = [table for layer in self._layers for table in layer.on(event)]
        place = tuple(map(id, tables))
        if place not in self._by_tables:
            self._by_tables[place] = _Answers([tables, [layer.span for layer in self._layers]])
        return self._by_tables[place]


class Matcher(Roles):
    """All dialects. By itself it answers for a scope that none of them claims."""

    def __init__(self, dialects: Iterable[Dialect] = DIALECTS) -> None:
        dialects = tuple(dialects)
        self._shared = _Layer()
        self._own: dict[str, _Layer] = {}
        rank = 0
        for dialect in dialects:
            for key in dialect.keys:
                rank += 1
                layer = self._own.setdefault(dialect.name, _Layer()) if key.scoped else self._shared
                layer.add(key, Match(key.role, key.format, dialect.name, rank, key.when))
        super().__init__([self._shared], (), _Common(dialects))
        self._claims = [(dialect, [Glob(scope) for scope in dialect.scopes]) for dialect in dialects if dialect.scopes]
        self._by_speakers: dict[tuple[str, ...], Roles] = {(): self}
        self._by_scope: KeyMemo[Roles] = KeyMemo(self._roles_of)

    def for_scope(self, scope: str) -> Roles:
        """The roles under an instrumentation scope of this name; remembered."""
        return self._by_scope[scope]

    def _roles_of(self, scope: str) -> Roles:
        speakers = tuple(dialect for dialect, globs in self._claims if any(glob.matches(scope) for glob in globs))
        names = tuple(dialect.name for dialect in speakers)
        if names not in self._by_speakers:
            own = [self._own[name] for name in names if name in self._own]
            self._by_speakers[names] = Roles([*own, self._shared], speakers, self._common)
        return self._by_speakers[names]


class Glob:
    """A pattern over keys or names: `#` is an integer index, `*` any characters."""

    __slots__ = ("_pattern", "_regex", "prefix")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.prefix: Final = _WILD.split(pattern, 1)[0]
        self._regex: re.Pattern[str] | None = None

    def matches(self, text: str) -> bool:
        if not text.startswith(self.prefix):
            return False
        if self._regex is None:  # late, for most of some hundreds never meet a text with their prefix
            self._regex = key_regex(self._pattern)
        return self._regex.fullmatch(text) is not None


class _Table:
    """The keys of one layer that are bound to one event, or to none."""

    def __init__(self) -> None:
        self.exact: dict[str, Match] = {}
        self._globs: dict[str, list[tuple[Glob, Match]]] = {"": []}
        """By what stands before the first dot, so that a key meets some dozens and not hundreds; "" where that is open."""

    def add(self, pattern: str, match: Match) -> None:
        if _WILD.search(pattern):
            glob = Glob(pattern)
            head, dot, _ = glob.prefix.partition(".")
            self._globs.setdefault(head if dot else "", []).append((glob, match))
        else:
            self.exact.setdefault(pattern, match)

    def globs(self, key: str) -> Iterator[Match]:
        """The first match of each of the two lists that the key may be in."""
        for head in {key.partition(".")[0], ""}:
            for glob, match in self._globs.get(head, ()):
                if glob.matches(key):
                    yield match
                    break


class _Layer:
    """The keys that hold everywhere, or those that hold under the scopes of one dialect."""

    def __init__(self) -> None:
        self.span = _Table()
        self._events: dict[str, tuple[Glob, _Table]] = {}

    def add(self, key: Key, match: Match) -> None:
        if key.event is None:
            self.span.add(key.pattern, match)
        else:
            self._events.setdefault(key.event, (Glob(key.event), _Table()))[1].add(key.pattern, match)

    def on(self, event: str) -> list[_Table]:
        return [table for glob, table in self._events.values() if glob.matches(event)]


class _Common:
    """What holds whatever the scope."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self.events: Final = {event.name: event.role for dialect in dialects for event in dialect.events}
        globs = [Glob(marker) for dialect in dialects for marker in dialect.markers]
        self.markers: Final = KeyMemo(lambda key: any(glob.matches(key) for glob in globs))


class _Answers:
    """The answers on a span, or on events that share their tables, each remembered by key."""

    def __init__(self, tiers: Sequence[Sequence[_Table]]) -> None:
        self._tiers = tiers
        self.matches: Final[KeyMemo[Match | None]] = KeyMemo(self._find)
        # Beside the matches, for speed: looking a role up in a set costs ten times as much as remembering the answer.
        self.standings: Final = KeyMemo(self._standing)

    def _find(self, key: str) -> Match | None:
        for tables in self._tiers:
            for table in tables:
                if key in table.exact:
                    return table.exact[key]
            found = [match for table in tables for match in table.globs(key)]
            if found:
                return min(found, key=lambda match: match.rank)
        return None

    def _standing(self, key: str) -> Standing:
        match = self.matches[key]
        if match is None:
            return Standing.UNKNOWN
        if match.role in CONTENT_ROLES:
            return Standing.CONTENT
        return Standing.TEXT if match.role in TEXT_ROLES else Standing.KNOWN


_WILD: Final = re.compile(r"[#*]")


def key_regex(pattern: str) -> re.Pattern[str]:
    """For full matches: `#` is an integer index, `*` any characters."""
    parts = {"#": "[0-9]+", "*": ".*"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"([#*])", pattern)), re.DOTALL)


def keys_of(role: Role, dialects: Iterable[Dialect] = DIALECTS) -> tuple[str, ...]:
    """The span attribute keys that play this role under any scope and have no index, in the order they are believed."""
    return tuple(
        key.pattern
        for dialect in dialects
        for key in dialect.keys
        if key.role is role and key.event is None and not key.scoped and not _WILD.search(key.pattern)
    )


MATCHER: Final = Matcher()
"""A function of attribute keys, remembered: a key seen before costs one dict look-up."""
