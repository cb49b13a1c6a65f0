from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from processors.pii.places import Attributes, Body, Field, any_values, log_places, metric_places, trace_places

UNVISITED = {"schema_url", "trace_state", "id_keys", "description_keys", "type"}
"""Schema URLs, W3C trace state, and the names of entity keys: none may hold free text."""


def plant(message: Any) -> Iterator[str]:
    """Sets every string the schema has to its own path; yields what it set. KeyValue lists get one member each."""
    for field in message.DESCRIPTOR.fields:
        many = field.is_repeated
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if field.containing_oneof is not None and field.containing_oneof.name == "data":
                continue
            target = getattr(message, field.name)
            target = target.add() if many else target
            if isinstance(target, KeyValue):
                target.key = "k"
                target.value.string_value = f"{message.DESCRIPTOR.name}.{field.name}"
                yield target.value.string_value
            elif isinstance(target, AnyValue):
                target.string_value = f"{message.DESCRIPTOR.name}.{field.name}"
                yield target.string_value
            else:
                target.SetInParent() if not many else None
                yield from plant(target)
        elif field.type == FieldDescriptor.TYPE_STRING and field.name not in UNVISITED:
            assert not many, field.full_name
            setattr(message, field.name, f"{message.DESCRIPTOR.name}.{field.name}")
            yield getattr(message, field.name)


def visited(places: Iterator[Any]) -> list[str]:
    seen = []
    for place in places:
        match place:
            case Field():
                seen.append(getattr(place.message, place.name))
            case Body():
                seen.append(place.value.string_value)
            case Attributes():
                seen += [kv.value.string_value for kv in place.values]
    return [text for text in seen if text]


@pytest.mark.parametrize(
    ("request_class", "places"),
    [(ExportTraceServiceRequest, trace_places), (ExportLogsServiceRequest, log_places)],
)
def test_every_string_of_the_schema_is_visited_once(request_class: Any, places: Any) -> None:
    """A string field added to OTLP fails this test until someone decides what to do with it."""
    request = request_class()
    planted = list(plant(request))
    assert sorted(visited(places(request))) == sorted(planted)


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
def test_every_string_of_every_metric_is_visited_once(kind: str) -> None:
    """Data points and exemplars of each of the five kinds included."""
    request = ExportMetricsServiceRequest()
    planted = list(plant(request))
    metric = request.resource_metrics[0].scope_metrics[0].metrics[0]
    planted += plant(getattr(metric, kind))
    assert sorted(visited(metric_places(request))) == sorted(planted)


def test_deep_values_are_walked() -> None:
    """A value nested a thousand deep is visited without recursion."""
    root = value = AnyValue()
    for _ in range(1000):
        value = value.array_value.values.add()
    value.string_value = "deep"
    assert sum(1 for found, _, _ in any_values(root, "k") if found.string_value == "deep") == 1
