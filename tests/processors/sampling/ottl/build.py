"""One span with everything a condition can look at."""

from __future__ import annotations

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from processors.sampling.ottl.compiler import compile_condition
from processors.sampling.ottl.paths import Context
from processors.sampling.span_view import SpanView
from tests.processors.sampling.build import any_value, attributes

SECOND = 1_000_000_000


def view(span: Span | None = None) -> SpanView:
    span = span or a_span()
    scope = InstrumentationScope(
        name="openinference", version="1.2", attributes=attributes({"short": True}), dropped_attributes_count=4
    )
    resource = Resource(attributes=attributes({"service.name": "shop", "host": "a"}), dropped_attributes_count=5)
    result = SpanView(
        ResourceSpans(resource=resource, schema_url="https://r"),
        ScopeSpans(scope=scope, schema_url="https://s", spans=[span]),
    )
    result.span = span
    result.event = span.events[0]
    result.attributes = {attribute.key: attribute.value for attribute in reversed(span.attributes)}
    return result


def a_span() -> Span:
    inner = KeyValueList(values=[KeyValue(key="list", value=AnyValue(array_value=ArrayValue(values=_numbers(1, 2))))])
    plain = attributes(
        {"model": "gpt-4o", "tokens": 7, "score": 0.25, "cached": True, "empty": "", "digits": "42", "mixed": "Straße"}
    )
    plain.append(KeyValue(key="model", value=any_value("a second one")))
    return Span(
        trace_id=bytes(range(16)),
        span_id=bytes(range(8)),
        parent_span_id=b"",
        trace_state="a=1, b=2",
        name="chat gpt-4o",
        kind=Span.SPAN_KIND_CLIENT,
        flags=257,
        start_time_unix_nano=100 * SECOND,
        end_time_unix_nano=102 * SECOND,
        attributes=[
            *plain,
            KeyValue(key="raw", value=AnyValue(bytes_value=b"\x01\xff")),
            KeyValue(key="nothing", value=AnyValue()),
            KeyValue(key="tags", value=AnyValue(array_value=ArrayValue(values=[any_value("x"), any_value(2)]))),
            KeyValue(key="map", value=AnyValue(kvlist_value=inner)),
        ],
        dropped_attributes_count=1,
        events=[
            Span.Event(
                name="exception",
                time_unix_nano=101 * SECOND,
                attributes=attributes({"exception.type": "Timeout"}),
                dropped_attributes_count=6,
            ),
            Span.Event(name="retry"),
        ],
        dropped_events_count=2,
        links=[Span.Link()],
        dropped_links_count=3,
        status=Status(code=Status.STATUS_CODE_ERROR, message="boom"),
    )


def holds(text: str, context: Context = "span", span: Span | None = None) -> bool:
    """Whether the condition is true of a span. Raises OttlError where it cannot tell."""
    return compile_condition(text, context).is_true(view(span))


def _numbers(*numbers: int) -> list[AnyValue]:
    return [any_value(number) for number in numbers]
