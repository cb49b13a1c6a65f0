"""The strings of a batch that are to be rewritten: how closely to look at each, and how to write it back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from processors.genai.matcher import Match
from processors.genai.roles import Role, Standing
from processors.pii import content, hints
from processors.pii.actions import BLOB, REMOVED
from processors.pii.content import Look
from processors.pii.places import FREE_TEXT_KEYS, Attributes, Body, Field, Owner, Place, any_values
from processors.pii.section import PiiSection
from processors.pii.urls import Part, Url
from processors.values import glob_regex

_MESSAGE_KEYS: Final = frozenset(
    {"role", "content", "parts", "text", "message", "messages", "prompt", "input", "output", "arguments", "query"}
)
_STRUCTURED: Final = frozenset({"array_value", "kvlist_value"})
_SCOPE_NAME: Final = re.compile(r"@?[A-Za-z][A-Za-z0-9_./-]{0,63}")
_MODULE_NAME: Final = re.compile(r"@?(?=.{3,64}$)[a-z][a-z_]*(?:[./-][a-z][a-z_0-9]*)+")
_SENTENCE_SPACES: Final = 4
"""Span names of five words are written for a reader."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class KeyTable(Protocol):
    """Knows which keys and events hold prompts, completions and the like, under one instrumentation scope."""

    @property
    def speakers(self) -> Sequence[object]:
        """Not empty if the scope is known to write about model calls."""

    def standing(self, key: str, event: str | None) -> Standing: ...

    def role(self, key: str, event: str | None) -> Match | None: ...

    def is_content_event(self, event_name: str) -> bool: ...

    def is_marker(self, key: str) -> bool: ...


class ContentMatcher(Protocol):
    def for_scope(self, scope: str) -> KeyTable: ...


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
    sentences: bool = False
    """Only texts of several words are looked at fully."""
    values: bool = False
    """Programs' words are to be expected: models, nodes of a graph, ids. They are not looked at fully."""

    def slot(self, text: str, key: str | None, write: Callable[[str], None]) -> Slot:
        look = Look.FULL if content.looks_like_content(text) else self.look
        if (self.sentences and " " not in text.strip()) or (self.values and hints.is_identifier(text.strip('"'))):
            look = Look.EXACT
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
        self._keep_media = section.media == "keep"

    def collect(self, places: Iterable[Place], unknown: Counter[str]) -> Iterator[Slot]:
        """Counts in `unknown`, by scope, the values that look like content under keys that no dialect knows."""
        for place in places:
            match place:
                case Field():
                    yield from _field(place)
                case Body():
                    site = _Site(place.owner, Look.FULL, _clearing(place.value))
                    yield from self._value(place.value, None, site)
                case Attributes():
                    yield from self._attributes(place, unknown)

    def _attributes(self, place: Attributes, unknown: Counter[str]) -> Iterator[Slot]:
        dropped = self._drop
        if dropped is not None and any(dropped.match(kv.key) for kv in place.values):
            keep_only(place.values, [kv for kv in place.values if not dropped.match(kv.key)])
        keys = self._matcher.for_scope(place.scope)
        for kv in place.values:
            key: str = kv.key
            if self._keep is not None and self._keep.match(key):
                continue
            standing = keys.standing(key, place.event)
            look = Look.FULL if self._is_text(kv, standing, place.event, keys) else Look.EXACT
            site = _Site(place.owner, look, _removing(place.values, kv))
            yield site.exact_slot(key, None, _setting(kv, "key"))
            if standing is Standing.CONTENT or standing is Standing.TEXT:
                match = keys.role(key, place.event)
                yield from self._known_text(kv, site, match.role if match is not None else None)
            elif standing is Standing.UNKNOWN and look is Look.EXACT:
                slots = list(self._value(kv.value, key, site))
                if any(slot.look is Look.FULL for slot in slots):
                    if _speaks(place, keys):
                        unknown[_label(place.scope, keys)] += 1
                elif keys.speakers or keys.is_marker(key) or (place.event is not None and keys.is_marker(place.event)):
                    # A key of a family that writes about model calls: a few words may be a question or a name.
                    slots = list(self._value(kv.value, key, replace(site, look=Look.FULL, sentences=True)))
                yield from slots
            elif " " in kv.value.string_value and _is_user(keys.role(key, place.event)):
                yield from self._value(kv.value, key, replace(site, look=Look.FULL))
            else:
                yield from self._value(kv.value, key, site)

    def _is_text(self, kv: KeyValue, standing: Standing, event: str | None, keys: KeyTable) -> bool:
        if standing is Standing.CONTENT or standing is Standing.TEXT or kv.key in FREE_TEXT_KEYS:
            return True
        if self._scrub is not None and self._scrub.match(kv.key):
            return True
        if event is None or not keys.is_content_event(event):
            return False
        return kv.value.WhichOneof("value") != "string_value" or not hints.is_identifier(kv.value.string_value)

    def _known_text(self, kv: KeyValue, site: _Site, role: Role | None) -> Iterator[Slot]:
        text: str = kv.value.string_value
        if role is Role.URL and text:
            yield from _url(Url(text, query=kv.key.endswith("query")), site, _setting(kv.value, "string_value"))
        elif role is Role.PERSONAL:
            yield from self._value(kv.value, _personal_key(kv.key), site)
        elif role is Role.STATEMENT or role is Role.HEADERS:
            # An argument of one word, a table's name, a media type: nothing for a language model.
            yield from self._value(kv.value, kv.key, replace(site, sentences=True))
        elif role is Role.METADATA:
            yield from self._value(kv.value, kv.key, replace(site, values=True))
        elif role is Role.CHUNK:
            _clearing(kv.value)()  # not to be read by itself, so it is not searched but taken away
        else:
            yield from self._value(kv.value, kv.key, site)

    def _value(self, root: AnyValue, key: str | None, site: _Site) -> Iterator[Slot]:
        if site.look is Look.EXACT and _is_message(root):
            site = replace(site, look=Look.FULL)
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
            if site.look is Look.FULL and self._keep_media:
                return
            if site.look is Look.FULL or self._has_exact_form(raw.decode("latin-1")):
                value.bytes_value = BLOB.encode()
            return

        def write(new: str) -> None:
            value.bytes_value = new.encode("utf-8", "replace")

        yield site.slot(text, key, write)


def _url(url: Url, site: _Site, write: Callable[[str], None]) -> Iterator[Slot]:
    for part in url.parts:
        name, text = part.name, part.text
        if name is None or hints.entity_type_of(name, text, content=True) is not None:
            yield Slot(text, Look.EXACT, name, site.owner, _putting(url, part, "", write), site.remove)
            continue
        # With its name, for `token=` in front of a value is what gives a token away.
        look = Look.EXACT if hints.is_identifier(text) else Look.FULL
        front = "" if name == text else f"{name}="
        yield Slot(front + text, look, None, site.owner, _putting(url, part, front, write), site.remove)


def _putting(url: Url, part: Part, front: str, write: Callable[[str], None]) -> Callable[[str], None]:
    return lambda new: write(url.put(part, new.removeprefix(front)))


def _is_user(match: Match | None) -> bool:
    """An id of a user in two words is a name."""
    return match is not None and match.role is Role.USER_ID


def _personal_key(key: str) -> str:
    """A key that says what the value is, as `hints` understands it."""
    last = key.rpartition(".")[2]
    if last.endswith("email"):
        return "email"
    if last.endswith("_number") or last == "phoneNumber":
        return "phone"
    return "full_name" if last in {"name", "full_name"} else key


def looks_like_content_value(value: AnyValue) -> bool:
    """Whether any string in the value is written for a reader, or it is a chat message in lists and maps."""
    return _is_message(value) or any(
        content.looks_like_content(each.string_value or each.bytes_value.decode("utf-8", "ignore"))
        for each, _, _ in any_values(value, None)
    )


def _is_message(value: AnyValue) -> bool:
    """Whether a list or a map holds something with the fields of a chat message."""
    if value.WhichOneof("value") not in _STRUCTURED:
        return False
    return any(member is not None and member.key in _MESSAGE_KEYS for _, _, member in any_values(value, None))


def _speaks(place: Attributes, keys: KeyTable) -> bool:
    """Whether the place is about a model call: by its scope, its event, or what stands beside it."""
    if keys.speakers or (place.event is not None and keys.is_content_event(place.event)):
        return True
    holder = place.owner.span if place.owner.span is not None else place.owner.item
    beside = () if holder is None else holder.attributes
    return any(keys.is_marker(kv.key) for values in (place.values, beside) for kv in values)


def _label(scope: str, keys: KeyTable) -> str:
    """The scope's name, if it has the form of one: what a program was given for a name may be anything."""
    if not scope:
        return "none"
    form = _SCOPE_NAME if keys.speakers else _MODULE_NAME
    return scope if form.fullmatch(scope) else "other"


def _field(field: Field) -> Iterator[Slot]:
    text: str = getattr(field.message, field.name)
    if not text:
        return
    write = _setting(field.message, field.name)
    sentence = field.free_text or content.looks_like_content(text) or text.count(" ") >= _SENTENCE_SPACES
    look = Look.FULL if sentence else Look.EXACT
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
