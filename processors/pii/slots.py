"""The strings of a batch that are to be rewritten: how closely to look at each, and how to write it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from processors.pii import content, hints
from processors.pii.actions import BLOB, REMOVED
from processors.pii.content import Look
from processors.pii.places import FREE_TEXT_KEYS, Attributes, Body, Field, Owner, Place, any_values
from processors.pii.section import PiiSection
from processors.values import glob_regex

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class ContentMatcher(Protocol):
    """Knows which keys and events hold prompts, completions and the like."""

    def is_content(self, key: str, event: str | None) -> bool: ...

    def is_content_event(self, event_name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One string to rewrite. `key`: the nearest key over it. `remove`: what to do if it cannot be scrubbed."""

    text: str
    look: Look
    key: str | None
    owner: Owner
    write: Callable[[str], None]
    remove: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Site:
    """What the strings of one attribute, or of one body, share."""

    owner: Owner
    look: Look
    remove: Callable[[], None]

    def slot(self, text: str, key: str | None, write: Callable[[str], None]) -> Slot:
        look = Look.FULL if content.looks_like_content(text) else self.look
        return Slot(text, look, key, self.owner, write, self.remove)

    def exact_slot(self, text: str, key: str | None, write: Callable[[str], None]) -> Slot:
        return Slot(text, Look.EXACT, key, self.owner, write, self.remove)


class Collector:
    """Goes through places, drops what the policy drops, and passes over what it keeps."""

    def __init__(self, section: PiiSection, matcher: ContentMatcher, has_exact_form: Callable[[str], bool]) -> None:
        self._matcher = matcher
        self._has_exact_form = has_exact_form
        self._scrub = glob_regex(section.attributes.scrub)
        self._drop = glob_regex(section.attributes.drop)
        self._keep = glob_regex(section.attributes.keep)

    def collect(self, places: Iterable[Place]) -> Iterator[Slot]:
        for place in places:
            match place:
                case Field():
                    yield from _field(place)
                case Body():
                    site = _Site(place.owner, Look.FULL, _clearing(place.value))
                    yield from self._value(place.value, None, site)
                case Attributes():
                    yield from self._attributes(place)

    def _attributes(self, place: Attributes) -> Iterator[Slot]:
        dropped = self._drop
        if dropped is not None and any(dropped.match(kv.key) for kv in place.values):
            keep_only(place.values, [kv for kv in place.values if not dropped.match(kv.key)])
        for kv in place.values:
            key: str = kv.key
            if self._keep is not None and self._keep.match(key):
                continue
            look = Look.FULL if self._is_content(key, kv.value, place.event) else Look.EXACT
            site = _Site(place.owner, look, _removing(place.values, kv))
            yield site.exact_slot(key, None, _setting(kv, "key"))
            yield from self._value(kv.value, key, site)

    def _is_content(self, key: str, value: AnyValue, event: str | None) -> bool:
        if key in FREE_TEXT_KEYS or self._matcher.is_content(key, event):
            return True
        if self._scrub is not None and self._scrub.match(key):
            return True
        if event is None or not self._matcher.is_content_event(event):
            return False
        return value.WhichOneof("value") != "string_value" or not hints.is_identifier(value.string_value)

    def _value(self, root: AnyValue, key: str | None, site: _Site) -> Iterator[Slot]:
        for value, near, member in any_values(root, key):
            if member is not None:
                yield site.exact_slot(member.key, None, _setting(member, "key"))
            kind = value.WhichOneof("value")
            if kind == "string_value":
                yield site.slot(value.string_value, near, _setting(value, "string_value"))
            elif kind in {"int_value", "double_value"}:
                digits = content.card_digits(repr(getattr(value, str(kind))))
                if digits is not None:
                    yield site.exact_slot(digits, near, _setting(value, "string_value"))
            elif kind == "bytes_value":
                yield from self._bytes(value, near, site)

    def _bytes(self, value: AnyValue, key: str | None, site: _Site) -> Iterator[Slot]:
        raw = value.bytes_value
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            # Text may be hidden in it: one string with the form of personal data makes the whole of it unfit.
            if site.look is Look.FULL or self._has_exact_form(raw.decode("latin-1")):
                value.bytes_value = BLOB.encode()
            return

        def write(new: str) -> None:
            value.bytes_value = new.encode("utf-8", "replace")

        yield site.slot(text, key, write)


def _field(field: Field) -> Iterator[Slot]:
    text: str = getattr(field.message, field.name)
    if not text:
        return
    write = _setting(field.message, field.name)
    look = Look.FULL if field.free_text or content.looks_like_content(text) else Look.EXACT
    yield Slot(text, look, None, field.owner, write, lambda: write(field.fallback))


def _setting(message: Any, field: str) -> Callable[[str], None]:
    return lambda new: setattr(message, field, _SURROGATE.sub("\ufffd", new))


def _removing(container: Any, member: KeyValue) -> Callable[[], None]:
    return lambda: keep_only(container, [kv for kv in container if kv is not member])


def _clearing(value: AnyValue) -> Callable[[], None]:
    def clear() -> None:
        value.Clear()
        value.string_value = REMOVED

    return clear


def keep_only(container: Any, kept: list[Any]) -> None:
    """Deletes in place: the members that stay keep their identity."""
    wanted = {id(member) for member in kept}
    for place in range(len(container) - 1, -1, -1):
        if id(container[place]) not in wanted:
            del container[place]
