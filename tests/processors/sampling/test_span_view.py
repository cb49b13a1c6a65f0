from __future__ import annotations

from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from processors.sampling.span_view import SpanView


def test_starts_empty() -> None:
    """A view shows where spans came from before it shows a span."""
    view = SpanView(ResourceSpans(schema_url="r"), ScopeSpans(schema_url="s"))
    assert (view.resource_spans.schema_url, view.scope_spans.schema_url) == ("r", "s")
    assert (view.span.name, view.event.name, view.attributes) == ("", "", {})
