"""The same call, as sixteen dialects write it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.genai.model_call import ModelCall, read_model_call
from tests.processors.genai.spans import put, span_of

START = 1_760_000_000_000_000_000


class Spoken(NamedTuple):
    attributes: dict[str, Any]
    scope: str = ""
    lacks: frozenset[str] = frozenset()
    """Facts that the dialect has no key for."""


def lacking(*facts: str) -> frozenset[str]:
    return frozenset(facts)


EXPECTED: dict[str, Any] = {
    "operation": "chat",
    "provider": "openai",
    "request_model": "gpt-4o",
    "response_model": "gpt-4o-2024-08-06",
    "input_tokens": 100,
    "output_tokens": 20,
    "cache_read_tokens": 40,
    "reasoning_tokens": 5,
    "finish_reasons": ("length",),
    "conversation": "c1",
    "user": "u1",
    "time_to_first_chunk_s": 0.25,
    "prompt_name": "greet",
    "prompt_version": "3",
}

DIALECTS: dict[str, Spoken] = {
    "OTel": Spoken(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.cache_read.input_tokens": 40,
            "gen_ai.usage.reasoning.output_tokens": 5,
            "gen_ai.response.finish_reasons": ["length"],
            "gen_ai.conversation.id": "c1",
            "user.id": "u1",
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.prompt.name": "greet",
            "gen_ai.prompt.version": "3",
        }
    ),
    "OTel until 1.36": Spoken(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.prompt_tokens": "100",
            "gen_ai.usage.completion_tokens": "20",
            "gen_ai.response.finish_reason": "max_tokens",
        },
        lacks=lacking(
            "cache_read_tokens", "reasoning_tokens", "conversation", "user", "time_to_first_chunk_s", "prompt_name",
            "prompt_version",
        ),
    ),
    "OpenInference": Spoken(
        {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.model_name": "gpt-4o",
            "llm.response.model_name": "gpt-4o-2024-08-06",
            "llm.token_count.prompt": 100,
            "llm.token_count.completion": 20,
            "llm.token_count.total": 120,
            "llm.token_count.prompt_details.cache_read": 40,
            "llm.token_count.completion_details.reasoning": 5,
            "llm.finish_reason": "length",
            "session.id": "c1",
            "user.id": "u1",
            "prompt.id": "greet",
            "llm.prompt_template.version": "3",
        },
        lacks=lacking("time_to_first_chunk_s"),
    ),
    "OpenLLMetry": Spoken(
        {
            "llm.request.type": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.prompt_tokens": 100,
            "gen_ai.usage.completion_tokens": 20,
            "llm.usage.total_tokens": 120,
            "gen_ai.usage.cache_read_input_tokens": 40,
            "gen_ai.usage.reasoning_tokens": 5,
            "gen_ai.completion.0.finish_reason": "length",
            "traceloop.association.properties.conversation_id": "c1",
            "traceloop.association.properties.user_id": "u1",
            "traceloop.prompt.key": "greet",
            "traceloop.prompt.version": 3,
        },
        "opentelemetry.instrumentation.openai.v1",
        lacking("time_to_first_chunk_s"),
    ),
    "Langfuse": Spoken(
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "gpt-4o",
            "langfuse.observation.usage_details": json.dumps(
                {"input": 60, "input_cached_tokens": 40, "output": 15, "output_reasoning_tokens": 5, "total": 120}
            ),
            "langfuse.observation.completion_start_time": '"2025-10-09T08:53:20.250000Z"',
            "session.id": "c1",
            "user.id": "u1",
            "langfuse.observation.prompt.name": "greet",
            "langfuse.observation.prompt.version": 3,
        },
        "langfuse-sdk",
        lacking("provider", "response_model", "finish_reasons"),
    ),
    "Vercel AI SDK": Spoken(
        {
            "ai.operationId": "ai.streamText.doStream",
            "operation.name": "ai.streamText.doStream answer",
            "gen_ai.system": "openai",
            "ai.model.id": "gpt-4o",
            "ai.response.model": "gpt-4o-2024-08-06",
            "ai.usage.inputTokens": 100,
            "ai.usage.outputTokens": 20,
            "ai.usage.totalTokens": 120,
            "ai.usage.inputTokenDetails.cacheReadTokens": 40,
            "ai.usage.inputTokenDetails.noCacheTokens": 60,
            "ai.usage.outputTokenDetails.reasoningTokens": 5,
            "ai.response.finishReason": "length",
            "ai.telemetry.metadata.sessionId": "c1",
            "ai.telemetry.metadata.userId": "u1",
            "ai.response.msToFirstChunk": 250.0,
            "ai.telemetry.metadata.langfusePrompt": '{"name": "greet", "version": 3}',
        },
        "ai",
    ),
    "MLflow": Spoken(
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.provider": '"openai"',
            "mlflow.llm.model": '"gpt-4o"',
            "mlflow.chat.tokenUsage": json.dumps(
                {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "cache_read_input_tokens": 40}
            ),
            "mlflow.trace.session": '"c1"',
            "mlflow.trace.user": '"u1"',
            "mlflow.linkedPrompts": '[{"name": "greet", "version": "3"}]',
        },
        "mlflow.tracing",
        lacking("response_model", "reasoning_tokens", "finish_reasons", "time_to_first_chunk_s"),
    ),
    "MLflow around OTel, encoded twice": Spoken(
        {
            "mlflow.spanType": '"LLM"',
            "gen_ai.operation.name": '"chat"',
            "gen_ai.provider.name": '"openai"',
            "gen_ai.request.model": '"gpt-4o"',
            "gen_ai.response.model": '"gpt-4o-2024-08-06"',
            "gen_ai.usage.input_tokens": "100",
            "gen_ai.usage.output_tokens": '"20"',
            "gen_ai.usage.cache_read.input_tokens": "40",
            "gen_ai.usage.reasoning.output_tokens": "5",
            "gen_ai.response.finish_reasons": '["length"]',
            "gen_ai.conversation.id": '"c1"',
            "user.id": '"u1"',
            "gen_ai.response.time_to_first_chunk": "0.25",
            "gen_ai.prompt.name": '"greet"',
            "gen_ai.prompt.version": '"3"',
        }
    ),
    "LangSmith": Spoken(
        {
            "langsmith.span.kind": "llm",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.total_tokens": 120,
            "langsmith.metadata.thread_id": "c1",
            "langsmith.metadata.user_id": "u1",
        },
        "langsmith",
        lacking(
            "cache_read_tokens", "reasoning_tokens", "finish_reasons", "time_to_first_chunk_s", "prompt_name",
            "prompt_version",
        ),
    ),
    "LiteLLM": Spoken(
        {
            "litellm.call_type": "acompletion",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": "100",
            "gen_ai.usage.output_tokens": "20",
            "gen_ai.usage.total_tokens": "120",
            "gen_ai.usage.cache_read.input_tokens": "40",
            "gen_ai.usage.reasoning.output_tokens": "5",
            "gen_ai.response.finish_reasons": "['length']",
            "gen_ai.conversation.id": "c1",
            "llm.user": "u1",
        },
        "litellm",
        lacking("time_to_first_chunk_s", "prompt_name", "prompt_version"),
    ),
    "Strands": Spoken(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 60,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.total_tokens": 120,
            "gen_ai.usage.cache_read_input_tokens": 40,
            "gen_ai.server.time_to_first_token": 250,
        },
        "strands.telemetry.tracer",
        lacking(
            "response_model", "reasoning_tokens", "finish_reasons", "conversation", "user", "prompt_name",
            "prompt_version",
        ),
    ),
    "Claude Code": Spoken(
        {
            "span.type": "llm_request",
            "gen_ai.system": "openai",
            "model": "gpt-4o",
            "input_tokens": "60",
            "output_tokens": "20",
            "cache_read_tokens": "40",
            "stop_reason": "max_tokens",
            "session.id": "c1",
            "user.id": "u1",
            "ttft_ms": "250",
        },
        "com.anthropic.claude_code.tracing",
        lacking("response_model", "reasoning_tokens", "prompt_name", "prompt_version"),
    ),
    "Google ADK": Spoken(
        {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.cache_read.input_tokens": 40,
            "gen_ai.usage.reasoning.output_tokens": 5,
            "gen_ai.response.finish_reasons": ["FinishReason.MAX_TOKENS"],
            "gcp.vertex.agent.session_id": "c1",
            "user.id": "u1",
        },
        "gcp.vertex.agent",
        lacking("operation", "response_model", "time_to_first_chunk_s", "prompt_name", "prompt_version"),
    ),
    "Pydantic AI": Spoken(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.details.cache_read_tokens": 40,
            "gen_ai.usage.cache_read.input_tokens": 40,
            "gen_ai.usage.details.reasoning_tokens": 5,
            "gen_ai.response.finish_reasons": ["length"],
            "gen_ai.conversation.id": "c1",
        },
        "pydantic-ai",
        lacking("reasoning_tokens", "user", "time_to_first_chunk_s", "prompt_name", "prompt_version"),
    ),
    "Genkit": Spoken(
        {
            "genkit:type": "action",
            "genkit:metadata:subtype": "model",
            "genkit:output": json.dumps(
                {
                    "message": {"role": "model", "content": [{"text": "hi"}]},
                    "custom": {"model": "gpt-4o-2024-08-06"},
                    "usage": {"inputTokens": 100, "outputTokens": 20, "cachedContentTokens": 40, "thoughtsTokens": 5},
                }
            ),
        },
        "genkit-tracer",
        lacking(
            "provider", "request_model", "finish_reasons", "conversation", "user", "time_to_first_chunk_s",
            "prompt_name", "prompt_version",
        ),
    ),
    "Haystack": Spoken(
        {
            "haystack.component.type": "OpenAIChatGenerator",
            "haystack.component.output": json.dumps(
                {
                    "replies": [
                        {
                            "meta": {
                                "model": "gpt-4o-2024-08-06",
                                "usage": {
                                    "prompt_tokens": 100,
                                    "completion_tokens": 20,
                                    "total_tokens": 120,
                                    "prompt_tokens_details": {"cached_tokens": 40},
                                    "completion_tokens_details": {"reasoning_tokens": 5},
                                },
                            }
                        }
                    ]
                }
            ),
        },
        "haystack",
        lacking(
            "provider", "request_model", "finish_reasons", "conversation", "user", "time_to_first_chunk_s",
            "prompt_name", "prompt_version",
        ),
    ),
}  # fmt: skip


def call_of(
    attributes: dict[str, Any], scope: str = "", *events: tuple[str, dict[str, Any]], **fields: Any
) -> ModelCall:
    span = span_of(attributes, *events)
    span.start_time_unix_nano = START
    span.end_time_unix_nano = START + 1_000_000_000
    for name, value in fields.items():
        setattr(span, name, value)
    call = read_model_call(span, scope)
    assert call is not None
    return call


@pytest.mark.parametrize("spoken", DIALECTS.values(), ids=DIALECTS.keys())
def test_the_same_call_reads_the_same(spoken: Spoken) -> None:
    """In every dialect, but for what it cannot say."""
    call = call_of(spoken.attributes, spoken.scope)
    read = {fact: getattr(call, fact) for fact in EXPECTED if fact not in spoken.lacks}
    assert read == {fact: value for fact, value in EXPECTED.items() if fact not in spoken.lacks}
    assert call.is_single
    assert call.error is None


CHAT: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
ANTHROPIC_SDK: dict[str, Any] = {
    "ai.operationId": "ai.generateText.doGenerate",
    "gen_ai.system": "anthropic.messages",
    "ai.model.id": "claude",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "ai.usage.totalTokens": 120,
    "ai.usage.cachedInputTokens": 40,
}

ROLL_UPS: dict[str, tuple[dict[str, Any], str]] = {
    "Vercel, around its steps": ({"ai.operationId": "ai.generateText", "ai.model.id": "m", "ai.usage.inputTokens": 1}, "ai"),
    "Pydantic AI's agent": ({**CHAT, "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 1}, "pydantic-ai"),
    "a Langfuse agent": ({"langfuse.observation.type": "agent", "gen_ai.request.model": "m"}, "langfuse-sdk"),
    "Logfire, pending": ({**CHAT, "logfire.span_type": "pending_span"}, "logfire"),
    "fetch_response": ({**CHAT, "gen_ai.operation.name": "fetch_response"}, ""),
    "an interaction": ({"span.type": "interaction", "model": "m"}, "com.anthropic.claude_code.tracing"),
}  # fmt: skip


@pytest.mark.parametrize(("attributes", "scope"), ROLL_UPS.values(), ids=ROLL_UPS.keys())
def test_what_sums_up_is_not_single(attributes: dict[str, Any], scope: str) -> None:
    """Other spans have that usage."""
    assert not call_of(attributes, scope).is_single


def test_a_nameless_operation_is_told_by_the_name_of_its_span() -> None:
    """Older agent frameworks repeat usage on spans that say nothing else."""
    usage: dict[str, Any] = {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 1}
    assert call_of(usage, name="chat m").is_single
    assert not call_of(usage, name="agent run").is_single


def test_aggregates_are_no_usage() -> None:
    """A trace's sums are of many calls."""
    assert (
        read_model_call(span_of({"mlflow.trace.tokenUsage": '{"input_tokens": 5}', "gen_ai.request.model": "m"}))
        is None
    )
    agent = call_of({**CHAT, "gen_ai.aggregated_usage.input_tokens": 5})
    assert agent.input_tokens is None


def test_the_ai_sdk_before_6_counts_anthropics_cache_beside() -> None:
    """Its total leaves the cache out, so arithmetic would say that it is within; version 6 splits exactly."""
    assert call_of(ANTHROPIC_SDK, "ai").input_tokens == 140
    metadata = {"ai.response.providerMetadata": '{"anthropic": {"cacheCreationInputTokens": 7}}'}
    call = call_of(ANTHROPIC_SDK | metadata, "ai")
    assert (call.input_tokens, call.cache_write_tokens) == (147, 7)
    split = {"ai.usage.inputTokenDetails.noCacheTokens": 60, "ai.usage.inputTokenDetails.cacheReadTokens": 40}
    assert call_of(ANTHROPIC_SDK | split, "ai").input_tokens == 100
    assert call_of(ANTHROPIC_SDK | {"gen_ai.system": "openai.chat"}, "ai").input_tokens == 100


STREAMS: dict[str, tuple[dict[str, Any], bool]] = {
    "asked for": ({"gen_ai.request.stream": True}, True),
    "asked for, in words": ({"llm.is_streaming": "True"}, True),
    "asked not to": ({"llm.is_streaming": "False"}, False),
    "by its first chunk": ({"gen_ai.response.time_to_first_chunk": 0.1}, True),
    "nothing said": ({}, False),
}


@pytest.mark.parametrize(("attributes", "streamed"), STREAMS.values(), ids=STREAMS.keys())
def test_streams(attributes: dict[str, Any], *, streamed: bool) -> None:
    """A flag, or the time of a first chunk."""
    assert call_of(CHAT | attributes).is_streaming is streamed


ERRORS: dict[str, tuple[dict[str, Any], tuple[str, str] | None]] = {
    "none": ({}, None),
    "a class": ({"error.type": "RateLimitError"}, ("RateLimitError", "rate_limit")),
    "a status code": ({"error.type": "503"}, ("503", "server")),
    "a level": ({"langfuse.observation.level": "ERROR"}, ("error", "other")),
    "another level": ({"langfuse.observation.level": "DEFAULT"}, None),
    "a number for a level": ({"logfire.level_num": 17}, ("error", "other")),
    "a lower one": ({"logfire.level_num": 9}, None),
    "a state": ({"genkit:state": "error"}, ("error", "other")),
    "a failed response": ({"gen_ai.response.status": "failed"}, ("error", "other")),
    "a tool": ({"gen_ai.tool.status": "error"}, ("tool_error", "tool")),
    "a filter": ({"gen_ai.response.finish_reasons": ["SAFETY"]}, ("content_filter", "content_filter")),
    "the telling one": ({"langfuse.observation.level": "ERROR", "error.type": "timeout"}, ("timeout", "timeout")),
}


@pytest.mark.parametrize(("attributes", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_that_the_status_does_not_show(attributes: dict[str, Any], expected: tuple[str, str] | None) -> None:
    """Each dialect has its own place; the most telling is used."""
    assert call_of(CHAT | attributes).error == expected


def test_errors_in_events_and_in_the_status() -> None:
    """An exception has a type, a status none."""
    raised = ("exception", {"exception.type": "openai.APITimeoutError", "exception.message": "slow"})
    assert call_of(CHAT, "", raised).error == ("openai.APITimeoutError", "timeout")
    span = span_of(CHAT)
    span.status.code = Status.STATUS_CODE_ERROR
    call = read_model_call(span)
    assert call is not None
    assert call.error == ("error", "other")


def test_an_evaluators_failure_is_not_the_applications() -> None:
    """Its span is no error of the call that it judged."""
    judge = {"openinference.span.kind": "EVALUATOR", "llm.model_name": "m", "error.type": "ValueError"}
    assert call_of(judge).error is None


def test_scores_and_the_rest() -> None:
    """What is on the span itself."""
    call = call_of(
        CHAT
        | {
            "eval.tone.score": 0.25,
            "gen_ai.response.id": "r1",
            "gen_ai.agent.name": "planner",
            "gen_ai.tool.name": "search",
            "session.id": "s1",
            "gen_ai.conversation.id": "c1",
            "openai.response.service_tier": "flex",
        }
    )
    assert [(score.name, score.value) for score in call.scores] == [("tone", 0.25)]
    assert (call.response_id, call.agent, call.tool, call.service_tier) == ("r1", "planner", "search", "flex")
    assert (call.session, call.conversation) == ("s1", "c1")


def test_the_resource_says_what_the_span_does_not() -> None:
    """Never over what the span says, and nothing of the call itself."""
    resource = Resource()
    said = {"deployment.environment.name": "prod", "user.id": "other", "tenant.id": "t1", "gen_ai.request.model": "x"}
    put(resource.attributes, said)
    call = read_model_call(span_of(CHAT | {"user.id": "u1"}), "", resource)
    assert call is not None
    assert (call.environment, call.user, call.tenant, call.request_model) == ("prod", "u1", "t1", "m")


def test_finish_reasons_of_choice_events() -> None:
    """The legacy conventions and Strands have no attribute for them."""
    choice = ("gen_ai.choice", {"finish_reason": "tool_use", "message": "…"})
    assert call_of(CHAT, "", choice).finish_reasons == ("tool_call",)


def test_a_span_of_kind_server_is_the_other_side() -> None:
    """As vLLM writes one into the trace of its client."""
    assert not call_of(CHAT | {"gen_ai.usage.prompt_tokens": 1}, "vllm", kind=Span.SPAN_KIND_SERVER).is_single


def test_what_stands_elsewhere_on_the_span() -> None:
    """Parameters and answers in JSON, where the dialect has no attribute of its own."""
    openinference = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o-2024-08-06",
        "llm.invocation_parameters": '{"model": "gpt-4o", "stream": true}',
        "llm.token_count.prompt": 100,
        "output.value": '{"choices": [{"finish_reason": "tool_calls"}],'
        ' "usage": {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 40}}}',
    }
    call = call_of(openinference)
    assert (call.request_model, call.response_model) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert call.is_streaming
    assert call.finish_reasons == ("tool_call",)
    assert call.cache_read_tokens == 40
    messages = {"gen_ai.output.messages": '[{"role": "assistant", "finish_reason": "stop"}]'}
    assert call_of(CHAT | messages).finish_reasons == ("stop",)
    assert call_of(CHAT, "", ("gen_ai.client.inference.operation.details", messages)).finish_reasons == ("stop",)
    sdk = {"ai.operationId": "ai.generateText.doGenerate", "ai.model.id": "m", "ai.usage.promptTokens": 100}
    metadata = {"ai.response.providerMetadata": '{"openai": {"cachedPromptTokens": 40, "reasoningTokens": 0}}'}
    assert call_of(sdk | metadata, "ai").cache_read_tokens == 40


def test_a_model_that_only_the_answer_names() -> None:
    """It is the one that answered, and what the span itself says comes first; agents have no answer of their own."""
    answered = {"gen_ai.completion": '{"llm_output": {"model_name": "m-2"}}'}
    assert call_of(CHAT | answered | {"gen_ai.request.model": "m"}).model == "m-2"
    assert call_of(CHAT | answered | {"gen_ai.response.model": "m-1"}).model == "m-1"
    agent = CHAT | answered | {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m"}
    assert call_of(agent).model == "m"


def test_pieces_of_an_answer_show_a_stream() -> None:
    """The first one tells when the answer began."""
    span = span_of(CHAT, ("First Token Stream Event", {}))
    span.start_time_unix_nano, span.end_time_unix_nano = 1_000_000_000, 4_000_000_000
    span.events[0].time_unix_nano = 1_500_000_000
    call = read_model_call(span)
    assert call is not None
    assert (call.is_streaming, call.time_to_first_chunk_s) == (True, 0.5)


def test_a_flag_that_says_no_stream() -> None:
    """OpenLIT measures the first token of plain answers, too."""
    said = {"gen_ai.request.is_stream": "False", "gen_ai.server.time_to_first_token": 0.2}
    assert not call_of(CHAT | said).is_streaming


def test_logfire_reports_a_stream_twice() -> None:
    """The request without usage is not the call; a failed one is."""
    data = CHAT | {"request_data": '{"model": "m"}'}
    assert not call_of(data, "logfire.openai").is_single
    answer = call_of(data | {"gen_ai.usage.input_tokens": 5}, "logfire.openai", name="streaming response from m")
    assert answer.is_single
    assert answer.is_streaming
    assert call_of(data | {"error.type": "X"}, "logfire.openai").is_single


def test_calls_that_failed_before_any_usage() -> None:
    """Have a provider, a model and an error; without the error nothing says that they are calls."""
    span = span_of({"gen_ai.system": "openai", "gen_ai.request.model": "m"})
    assert read_model_call(span) is None
    span.status.code = Status.STATUS_CODE_ERROR
    call = read_model_call(span)
    assert call is not None
    assert call.is_single


def test_a_step_before_a_call_is_none() -> None:
    """LlamaIndex's, which OpenInference takes for an LLM span."""
    llm = {"openinference.span.kind": "LLM", "llm.model_name": "m"}
    assert not call_of(llm, name="OpenAI._prepare_chat_with_tools").is_single
