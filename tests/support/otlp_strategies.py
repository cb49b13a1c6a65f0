"""Hypothesis strategies for OTLP requests, driven by the descriptors: any field may be set to any value of its type."""

from __future__ import annotations

import math
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

from processors.otlp.signal import Request, Signal

_F: Final = FieldDescriptor
_SCALARS: Final[dict[int, st.SearchStrategy[Any]]] = {
    _F.TYPE_STRING: st.text(max_size=8),
    _F.TYPE_BYTES: st.binary(max_size=17),
    _F.TYPE_BOOL: st.booleans(),
    _F.TYPE_DOUBLE: st.floats(allow_nan=False) | st.just(math.nan),  # JSON has one NaN only
    _F.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    _F.TYPE_SFIXED64: st.integers(-(2**63), 2**63 - 1),
    _F.TYPE_UINT64: st.integers(0, 2**64 - 1),
    _F.TYPE_FIXED64: st.integers(0, 2**64 - 1),
    _F.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    _F.TYPE_SINT32: st.integers(-(2**31), 2**31 - 1),
    _F.TYPE_UINT32: st.integers(0, 2**32 - 1),
    _F.TYPE_FIXED32: st.integers(0, 2**32 - 1),
    _F.TYPE_ENUM: st.integers(0, 7),
}


def _fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    fields = list(message.DESCRIPTOR.fields)
    for field in draw(st.lists(st.sampled_from(fields), unique=True, max_size=5)) if fields else ():
        if field.message_type is None:
            values = _SCALARS[field.type]
            if field.is_repeated:
                getattr(message, field.name).extend(draw(st.lists(values, max_size=3)))
            else:
                setattr(message, field.name, draw(values))
        elif depth > 0 and field.is_repeated:
            for _ in range(draw(st.integers(0, 2))):
                _fill(draw, getattr(message, field.name).add(), depth - 1)
        elif depth > 0:
            child = getattr(message, field.name)
            child.SetInParent()
            _fill(draw, child, depth - 1)


@st.composite
def requests(draw: st.DrawFn, signal: Signal) -> Request:
    """Up to two resources with up to two scopes with up to three items, all filled at random."""
    request: Any = signal.request_class()
    groups = getattr(request, request.DESCRIPTOR.fields[0].name)
    for _ in range(draw(st.integers(0, 2))):
        group = groups.add(schema_url=draw(st.text(max_size=3)))
        _fill(draw, group.resource, 3)
        for _ in range(draw(st.integers(0, 2))):
            scope = getattr(group, group.DESCRIPTOR.fields[1].name).add(schema_url=draw(st.text(max_size=3)))
            _fill(draw, scope.scope, 3)
            for _ in range(draw(st.integers(0, 3))):
                _fill(draw, getattr(scope, scope.DESCRIPTOR.fields[1].name).add(), 4)
    return request  # type: ignore[no-any-return]  # built through Any, to fit three classes


def any_request() -> st.SearchStrategy[tuple[Signal, Request]]:
    """A signal and a request of it."""
    return st.sampled_from(list(Signal)).flatmap(lambda signal: st.tuples(st.just(signal), requests(signal)))
