"""Saves what can be saved of a protobuf request that does not parse.

protobuf refuses a whole request for one string that is not UTF-8, for one value nested too deeply, for one broken
span. Here the request is taken apart into resources, scopes and items, each is tried alone, and only what fails is
touched: strings that are not UTF-8 get U+FFFD for the bad bytes; what still fails is cut out. Parts that were good
stay as they came, byte for byte.

Two schemas derived from the real one make this possible. In `loose` every string is bytes, so nothing is checked.
In `outer`, resources, scopes and items are bytes as well, so they are not even looked into.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from google.protobuf.message import DecodeError

from processors.otlp.signal import Signal

_GROUP_FIELDS: Final = frozenset(
    f"{level}_{name}" for level in ("resource", "scope") for name in ("spans", "logs", "metrics")
)
"""The fields that hold the outer layers: groups by resource, groups by scope."""


@dataclass(frozen=True, slots=True)
class Repaired:
    raw: bytes
    """Parses as the signal's request."""
    rejected_items: int
    """Items that are not in `raw`: they, or the resource or scope they came under, could not be read."""


def repair(signal: Signal, raw: bytes) -> Repaired:
    """`raw` made readable. Raises google.protobuf.message.DecodeError if its outer layers are no request at all."""
    return _REPAIRERS[signal].repair(raw)


def _derive(descriptor: FileDescriptor, becomes_bytes: Callable[[FieldDescriptorProto], bool]) -> Any:
    """A pool with `descriptor` and all it imports, in which the fields `becomes_bytes` says yes to are bytes."""
    pool = descriptor_pool.DescriptorPool()
    done: set[str] = set()

    def rewrite(messages: Any) -> None:
        for message in messages:
            rewrite(message.nested_type)
            for field in message.field:
                if becomes_bytes(field):
                    field.type = FieldDescriptorProto.TYPE_BYTES
                    field.ClearField("type_name")

    def add(file: FileDescriptor) -> None:
        if file.name in done:
            return
        done.add(file.name)
        for imported in file.dependencies:
            add(imported)
        copy = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(copy)
        rewrite(copy.message_type)
        pool.Add(copy)

    add(descriptor)
    return pool


def _is_string(field: FieldDescriptorProto) -> bool:
    return field.type == FieldDescriptorProto.TYPE_STRING


def _is_not_layer(field: FieldDescriptorProto) -> bool:
    return _is_string(field) or (field.type == FieldDescriptorProto.TYPE_MESSAGE and field.name not in _GROUP_FIELDS)


def _parses(message_class: Any, raw: bytes) -> bool:
    try:
        message_class.FromString(raw)
    except DecodeError:
        return False
    return True


def _wrap(raw: bytes, *numbers: int) -> bytes:
    """`raw` as the innermost of nested messages with these field numbers: parsing is limited by total depth."""
    for number in reversed(numbers):
        length, size = bytearray(), len(raw)
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        length.append(size)
        raw = bytes([number << 3 | 2]) + bytes(length) + raw
    return raw


def _mend_text(raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode("utf-8")


class _Repairer:
    def __init__(self, signal: Signal) -> None:
        self._request_class: Any = signal.request_class
        top: Any = self._request_class.DESCRIPTOR
        self._groups, group = top.fields[0].name, top.fields[0].message_type
        self._scopes, scope = group.fields[1].name, group.fields[1].message_type
        self._items, item = scope.fields[1].name, scope.fields[1].message_type
        outer = _derive(top.file, _is_not_layer)
        self._outer_class = message_factory.GetMessageClass(outer.FindMessageTypeByName(top.full_name))
        self._loose = _derive(top.file, _is_string)
        self._resource_type = group.fields_by_name["resource"].message_type.full_name
        self._scope_type = scope.fields_by_name["scope"].message_type.full_name
        self._item_type = item.full_name
        self._strings = _string_fields(self._request_class.DESCRIPTOR)

    def repair(self, raw: bytes) -> Repaired:
        source: Any = self._outer_class.FromString(raw)
        rejected = 0
        groups = getattr(source, self._groups)
        kept_groups = []
        for group in groups:
            group.schema_url = _mend_text(group.schema_url)
            resource = self._mend(group.resource, self._resource_type, 1, 1)
            scopes = getattr(group, self._scopes)
            kept_scopes = []
            for scope in scopes:
                scope.schema_url = _mend_text(scope.schema_url)
                items = getattr(scope, self._items)
                total = len(items)
                head = None if resource is None else self._mend(scope.scope, self._scope_type, 1, 2, 1)
                kept_items = []
                if head is not None:
                    scope.scope = head
                    mended = (self._mend(item, self._item_type, 1, 2, 2) for item in items)
                    kept_items = [item for item in mended if item is not None]
                rejected += total - len(kept_items)
                if kept_items:
                    items[:] = kept_items
                    kept_scopes.append(scope)
            if kept_scopes and resource is not None:
                group.resource = resource
                _keep(scopes, kept_scopes)
                kept_groups.append(group)
        _keep(groups, kept_groups)
        return Repaired(source.SerializeToString(), rejected)

    def _mend(self, part: bytes, type_name: str, *path: int) -> bytes | None:
        """The part in a form that parses at its place in a request; None if there is none."""
        if _parses(self._request_class, _wrap(part, *path)):
            return part
        try:
            message = message_factory.GetMessageClass(self._loose.FindMessageTypeByName(type_name)).FromString(part)
        except DecodeError:
            return None
        self._mend_strings(message)
        mended = message.SerializeToString()
        return mended if _parses(self._request_class, _wrap(mended, *path)) else None

    def _mend_strings(self, message: Any) -> None:
        waiting = [message]
        while waiting:
            current = waiting.pop()
            for field, value in current.ListFields():
                if field.type == FieldDescriptor.TYPE_MESSAGE:
                    waiting.extend(value if field.is_repeated else (value,))
                elif field.full_name in self._strings:
                    if field.is_repeated:
                        value[:] = [_mend_text(text) for text in value]
                    else:
                        setattr(current, field.name, _mend_text(value))


def _keep(container: Any, kept: list[Any]) -> None:
    if len(kept) < len(container):
        copies = [type(message).FromString(message.SerializeToString()) for message in kept]
        del container[:]
        container.extend(copies)


def _string_fields(descriptor: Any) -> frozenset[str]:
    """Full names of the string fields of a message and of all it can hold."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [descriptor]
    while waiting:
        current = waiting.pop()
        if current.full_name in seen:
            continue
        seen.add(current.full_name)
        for field in current.fields:
            if field.message_type is not None:
                waiting.append(field.message_type)
            elif field.type == FieldDescriptor.TYPE_STRING:
                found.add(field.full_name)
    return frozenset(found)


_REPAIRERS: Final = {signal: _Repairer(signal) for signal in Signal}
