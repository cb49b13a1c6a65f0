"""One span with what it came in, for tests that look at more than one attribute at a time."""

from __future__ import annotations

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span


class SpanView:
    """Reused from span to span: valid only while a test runs."""

    __slots__ = ("attributes", "event", "resource_spans", "scope_spans", "span")

    def __init__(self, resource_spans: ResourceSpans, scope_spans: ScopeSpans) -> None:
        self.resource_spans = resource_spans
        self.scope_spans = scope_spans
        self.span = Span()
        self.event = Span.Event()
        """The one looked at, where a test is about events."""
        self.attributes: dict[str, AnyValue] = {}
        """Of the span, but only those with a key that some test asked for; the first of each key."""
