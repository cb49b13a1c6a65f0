"""One span with what it came in, for tests that look at more than one attribute at a time."""

from __future__ import annotations

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from processors.genai.model_call import ModelCall, read_model_call


class SpanView:
    """Reused from span to span: valid only while a test runs."""

    __slots__ = ("_call", "_has_read", "attributes", "event", "resource_spans", "scope_name", "scope_spans", "span")

    def __init__(self, resource_spans: ResourceSpans, scope_spans: ScopeSpans) -> None:
        self.resource_spans = resource_spans
        self.scope_spans = scope_spans
        self.scope_name = scope_spans.scope.name
        self.span = Span()
        self.event = Span.Event()
        """The one looked at, where a test is about events."""
        self.attributes: dict[str, AnyValue] = {}
        """Of the span, but only those with a key that some test asked for; the first of each key."""
        self._call: ModelCall | None = None
        self._has_read = False

    def show(self, span: Span, attributes: dict[str, AnyValue]) -> None:
        """The next span."""
        self.span = span
        self.attributes = attributes
        self._has_read = False

    def model_call(self) -> ModelCall | None:
        """What `read_model_call` says of the span; read once, whoever asks."""
        if not self._has_read:
            self._call = read_model_call(self.span, self.scope_name, self.resource_spans.resource)
            self._has_read = True
        return self._call
