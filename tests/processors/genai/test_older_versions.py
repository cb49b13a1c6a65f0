"""Calls as versions of instrumentations wrote them that nobody can install beside today's, from their sources."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from processors.genai.conversation.message import Message
from processors.genai.conversation.read import READER
from processors.genai.model_call import read_model_call
from tests.processors.genai.spans import span_of

ASKED = "Where is Rome?"
SYSTEM = "Be brief."
LINES = f"system: {SYSTEM}\nuser: {ASKED}"
MESSAGES = json.dumps([{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASKED}])
GEMINI = {"config": {"system_instruction": SYSTEM}, "contents": [{"parts": [{"text": ASKED}], "role": "user"}]}
SDK = {"ai.operationId": "ai.generateText.doGenerate", "ai.model.id": "m", "ai.prompt.messages": MESSAGES}
OPENLIT = {"gen_ai.request.model": "m", "gen_ai.usage.cost": 0.25}


class Old(NamedTuple):
    scope: str
    attributes: dict[str, Any]
    events: tuple[tuple[str, dict[str, Any]], ...] = ()
    facts: dict[str, Any] = {}  # noqa: RUF012  # never written to
    """Beside 14 tokens in and 9 out, and a model `m`."""
    has_system: bool = True


OLD = {
    "Traceloop until May 2024": Old(
        "opentelemetry.instrumentation.openai.v1",
        {
            "llm.vendor": "OpenAI",
            "llm.request.type": "chat",
            "llm.request.model": "m-1",
            "llm.response.model": "m",
            "llm.prompts.0.role": "system",
            "llm.prompts.0.content": SYSTEM,
            "llm.prompts.1.role": "user",
            "llm.prompts.1.content": ASKED,
            "llm.completions.0.finish_reason": "stop",
            "llm.completions.0.content": "Italy",
            "llm.usage.prompt_tokens": 14,
            "llm.usage.completion_tokens": 9,
        },
        facts={"provider": "OpenAI", "finish_reasons": ("stop",), "request_model": "m-1", "operation": "chat"},
    ),
    "Traceloop, a completion of text": Old(
        "opentelemetry.instrumentation.openai.v1",
        {
            "llm.request.type": "completion",
            "gen_ai.request.model": "m",
            "gen_ai.prompt.0.user": ASKED,
            "gen_ai.usage.prompt_tokens": 14,
            "gen_ai.usage.completion_tokens": 9,
        },
        has_system=False,
    ),
    "OpenLIT until July 2024": Old(
        "openlit.otel.tracing",
        {
            **OPENLIT,
            "gen_ai.type": "chat",
            "gen_ai.content.prompt": LINES,
            "gen_ai.usage.prompt_tokens": 14,
            "gen_ai.usage.completion_tokens": 9,
        },
        facts={"operation": "chat", "reported_cost": 0.25},
    ),
    "OpenLIT until 2025": Old(
        "openlit.otel.tracing",
        {
            **OPENLIT,
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 9,
            "gen_ai.usage.prompt_tokens_details.cache_read": 4,
            "gen_ai.usage.completion_tokens_details.reasoning": 3,
        },
        (("gen_ai.content.prompt", {"gen_ai.prompt": LINES}),),
        facts={"cache_read_tokens": 4, "reasoning_tokens": 3},
    ),
    "Semantic Kernel in .NET, 2024": Old(
        "Microsoft.SemanticKernel.Diagnostics",
        {
            "gen_ai.operation.name": "chat.completions",
            "gen_ai.request.model": "m",
            "gen_ai.response.prompt_tokens": 14,
            "gen_ai.response.completion_tokens": 9,
            "gen_ai.response.finish_reason": "Stop",
        },
        (("gen_ai.content.prompt", {"gen_ai.prompt": MESSAGES}),),
        facts={"operation": "chat", "finish_reasons": ("stop",)},
    ),
    "Microsoft.Extensions.AI until June 2025": Old(
        "Experimental.Microsoft.Extensions.AI",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.response.input_tokens": 14,
            "gen_ai.response.output_tokens": 9,
            "gen_ai.usage.input_audio_tokens": 2,
            "gen_ai.response.finish_reasons": '["stop"]',
            "gen_ai.input.messages": MESSAGES,
        },
        facts={"finish_reasons": ("stop",), "audio_input_tokens": 2},
    ),
    "Langtrace until June 2024": Old(
        "langtrace_python_sdk.instrumentation.openai.patch",
        {
            "langtrace.service.type": "llm",
            "llm.model": "m",
            "llm.prompts": MESSAGES,
            "llm.token.counts": json.dumps({"input_tokens": 14, "output_tokens": 9, "total_tokens": 23}),
        },
    ),
    "Logfire until 2025": Old(
        "logfire.openai",
        {
            "gen_ai.request.model": "m",
            "request_data": json.dumps({"messages": json.loads(MESSAGES), "model": "m"}),
            "response_data": json.dumps({"message": {}, "usage": {"completion_tokens": 9, "prompt_tokens": 14}}),
        },
    ),
    "Google ADK before 1.5": Old(
        "gcp.vertex.agent",
        {
            "gen_ai.request.model": "m",
            "gcp.vertex.agent.llm_request": json.dumps({"model": "m", **GEMINI}),
            "gcp.vertex.agent.llm_response": json.dumps(
                {"content": {}, "usage_metadata": {"candidates_token_count": 9, "prompt_token_count": 14}}
            ),
        },
    ),
    "Google ADK before 2.3": Old(
        "gcp.vertex.agent",
        {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.request.model": "m",
            "gcp.vertex.agent.llm_request": json.dumps({"model": "m", **GEMINI}),
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 6,
            "gen_ai.usage.experimental.reasoning_tokens": 3,
        },
        facts={"reasoning_tokens": 3},
    ),
    "Genkit": Old(
        "genkit-tracer",
        {
            "genkit:name": "m",
            "genkit:type": "action",
            "genkit:metadata:subtype": "model",
            "genkit:input": json.dumps({"messages": json.loads(MESSAGES)}),
            "genkit:output": json.dumps({"finishReason": "stop", "usage": {"inputTokens": 14, "outputTokens": 9}}),
        },
        facts={"finish_reasons": ("stop",)},
    ),
    "OpenInference on Bedrock, JavaScript": Old(
        "@arizeai/openinference-instrumentation-bedrock",
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "m",
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": SYSTEM,
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.content": ASKED,
            "llm.token_count.prompt": 14,
            "llm.token_count.completion": 9,
            "llm.stop_reason": "end_turn",
        },
        facts={"finish_reasons": ("stop",)},
    ),
    "LiveKit": Old(
        "livekit-agents",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "lk.chat_ctx": json.dumps({"items": [{"type": "message", **each} for each in json.loads(MESSAGES)]}),
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 9,
            "gen_ai.usage.input_cached_tokens": 4,
        },
        facts={"cache_read_tokens": 4},
    ),
    "Cloudflare's gateway": Old(
        "",
        {
            "gen_ai.request.model": "m",
            "gen_ai.model.provider": "openai",
            "gen_ai.prompt_json": MESSAGES,
            "gen_ai.completion_json": json.dumps({"choices": [{"finish_reason": "length", "message": {}}]}),
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 9,
        },
        facts={"provider": "openai", "finish_reasons": ("length",)},
    ),
    "OpenInference on Vertex AI, 2025": Old(
        "openinference.instrumentation.vertexai",
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "projects/p/locations/l/publishers/google/models/gemini-2.5-flash",
            "output.value": json.dumps({"modelVersion": "gemini-2.5-flash"}),
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.contents.0.message_content.text": ASKED,
            "llm.token_count.prompt": 14,
            "llm.token_count.completion": 6,
            "llm.token_count.total": 23,
        },
        facts={"model": "gemini-2.5-flash", "reasoning_tokens": 3},
        has_system=False,
    ),
    "Koog": Old(
        "ai.koog",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": SYSTEM,
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": ASKED,
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 9,
            "gen_ai.response.finish_reasons": '["stop"]',
        },
        facts={"finish_reasons": ("stop",)},
    ),
    "xAI SDK": Old(
        "xai_sdk.sync.chat",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.prompt.0.role": "developer",
            "gen_ai.prompt.0.content": SYSTEM,
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": ASKED,
            "gen_ai.response.finish_reasons": ["REASON_TOOL_CALLS"],
            "gen_ai.usage.input_tokens": 14,
            "gen_ai.usage.output_tokens": 6,
            "gen_ai.usage.total_tokens": 23,
            "gen_ai.usage.reasoning_tokens": 3,
            "gen_ai.usage.cached_prompt_text_tokens": 4,
            "gen_ai.usage.cost_in_usd_ticks": 318_319_000,
        },
        facts={
            "reported_cost": 0.0318319,
            "finish_reasons": ("tool_call",),
            "cache_read_tokens": 4,
            "reasoning_tokens": 3,
        },
    ),
    "AI SDK 5 on Bedrock": Old(
        "ai",
        {
            **SDK,
            "ai.model.provider": "amazon-bedrock",
            "ai.usage.inputTokens": 2,
            "ai.usage.outputTokens": 9,
            "ai.usage.totalTokens": 11,
            "ai.response.providerMetadata": json.dumps(
                {"bedrock": {"usage": {"cacheReadInputTokens": 10, "cacheWriteInputTokens": 2}}}
            ),
        },
        facts={"cache_read_tokens": 10, "cache_write_tokens": 2},
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_an_old_version_is_read_like_a_new_one(name: str) -> None:
    """One call, with its model, its usage and its conversation."""
    old = OLD[name]
    span = span_of(old.attributes, *old.events)
    call = read_model_call(span, old.scope)
    assert call is not None
    expected = {"is_single": True, "model": "m", "input_tokens": 14, "output_tokens": 9, **old.facts}
    assert {fact: getattr(call, fact) for fact in expected} == expected
    conversation = READER.span(span, old.scope)
    assert conversation.prompt == (Message("user", ASKED),)
    assert conversation.system == ((Message("system", SYSTEM),) if old.has_system else ())
