"""The paths of conditions: what they are called, and how each is read off a span.

Two contexts, as in the Collector: a condition under `span` looks at spans, one under `spanevent` at the events of
spans. Both see the span's resource and instrumentation scope, and an event its span.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from processors.sampling.ottl.grammar import ConditionError
from processors.sampling.ottl.values import (
    Elements,
    Identifier,
    OttlError,
    Time,
    Value,
    find,
    from_any,
    from_attributes,
    int64,
)
from processors.sampling.span_view import SpanView

Context: TypeAlias = Literal["span", "spanevent"]
Getter: TypeAlias = Callable[[SpanView], Value]
Key: TypeAlias = str | int

_KINDS: Final = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
_TRACE_ID_BYTES: Final = 16
_SPAN_ID_BYTES: Final = 8

_SPAN: Final[Mapping[str, Getter]] = {
    "name": lambda view: view.span.name,
    "kind": lambda view: int(view.span.kind),
    "kind.string": lambda view: _kind(view.span.kind),
    "kind.deprecated_string": lambda view: f"SPAN_KIND_{kind.upper()}" if (kind := _kind(view.span.kind)) else "",
    "status.code": lambda view: int(view.span.status.code),
    "status.message": lambda view: view.span.status.message,
    "start_time": lambda view: Time(int64(view.span.start_time_unix_nano)),
    "start_time_unix_nano": lambda view: int64(view.span.start_time_unix_nano),
    "end_time": lambda view: Time(int64(view.span.end_time_unix_nano)),
    "end_time_unix_nano": lambda view: int64(view.span.end_time_unix_nano),
    "trace_id": lambda view: Identifier(view.span.trace_id.ljust(_TRACE_ID_BYTES, b"\0")),
    "trace_id.string": lambda view: view.span.trace_id.ljust(_TRACE_ID_BYTES, b"\0").hex(),
    "span_id": lambda view: Identifier(view.span.span_id.ljust(_SPAN_ID_BYTES, b"\0")),
    "span_id.string": lambda view: view.span.span_id.ljust(_SPAN_ID_BYTES, b"\0").hex(),
    "parent_span_id": lambda view: Identifier(view.span.parent_span_id.ljust(_SPAN_ID_BYTES, b"\0")),
    "parent_span_id.string": lambda view: view.span.parent_span_id.ljust(_SPAN_ID_BYTES, b"\0").hex(),
    "trace_state": lambda view: view.span.trace_state,
    "flags": lambda view: view.span.flags,
    "attributes": lambda view: from_attributes(view.span.attributes),
    "events": lambda view: Elements(len(view.span.events)),
    "links": lambda view: Elements(len(view.span.links)),
    "dropped_attributes_count": lambda view: view.span.dropped_attributes_count,
    "dropped_events_count": lambda view: view.span.dropped_events_count,
    "dropped_links_count": lambda view: view.span.dropped_links_count,
}
_EVENT: Final[Mapping[str, Getter]] = {
    "name": lambda view: view.event.name,
    "time": lambda view: Time(int64(view.event.time_unix_nano)),
    "time_unix_nano": lambda view: int64(view.event.time_unix_nano),
    "attributes": lambda view: from_attributes(view.event.attributes),
    "dropped_attributes_count": lambda view: view.event.dropped_attributes_count,
}
_RESOURCE: Final[Mapping[str, Getter]] = {
    "attributes": lambda view: from_attributes(view.resource_spans.resource.attributes),
    "dropped_attributes_count": lambda view: view.resource_spans.resource.dropped_attributes_count,
    "schema_url": lambda view: view.resource_spans.schema_url,
}
_SCOPE: Final[Mapping[str, Getter]] = {
    "name": lambda view: view.scope_spans.scope.name,
    "version": lambda view: view.scope_spans.scope.version,
    "attributes": lambda view: from_attributes(view.scope_spans.scope.attributes),
    "dropped_attributes_count": lambda view: view.scope_spans.scope.dropped_attributes_count,
    "schema_url": lambda view: view.scope_spans.schema_url,
}
PATHS: Final[Mapping[str, Mapping[str, Getter]]] = {
    "span": _SPAN,
    "spanevent": _EVENT,
    "resource": _RESOURCE,
    "scope": _SCOPE,
    "instrumentation_scope": _SCOPE,
}
_IN_CONTEXT: Final[Mapping[Context, tuple[str, ...]]] = {
    "span": ("span", "resource", "scope", "instrumentation_scope"),
    "spanevent": ("spanevent", "span", "resource", "scope", "instrumentation_scope"),
}
_ATTRIBUTES: Final[Mapping[str, Callable[[SpanView], Iterable[KeyValue]]]] = {
    "spanevent": lambda view: view.event.attributes,
    "resource": lambda view: view.resource_spans.resource.attributes,
    "scope": lambda view: view.scope_spans.scope.attributes,
    "instrumentation_scope": lambda view: view.scope_spans.scope.attributes,
}


@dataclass(frozen=True, slots=True)
class Path:
    get: Getter
    span_key: str | None = None
    """The key in `SpanView.attributes` that it needs."""


def resolve(context: Context, names: Sequence[str], keys: Sequence[Key], position: int) -> Path:
    """For the dotted `names` and the keys in brackets after the last of them. Raises ConditionError."""
    owner, rest = context, tuple(names)
    if rest[0] in _IN_CONTEXT[context]:
        owner, rest = rest[0], rest[1:]  # type: ignore[assignment]  # a str from here on
    name = ".".join(rest)
    known = PATHS[owner]
    if name not in known:
        others = [f"{each}.…" for each in _IN_CONTEXT[context] if each != owner]
        problem = f"no path `{'.'.join(names)}`; allowed here: {', '.join(sorted(known))}; {', '.join(others)}"
        raise ConditionError(position, problem)
    if not keys:
        return Path(known[name])
    if name == "trace_state" and len(keys) == 1 and isinstance(keys[0], str):
        return Path(_trace_state(keys[0]))
    if name != "attributes":
        raise ConditionError(position, f"`{'.'.join(names)}` takes no key in brackets")
    first, others_ = keys[0], tuple(keys[1:])
    if not isinstance(first, str):
        raise ConditionError(position, "attributes are looked up by a string, not by a number")
    if owner == "span":
        return Path(_span_attribute(first, others_), first)
    return Path(_attribute(_ATTRIBUTES[owner], first, others_))


def _span_attribute(key: str, keys: tuple[Key, ...]) -> Getter:
    def get(view: SpanView) -> Value:
        value = view.attributes.get(key)
        return None if value is None else _inside(value, keys)

    def get_whole(view: SpanView) -> Value:
        value = view.attributes.get(key)
        return None if value is None else from_any(value)

    return get if keys else get_whole


def _attribute(of: Callable[[SpanView], Iterable[KeyValue]], key: str, keys: tuple[Key, ...]) -> Getter:
    def get(view: SpanView) -> Value:
        value = find(of(view), key)
        return None if value is None else _inside(value, keys)

    return get


def _inside(value: AnyValue, keys: tuple[Key, ...]) -> Value:
    for key in keys:
        match value.WhichOneof("value"), key:
            case "kvlist_value", str():
                inner = find(value.kvlist_value.values, key)
                if inner is None:
                    return None
                value = inner
            case "array_value", int():
                if key >= len(value.array_value.values):
                    raise OttlError("a list is shorter than an index into it")
                value = value.array_value.values[key]
            case _:
                raise OttlError("a value cannot be looked into by such a key")
    return from_any(value)


def _trace_state(key: str) -> Getter:
    def get(view: SpanView) -> Value:
        for member in view.span.trace_state.split(","):
            name, _, value = member.strip(" \t").partition("=")
            if name == key:
                return value
        return ""

    return get


def _kind(kind: int) -> str:
    return _KINDS[kind] if 0 <= kind < len(_KINDS) else ""
