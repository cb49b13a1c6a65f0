"""The shape of a dialect table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from processors.genai.roles import Format, Role


class Key(NamedTuple):
    """One attribute key, or a family of them: `#` stands for an integer index, `*` for any characters, dots included."""

    pattern: str
    role: Role
    format: Format
    event: str | None = None
    """Only in attributes of span events and log records with this name. A bare key such as `content` needs it."""
    scoped: bool = False
    """Only under an instrumentation scope of the dialect's. A bare key such as `input` needs this, or an event."""


class ContentEvent(NamedTuple):
    """A log record or span event that is a message: the body, or the attributes in its stead, are content."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family of instrumentations spells what it says about model calls."""

    name: str
    keys: tuple[Key, ...]
    """Where patterns overlap, the first that matches wins, but a pattern without `#` and `*` before all others."""
    events: tuple[ContentEvent, ...] = ()
    scopes: tuple[str, ...] = ()
    """Globs over instrumentation scope names, for keys that are `scoped`: `*` stands for any characters."""
