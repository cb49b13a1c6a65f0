"""OTLP JSON to protobuf and back (opentelemetry-proto specification, "JSON Protobuf Encoding").

It differs from protobuf's own JSON mapping, and therefore from `google.protobuf.json_format`: trace and span ids are
hex, enums are written as numbers, unknown keys are ignored. Everything else is the same: other bytes are base64,
64-bit integers are strings when written and strings or numbers when read, NaN and infinities are strings.

What a field needs is worked out once, from the descriptors, when the module is loaded; a message then costs one
dict look-up and one call a field.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from processors.otlp.signal import Request, Signal

_MAX_DEPTH: Final = 100
"""Messages inside the request; protobuf's own parser stops there too, so nothing deeper could be read back."""

_HEX_FIELDS: Final = frozenset({"trace_id", "span_id", "parent_span_id"})
_ITEM_TYPES: Final = frozenset(
    {
        "opentelemetry.proto.trace.v1.Span",
        "opentelemetry.proto.logs.v1.LogRecord",
        "opentelemetry.proto.metrics.v1.Metric",
    }
)
# Linear in every input: nothing backtracks, and a string without an end runs to the end of the text.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


class JsonError(ValueError):
    """Not OTLP JSON. The message names a key at most, never a value."""


def decode_json(signal: Signal, data: bytes, on_bad_item: Callable[[str], None] | None = None) -> Request:
    """The request that `data` (UTF-8) spells.

    Invalid UTF-8 and lone surrogates become U+FFFD. An item that cannot be read is left out and `on_bad_item` is
    called with the reason; without `on_bad_item` it raises JsonError, as everything else that is not OTLP JSON does.
    """
    try:
        tree = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise JsonError("the body is not JSON") from None
    request = signal.request_class()
    _fill(request, tree, _PLANS[request.DESCRIPTOR.full_name], 0, on_bad_item)
    return request


def encode_json(signal: Signal, message: Message) -> str:
    """One compact line without a line end, for an export request of that signal."""
    return _dump(message, _PLANS[signal.request_class.DESCRIPTOR.full_name])


def encode_response_json(message: Message) -> str:
    """The same for an Export…ServiceResponse."""
    return _dump(message, _PLANS[message.DESCRIPTOR.full_name])


def count_values(data: bytes, enough: int) -> int:
    """An upper bound for the values `json.loads` would make of `data`; a close one only where it is above `enough`.

    A value costs up to a hundred bytes of memory and can be written in two, so they are counted before they are made.
    Every value but the outermost follows a comma or an opening bracket.
    """
    rough = _separators(data)
    return rough if rough <= enough else _separators(_STRING.sub(b"", data))


def _separators(data: bytes) -> int:
    return 1 + data.count(b",") + data.count(b"{") + data.count(b"[")


@dataclass(slots=True)
class _Field:
    name: str
    json_name: str
    repeated: bool
    plan: _Plan | None
    """Of the message in this field; None for a scalar."""
    is_item: bool
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


@dataclass(slots=True)
class _Plan:
    by_key: dict[str, _Field] = field(default_factory=dict)
    by_number: dict[int, _Field] = field(default_factory=dict)


def _fill(message: Any, tree: Any, plan: _Plan, depth: int, on_bad_item: Callable[[str], None] | None) -> None:
    if not isinstance(tree, dict):
        raise JsonError("expected an object")
    if depth > _MAX_DEPTH:
        raise JsonError("nested too deeply")
    for key, value in tree.items():
        spec = plan.by_key.get(key)
        if spec is None or value is None:
            continue
        if spec.repeated and not isinstance(value, list):
            raise JsonError(f"{spec.json_name}: expected an array")
        if spec.plan is None:
            try:
                if spec.repeated:
                    getattr(message, spec.name).extend([spec.read(one) for one in value])
                else:
                    setattr(message, spec.name, spec.read(value))
            except (ValueError, TypeError, OverflowError):
                raise JsonError(f"{spec.json_name}: not a value of its type") from None
        elif not spec.repeated:
            child = getattr(message, spec.name)
            child.SetInParent()
            _fill(child, value, spec.plan, depth + 1, on_bad_item)
        elif spec.is_item and on_bad_item is not None:
            _fill_items(getattr(message, spec.name), value, spec.plan, depth + 1, on_bad_item)
        else:
            children = getattr(message, spec.name)
            for one in value:
                _fill(children.add(), one, spec.plan, depth + 1, on_bad_item)


def _fill_items(items: Any, trees: list[Any], plan: _Plan, depth: int, on_bad_item: Callable[[str], None]) -> None:
    for tree in trees:
        try:
            _fill(items.add(), tree, plan, depth, None)
        except JsonError as error:
            del items[-1]
            on_bad_item(str(error))


def _dump(message: Message, plan: _Plan) -> str:
    return json.dumps(_tree(message, plan), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _tree(message: Message, plan: _Plan) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for descriptor, value in message.ListFields():
        spec = plan.by_number[descriptor.number]
        if spec.plan is None:
            tree[spec.json_name] = [spec.write(one) for one in value] if spec.repeated else spec.write(value)
        elif spec.repeated:
            tree[spec.json_name] = [_tree(one, spec.plan) for one in value]
        else:
            tree[spec.json_name] = _tree(value, spec.plan)
    return tree


def _same(value: Any) -> Any:
    return value


def _read_string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _read_integer(value: Any) -> int:
    if isinstance(value, str):
        return int(value)
    if isinstance(value, bool) or value != int(value):
        raise TypeError
    return int(value)


def _read_double(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _write_double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _read_base64(value: Any) -> bytes:
    """Standard or URL-safe alphabet, padded or not, as protobuf's JSON mapping allows."""
    if not isinstance(value, str):
        raise TypeError
    encoded = value.encode("ascii").translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)


def _write_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _read_enum(enum: EnumDescriptor) -> Callable[[Any], int]:
    numbers = {name: value.number for name, value in enum.values_by_name.items()}

    def read(value: Any) -> int:
        return numbers[value] if value in numbers else _read_integer(value)

    return read


_INTEGERS_64: Final = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
    FieldDescriptor.TYPE_SINT64,
}


def _converters(descriptor: FieldDescriptor) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How a scalar of this field is read and written."""
    kind = descriptor.type
    if kind == FieldDescriptor.TYPE_STRING:
        return _read_string, _same
    if kind == FieldDescriptor.TYPE_BYTES:
        return (binascii.unhexlify, bytes.hex) if descriptor.name in _HEX_FIELDS else (_read_base64, _write_base64)
    if kind == FieldDescriptor.TYPE_BOOL:
        return _read_bool, _same
    if descriptor.enum_type is not None:
        return _read_enum(descriptor.enum_type), _same
    if kind in {FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT}:
        return _read_double, _write_double
    return _read_integer, str if kind in _INTEGERS_64 else _same


def _plan(descriptor: Descriptor, plans: dict[str, _Plan]) -> _Plan:
    if descriptor.full_name in plans:
        return plans[descriptor.full_name]
    plan = plans[descriptor.full_name] = _Plan()
    for part in descriptor.fields:
        inner = part.message_type
        read, write = (_same, _same) if inner is not None else _converters(part)
        spec = _Field(
            name=part.name,
            json_name=part.json_name,
            repeated=part.is_repeated,
            plan=None if inner is None else _plan(inner, plans),
            is_item=inner is not None and inner.full_name in _ITEM_TYPES,
            read=read,
            write=write,
        )
        plan.by_key[part.json_name] = plan.by_number[part.number] = spec
    return plan


def _plans() -> dict[str, _Plan]:
    plans: dict[str, _Plan] = {}
    responses = (ExportTraceServiceResponse, ExportLogsServiceResponse, ExportMetricsServiceResponse)
    for message in (*(signal.request_class for signal in Signal), *responses):
        _plan(message.DESCRIPTOR, plans)
    return plans


_PLANS: Final = _plans()
