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
    """Only in attributes of span events and log records with this name, a glob. A bare key such as `content` needs it."""
    scoped: bool = False
    """Only under an instrumentation scope of the dialect's. A bare key such as `input` needs this, or an event."""
    when: str | None = None
    """The value that the role needs: `=ERROR` (in any case) or `>=17`. For errors: other values are none."""


class ContentEvent(NamedTuple):
    """A log record or span event that is a message: the body, or the attributes in its stead, are content."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family of instrumentations spells what it says about model calls."""

    name: str
    keys: tuple[Key, ...]
    """What no earlier table says. Where patterns overlap, the first that matches wins, but a pattern without `#` and `*`
    before all others, and among those one that is `scoped` before one that is not."""
    title: str = ""
    """Who writes it."""
    events: tuple[ContentEvent, ...] = ()
    scopes: tuple[str, ...] = ()
    """Globs over the instrumentation scope names that write this dialect."""
    markers: tuple[str, ...] = ()
    """Globs over attribute keys. A span that has one of them speaks the dialect, whatever its scope."""
    cache_beside_input: bool = False
    """Tokens read from and written to a cache are counted beside the input tokens, not within them."""
    reasoning_beside_output: bool = False
    """Reasoning tokens are counted beside the output tokens, not within them."""
