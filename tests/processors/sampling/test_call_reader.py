from __future__ import annotations

from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from processors.genai.model_call import ModelCall
from processors.sampling.call_reader import CallReader
from processors.sampling.call_totals import NO_COST, CallCost, CallTotals
from processors.sampling.facts import TraceFacts
from processors.sampling.span_view import SpanView
from tests.processors.sampling.build import span
from tests.processors.sampling.policies.llm import call


def read(reader: CallReader, *spans: Span) -> TraceFacts:
    facts = TraceFacts()
    view = SpanView(ResourceSpans(), ScopeSpans())
    for each in spans:
        view.show(each, {})
        reader(view, facts)
    return facts


def test_only_what_is_asked_for_is_read() -> None:
    """Bits for tests; totals, and prices in them, where a policy wants them."""
    reader = CallReader()
    reader.tests.append((4, lambda of: of.request_model == "gpt-4o"))
    one = call(gen_ai__usage__input_tokens=3)
    assert read(reader, one, span()).matched == 4
    assert read(reader, one).calls is None
    reader.reads_usage = True
    totals = read(reader, one).calls
    assert totals is not None
    assert totals.total() == CallCost(3, 0, 0.0)


def test_first_chunks_need_nothing_else() -> None:
    """The slowest of all calls; what they used is not held for it."""
    reader = CallReader()
    reader.reads_first_chunks = True
    slow = call(gen_ai__response__time_to_first_chunk=0.5, gen_ai__usage__input_tokens=3)
    totals = read(reader, call(), slow, span()).calls
    assert totals == CallTotals(slowest_first_chunk_s=0.5)
    assert totals is not None
    assert not totals.parents


def test_only_single_calls_add_up() -> None:
    """An agent's span repeats the usage of the calls below it."""
    reader = CallReader()
    reader.reads_usage = True
    agent = span(attrs={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100})
    facts = read(reader, agent)
    assert facts.calls is None or facts.calls.total() == NO_COST


def test_a_call_is_priced_at_the_time_it_began() -> None:
    """Or ended, where its start is unknown."""
    times = []

    def price(of: ModelCall, time_unix_nano: int) -> float | None:
        times.append((of.request_model, time_unix_nano))
        return None

    reader = CallReader()
    reader.reads_usage, reader.price_of = True, price
    begun, ended = call(), call()
    ended.start_time_unix_nano = 0
    facts = read(reader, begun, ended)
    assert times == [("gpt-4o", begun.start_time_unix_nano), ("gpt-4o", ended.end_time_unix_nano)]
    assert facts.calls is not None
    assert facts.calls.total().usd == 0
