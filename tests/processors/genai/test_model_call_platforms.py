"""Calls as platforms' own exporters write them, and what beside them is none."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from processors.genai.conversation.read import READER, Conversation
from processors.genai.matcher import MATCHER
from processors.genai.model_call import read_model_call
from processors.genai.roles import Role
from processors.genai.step import read_step
from tests.processors.genai.spans import span_of

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
ANSWERED = [{"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "Hello"}}]


class Call(NamedTuple):
    attributes: dict[str, Any]
    scope: str
    expected: dict[str, Any]
    name: str = "call"


USED = {"input_tokens": 100, "output_tokens": 20, "cache_read_tokens": 60}
BRAINTRUST: dict[str, Any] = {
    "braintrust.span_attributes": '{"type": "llm"}',
    "braintrust.input_json": json.dumps(ASKED),
    "braintrust.output_json": json.dumps(ANSWERED),
    "braintrust.metadata": '{"provider": "openai", "model": "gpt-4o-mini", "stream": true, "user": "x"}',
    "braintrust.metrics": json.dumps(
        {"prompt_tokens": 100, "completion_tokens": 20, "tokens": 120, "prompt_cached_tokens": 60,
         "prompt_cache_creation_tokens": 10, "completion_reasoning_tokens": 5, "time_to_first_token": 0.5}
    ),
}  # fmt: skip
VOLTAGENT: dict[str, Any] = {"entity.type": "agent", "entity.name": "my-app", "ai.model.name": "gpt-4o"}
VOLTAGENT_USAGE: dict[str, Any] = {
    "usage.prompt_tokens": 100,
    "usage.completion_tokens": 20,
    "usage.total_tokens": 120,
    "usage.cached_tokens": 60,
}
TENCENT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "",
    "gen_ai.usage.input_tokens": 100,
}
PIPECAT: dict[str, Any] = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-realtime-preview"}
CLAUDE: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "input_tokens": 40,
    "cache_read_tokens": 60,
    "output_tokens": 20,
}

CALLS: dict[str, Call] = {
    "Braintrust": Call(
        BRAINTRUST,
        "braintrust-java",
        {
            **USED, "operation": "chat", "provider": "openai", "request_model": "gpt-4o-mini", "cache_write_tokens": 10,
            "reasoning_tokens": 5, "finish_reasons": ("length",), "time_to_first_chunk_s": 0.5, "is_streaming": True,
            "is_single": True,
        },
    ),
    "Braintrust's metadata, beside what the span says": Call(
        BRAINTRUST | {"gen_ai.request.model": "gpt-4o", "gen_ai.provider.name": "azure"},
        "app",
        {"provider": "azure", "request_model": "gpt-4o", "is_single": True},
    ),
    "Braintrust's metadata, broken": Call(
        BRAINTRUST | {"braintrust.metadata": '["gpt'}, "", {**USED, "request_model": None, "is_single": True}
    ),
    "Braintrust's embeddings": Call(BRAINTRUST, "", {"operation": "embeddings", "is_single": True}, "Embeddings"),
    "Braintrust's task": Call(
        BRAINTRUST | {"braintrust.span_attributes": '{"type": "task"}'}, "", {"operation": "task", "is_single": False}
    ),
    "Braintrust, flat": Call(
        {
            "braintrust.span_attributes.type": "llm", "braintrust.metrics.prompt_tokens": 100,
            "braintrust.metrics.completion_tokens": 20, "braintrust.metrics.tokens": 120,
            "braintrust.metrics.prompt_cached_tokens": 60, "braintrust.metrics.cost": 0.01,
            "braintrust.metadata.openclaw.model": "gpt-4o",
        },
        "",
        {**USED, "operation": "chat", "request_model": "gpt-4o", "reported_cost": 0.01, "is_single": True},
    ),
    "Weave": Call(
        {
            "weave.operation.name": "chat", "weave.provider.name": "openai", "weave.request.model": "gpt-4o",
            "weave.response.model": "gpt-4o-2024-08-06", "weave.response.id": "r1", "weave.usage.input_tokens": 100,
            "weave.usage.output_tokens": 20, "weave.usage.reasoning_tokens": 5,
            "weave.usage.cache_read.input_tokens": 60, "weave.usage.cache_creation.input_tokens": 10,
            "weave.conversation.id": "c1", "weave.agent.name": "planner", "weave.response.finish_reasons": ["length"],
        },
        "",
        {
            **USED, "operation": "chat", "provider": "openai", "request_model": "gpt-4o", "response_id": "r1",
            "response_model": "gpt-4o-2024-08-06", "reasoning_tokens": 5, "cache_write_tokens": 10,
            "conversation": "c1", "agent": "planner", "finish_reasons": ("length",), "is_single": True,
        },
    ),
    "LiteLLM's Weave mapper": Call(
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "weave.output": json.dumps(ANSWERED),
         "wandb.thread_id": "c1"},
        "litellm",
        {"finish_reasons": ("length",), "conversation": "c1"},
    ),
    "VoltAgent's agent": Call(
        VOLTAGENT | VOLTAGENT_USAGE | {"ai.response.finish_reason": "length"},
        "@voltagent/core",
        {**USED, "operation": "invoke_agent", "agent": "my-app", "finish_reasons": ("length",), "is_single": False},
    ),
    "VoltAgent's call, which is a part of the agent": Call(
        VOLTAGENT | VOLTAGENT_USAGE | {"span.type": "llm"}, "@voltagent/core", {"operation": "chat", "is_single": True}
    ),
    "VoltAgent's call without usage": Call(
        {"entity.type": "agent", "span.type": "llm", "llm.model": "gpt-4o"},
        "@voltagent/core",
        {"operation": "chat", "is_single": True},
    ),
    "Claude Code, prefixed": Call(
        CLAUDE | {"span.type": "claude_code.llm_request"},
        "com.anthropic.claude_code.tracing",
        {**USED, "operation": "chat", "is_single": True},
    ),
    "Claude Code's turn, prefixed": Call(
        CLAUDE | {"span.type": "claude_code.interaction"},
        "com.anthropic.claude_code.tracing",
        {"operation": "invoke_agent", "is_single": False},
    ),
    "Tencent's workflow": Call(
        TENCENT | {"gen_ai.span.kind": "WORKFLOW"}, "dify-sdk", {"operation": "invoke_workflow", "is_single": False}
    ),
    "Tencent's agent": Call(
        TENCENT | {"gen_ai.span.kind": "AGENT"}, "dify-sdk", {"operation": "invoke_agent", "is_single": False}
    ),
    "Tencent's task": Call(
        TENCENT | {"gen_ai.span.kind": "TASK"}, "dify-sdk", {"operation": "task", "is_single": False}
    ),
    "Tencent's call": Call(
        TENCENT | {"gen_ai.span.kind": "GENERATION"}, "dify-sdk", {"operation": "chat", "is_single": True}
    ),
    "Dify's node": Call(
        {
            "gen_ai.span.kind": "LLM", "gen_ai.request.model": "m", "gen_ai.user.time_to_first_token": 250_000_000,
            "dify.tenant_id": "t1", "dify.user.id": "u1", "dify.node.invoked_by": "u2", "dify.conversation.id": "c1",
        },
        "",
        {
            "operation": "chat", "is_single": True, "time_to_first_chunk_s": 0.25, "tenant": "t1", "user": "u1",
            "conversation": "c1",
        },
    ),
    "a kind that says nothing": Call(
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.span.kind": "CLIENT"},
        "",
        {"operation": "chat", "is_single": True},
    ),
    "Pipecat's response": Call(
        PIPECAT | {"gen_ai.operation.name": "llm_response", "gen_ai.usage.input_tokens": 100, "response.id": "r1",
                   "response.status": "failed"},
        "pipecat",
        {"operation": "chat", "is_single": True, "response_id": "r1", "error": ("error", "other")},
    ),
    "Pipecat's request, which is a part of it": Call(
        PIPECAT | {"gen_ai.operation.name": "llm_request"}, "pipecat", {"operation": "llm_request", "is_single": False}
    ),
    "Pipecat hears": Call(
        PIPECAT | {"gen_ai.operation.name": "stt"}, "pipecat", {"operation": "transcription", "is_single": True}
    ),
    "LangChain4j": Call(
        {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "unknown", "gen_ai.request.model": "unknown",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
        },
        "",
        {"provider": None, "request_model": None, "response_model": "gpt-4o-2024-08-06", "is_single": True},
    ),
    "Quarkus": Call(
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.client.estimated_cost": "0.0021USD"},
        "",
        {"reported_cost": 0.0021},
    ),
    "Laminar": Call(
        {"lmnr.span.type": "LLM", "gen_ai.request.model": "m"}, "lmnr", {"operation": "chat", "is_single": True}
    ),
    "Laminar's embeddings": Call(
        {"lmnr.span.type": "LLM", "gen_ai.request.model": "m"},
        "lmnr",
        {"operation": "embeddings", "is_single": True},
        "openai.embeddings",
    ),
    "LiteLLM's Langtrace logger": Call(
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "langtrace.service.name": "openai",
         "litellm.team_id": "t1"},
        "litellm",
        {"provider": "openai", "tenant": "t1"},
    ),
    "Mastra": Call(
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "mastra.metadata.userId": "u1",
         "mastra.metadata.sessionId": "s1"},
        "@mastra/otel-exporter",
        {"user": "u1", "session": "s1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_what_a_span_says_of_its_call(call: Call) -> None:
    """Or of the calls below it, whose usage is not its own."""
    read = read_model_call(span_of_call(call), call.scope)
    assert read is not None
    assert {fact: getattr(read, fact) for fact in call.expected} == call.expected


def span_of_call(call: Call) -> Any:
    span = span_of(call.attributes)
    span.name = call.name
    span.start_time_unix_nano, span.end_time_unix_nano = 10**18, 10**18 + 10**9
    return span


def test_an_agent_that_only_its_kind_tells_takes_a_turn() -> None:
    """The spans below it bear the same kind, and are none."""
    turn = read_step(span_of(VOLTAGENT), "@voltagent/core")
    assert turn is not None
    assert (turn.operation, turn.name) == ("invoke_agent", "my-app")
    tool = read_step(span_of(VOLTAGENT | {"span.type": "tool", "tool.name": "find"}), "@voltagent/core")
    assert tool is not None
    assert (tool.operation, tool.name) == ("execute_tool", "find")


ROLES: dict[str, tuple[Role, str]] = {
    "ag2.human_input.prompt": (Role.COMPLETION, ""),
    "ag2.human_input.response": (Role.PROMPT, ""),
    "ag2.code_execution.output": (Role.TOOL_RESULT, ""),
    "ag2.chats.summaries": (Role.COMPLETION, ""),
    "ag2.chats.recipients": (Role.MISC, ""),
    "dify.workflow.inputs": (Role.PROMPT, ""),
    "dify.inputs": (Role.PROMPT, ""),
    "dify.node.error": (Role.ERROR_TEXT, ""),
    "dify.suggested_question.questions": (Role.COMPLETION, ""),
    "retrieval.query": (Role.RETRIEVAL_QUERY, ""),
    "retrieval.document": (Role.RETRIEVAL_DOCS, ""),
    "opik.metadata.customer": (Role.METADATA, ""),
    "wandb.attributes": (Role.METADATA, ""),
    "events.gen_ai.user.message": (Role.PROMPT, ""),
    "events.gen_ai.choice": (Role.COMPLETION, ""),
    "weave.compaction.summary": (Role.MEMORY, ""),
    "llm.input_messages.0.message.name": (Role.METADATA, ""),
    "llm.output_messages.0.message.name": (Role.MISC, ""),
    "gen_ai.completion.0.content": (Role.COMPLETION, "opentelemetry.instrumentation.replicate"),
    "gen_ai.completion.7.content": (Role.CHUNK, "opentelemetry.instrumentation.replicate"),
    "gen_ai.completion.8.content": (Role.COMPLETION, "opentelemetry.instrumentation.openai.v1"),
}


@pytest.mark.parametrize("key", ROLES)
def test_keys_under_which_people_are_named(key: str) -> None:
    """Whatever the scope, but for pieces of an answer, which only one instrumentation writes as if they were answers."""
    role, scope = ROLES[key]
    match = MATCHER.for_scope(scope).role(key)
    assert match is not None
    assert match.role is role


@pytest.mark.parametrize("marker", ["ag2.span.type", "dify.app_id", "opik.trace_id", "wandb.is_turn"])
def test_their_keys_tell_a_model_call(marker: str) -> None:
    """So that a few words under a new one are looked at."""
    assert MATCHER.is_marker(marker)


CHATS: dict[str, dict[str, Any]] = {
    "Braintrust": BRAINTRUST,
    "LiteLLM's Weave mapper": {"gen_ai.input.messages": json.dumps(ASKED), "weave.output": json.dumps(ANSWERED)},
    "Dify": {
        "gen_ai.prompt": '[{"role": "system", "text": "Be brief.", "files": []}, {"role": "user", "text": "Hi"}]',
        "gen_ai.completion": '{"text": "Hello", "finish_reason": "stop"}',
    },
    "Dify, in an object": {
        "gen_ai.prompt": '{"messages": [{"role": "system", "text": "Be brief."}, {"role": "user", "text": "Hi"}]}',
        "gen_ai.completion": '{"text": "Hello", "finish_reason": "stop"}',
    },
}


@pytest.mark.parametrize("attributes", CHATS.values(), ids=CHATS.keys())
def test_the_same_chat(attributes: dict[str, Any]) -> None:
    """Read from what each of them holds."""
    conversation = READER.span(span_of(attributes))
    assert texts(conversation) == (["Be brief."], ["Hi"], ["Hello"])


def texts(conversation: Conversation) -> tuple[list[str], list[str], list[str]]:
    return (
        [message.text for message in conversation.system],
        [message.text for message in conversation.prompt],
        [message.text for message in conversation.completion],
    )


def test_an_answer_in_pieces_is_no_whole_one() -> None:
    """All but its first piece are taken away, so what is left has no hash; an answer that is one text has."""
    scope = "opentelemetry.instrumentation.replicate"
    asked = {"gen_ai.prompt.0.content": "Hi"}
    pieces = {f"gen_ai.completion.{index}.content": piece for index, piece in enumerate(["Call 4", "15-5", "55"])}
    assert texts(READER.span(span_of(asked | pieces), scope)) == ([], ["Hi"], [])
    whole = span_of(asked | {"gen_ai.completion.0.content": "Hello", "gen_ai.completion.0.role": "assistant"})
    assert texts(READER.span(whole, scope)) == ([], ["Hi"], ["Hello"])


RERANK: dict[str, Any] = {
    "llm.request.type": "rerank",
    "gen_ai.request.model": "rerank-v3.5",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "A document.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "A query",
}


def test_documents_to_be_ranked_are_no_prompt() -> None:
    """OpenLLMetry writes them as messages of the system: each would be a new system prompt."""
    assert texts(READER.span(span_of(RERANK))) == ([], [], [])
    assert READER.system_prompt(span_of(RERANK)) == ((), ())
    assert texts(READER.span(span_of(RERANK | {"llm.request.type": "chat"}))) == (["A document."], ["A query"], [])
