"""What of a client's spans has arrived at the backend, and what became of them on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.backend import Backend


def times_arrived(backend: Backend) -> Counter[str]:
    """By span id, in hex."""
    return Counter(span.span_id.hex() for span in backend.spans())


def plain(value: AnyValue) -> Any:
    if value.WhichOneof("value") == "array_value":
        return [plain(one) for one in value.array_value.values]
    return getattr(value, value.WhichOneof("value") or "string_value")


def values(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {kv.key: plain(kv.value) for kv in attributes}


def assert_intact(span: Span, sent: Mapping[str, Any]) -> None:
    """Every attribute is there with its value and type; beyond them only what the sidecar writes."""
    arrived = values(span.attributes)
    for key, value in sent.items():
        assert arrived[key] == value
        assert type(arrived[key]) is type(value)
    added = set(arrived) - set(sent)
    assert all(key.startswith("genai_sidecar.") or key == "gen_ai.usage.cost" for key in added), added
