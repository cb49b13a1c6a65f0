from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.model_call import ModelCall, read_model_call
from tests.processors.genai.spans import span_of

CURRENT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 40,
    "gen_ai.usage.cache_creation.input_tokens": 10,
    "gen_ai.usage.reasoning.output_tokens": 5,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.conversation.id": "c1",
    "user.id": "u1",
    "gen_ai.response.time_to_first_chunk": 0.25,
}
LEGACY: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.prompt_tokens": "100",
    "gen_ai.usage.completion_tokens": 20.0,
    "gen_ai.response.finish_reason": "stop",
}
OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.provider": "openai",
    "llm.system": "other",
    "llm.model_name": "gpt-4o",
    "llm.response.model_name": "gpt-4o-2024-08-06",
    "llm.token_count.prompt": 100,
    "llm.token_count.completion": 20,
    "llm.token_count.total": 120,
    "llm.token_count.prompt_details.cache_read": 40,
    "llm.token_count.prompt_details.cache_write": 10,
    "llm.token_count.completion_details.reasoning": 5,
    "llm.finish_reason": "stop",
    "session.id": "c1",
    "user.id": "u1",
}


def call_of(attributes: dict[str, Any], kind: int = Span.SPAN_KIND_CLIENT) -> ModelCall:
    call = read_model_call(span_of(attributes, kind=kind))
    assert call is not None
    return call


@pytest.mark.parametrize("attributes", [CURRENT, LEGACY, OPENINFERENCE, OPENINFERENCE | LEGACY | CURRENT])
def test_one_view_over_all_dialects(attributes: dict[str, Any]) -> None:
    """The same call reads the same, also where a span speaks several dialects at once."""
    call = call_of(attributes)
    assert call.operation == "chat"
    assert call.provider == "openai"
    assert (call.request_model, call.response_model) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert call.model == "gpt-4o-2024-08-06"
    assert (call.input_tokens, call.output_tokens) == (100, 20)
    assert call.finish_reasons == ("stop",)
    assert call.is_single
    if attributes is not LEGACY:
        assert (call.cache_read_tokens, call.cache_write_tokens, call.reasoning_tokens) == (40, 10, 5)
        assert (call.conversation, call.user) == ("c1", "u1")


def test_the_time_to_the_first_chunk_is_in_seconds() -> None:
    """As the conventions have it; nonsense is absent."""
    assert call_of(CURRENT).time_to_first_chunk_s == 0.25
    assert call_of(CURRENT | {"gen_ai.response.time_to_first_chunk": -1}).time_to_first_chunk_s is None


@pytest.mark.parametrize("operation", ["chat", "text_completion", "generate_content", "embeddings", "CHAT"])
def test_requests_to_a_model_can_be_priced(operation: str) -> None:
    """Four operations are exactly one request."""
    assert call_of(CURRENT | {"gen_ai.operation.name": operation}).is_single


@pytest.mark.parametrize(
    "attributes",
    [
        *(
            {"gen_ai.operation.name": name}
            for name in ("invoke_agent", "create_agent", "execute_tool", "invoke_workflow")
        ),
        {"gen_ai.operation.name": "fetch_response"},
        {"openinference.span.kind": "CHAIN"},
        {"openinference.span.kind": "AGENT"},
        {"logfire.span_type": "pending_span"},
    ],
    ids=str,
)
def test_sums_and_repetitions_cannot(attributes: dict[str, Any]) -> None:
    """Their usage is that of other spans."""
    assert not call_of(CURRENT | attributes).is_single


def test_the_serving_side_is_not_priced() -> None:
    """The client's span in the same trace is."""
    assert not call_of(CURRENT, kind=Span.SPAN_KIND_SERVER).is_single
    assert call_of(CURRENT, kind=Span.SPAN_KIND_INTERNAL).is_single


def test_older_conventions_had_no_operation() -> None:
    """A model with usage is a call; either alone is not known to be one."""
    bare = {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.prompt_tokens": 1}
    assert call_of(bare).is_single
    assert call_of(bare).operation is None
    for key in ("gen_ai.request.model", "gen_ai.usage.prompt_tokens"):
        assert read_model_call(span_of({name: value for name, value in bare.items() if name != key})) is None


@pytest.mark.parametrize(
    "attributes",
    [{}, {"http.method": "GET"}, {"openinference.span.kind": "TOOL"}, {"gen_ai.operation.name": "execute_tool"}],
    ids=str,
)
def test_other_spans_are_no_model_calls(attributes: dict[str, Any]) -> None:
    """Nothing is said about a model or its usage."""
    assert read_model_call(span_of(attributes)) is None


def test_embeddings_of_openinference() -> None:
    """Have their own kind and model key."""
    call = call_of({"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e", "llm.token_count.prompt": 3})
    assert (call.operation, call.model, call.input_tokens, call.output_tokens) == ("embeddings", "e", 3, None)
    assert call.is_single


@pytest.mark.parametrize(
    ("tokens_in", "read", "write", "expected"),
    [(100, 40, 60, 100), (100, 40, 61, 201), (10, 40, 0, 50), (100, 0, 0, 100), (None, 40, 0, 40), (0, 0, 5, 5)],
)
def test_cache_counts_beside_the_input_are_added(tokens_in: int | None, read: int, write: int, expected: int) -> None:
    """Within the input they must fit into it."""
    attributes: dict[str, Any] = {"gen_ai.operation.name": "chat"}
    attributes |= {"gen_ai.usage.cache_read.input_tokens": read, "gen_ai.usage.cache_write.input_tokens": write}
    if tokens_in is not None:
        attributes["gen_ai.usage.input_tokens"] = tokens_in
    call = call_of(attributes)
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (expected, read, write)


def test_reasoning_beside_the_output_is_added() -> None:
    """By the same reasoning."""
    assert call_of(CURRENT | {"gen_ai.usage.reasoning.output_tokens": 30}).output_tokens == 50


@pytest.mark.parametrize("value", ["many", -1, "nan", 1e300, True, [1], "", 1.5])
def test_bad_counts_are_absent(value: Any) -> None:
    """One bad value costs that value."""
    call = call_of(CURRENT | {"gen_ai.usage.output_tokens": value, "gen_ai.usage.reasoning.output_tokens": 0})
    assert call.output_tokens is None
    assert call.input_tokens == 100


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"gen_ai.usage.cost": 0.5}, 0.5),
        ({"gen_ai.usage.cost": "0.5"}, 0.5),
        ({"gen_ai.usage.cost": 0}, 0.0),
        ({"gen_ai.usage.cost": "n/a"}, None),
        ({"gen_ai.usage.cost": -1.0}, None),
        ({"gen_ai.usage.cost": True}, None),
        ({"gen_ai.usage.cost": 0.5, "llm.cost.total": 0.7}, 0.5),
        ({"llm.cost.total": 0.7}, 0.7),
        ({"llm.cost.prompt": 0.25, "llm.cost.completion": 0.5}, 0.75),
        ({"operation.cost": 0.1}, 0.1),
        ({"langfuse.observation.cost_details": '{"input": 1, "total": 3}'}, 3.0),
        ({"langfuse.observation.cost_details": '{"input": 1, "output": 3}'}, 4.0),
        ({"langfuse.observation.cost_details": "{}"}, None),
        ({"langfuse.observation.cost_details": '{"total": "much"}'}, None),
        ({"langfuse.observation.cost_details": '{"total"'}, None),
        ({"mlflow.llm.cost": '{"input_cost": 1, "total_cost": 2}'}, 2.0),
        ({"gen_ai.cost.total_tokens": 0.2}, 0.2),
    ],
    ids=str,
)
def test_costs_that_came_with_the_span(attributes: dict[str, Any], expected: float | None) -> None:
    """In whatever way it was reported."""
    assert call_of(CURRENT | attributes).reported_cost == expected


anything = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.lists(st.text())


@given(st.dictionaries(st.sampled_from(sorted(OPENINFERENCE | LEGACY | CURRENT | {"gen_ai.usage.cost": 0})), anything))
def test_no_value_breaks_the_reader(attributes: dict[str, Any]) -> None:
    """Counts are whole and 0 or above, and parts fit into their wholes, whatever was sent."""
    call = read_model_call(span_of(attributes))
    if call is None:
        return
    assert call.cache_read_tokens + call.cache_write_tokens <= (call.input_tokens or 0)
    assert call.reasoning_tokens <= (call.output_tokens or 0)
    assert call.reported_cost is None or call.reported_cost >= 0
