"""Spans of model calls and agents, for the policies that know what these are."""

from __future__ import annotations

from collections.abc import Iterable

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.sampling.decide import Decider, Decision
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from tests.processors.sampling.build import TRACE_ID, Attribute, request, span


def call(**attrs: Attribute) -> Span:
    """A chat with gpt-4o; `gen_ai__x` is `gen_ai.x`."""
    base: dict[str, Attribute] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    return span(attrs=base | {key.replace("__", "."): value for key, value in attrs.items()})


def decided(of: SamplingSection, *requests: Iterable[Span]) -> Decision:
    """The decision on a trace whose spans came in these requests."""
    facts = TraceFacts()
    for spans in requests:
        facts.merge(Observer(of).traces(request(*spans)).facts[TRACE_ID])
    return Decider(of).decide(TRACE_ID, facts)
