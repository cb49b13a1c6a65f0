"""One conversation as every dialect spells it: system prompt, user, tool call, tool result, answer, one tool."""

from __future__ import annotations

import json
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.processors.genai.spans import span_of

ARGUMENTS: Final = {"city": "Paris", "days": 2}
WEATHER: Final = '{"wind": 3, "rain": false}'
OTEL_IN: list[Any] = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]},
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": ARGUMENTS}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": WEATHER}]},
]
OTEL_OUT: list[Any] = [
    {
        "role": "assistant",
        "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Dry."}],
        "finish_reason": "stop",
    }
]
OTEL_SYSTEM: list[Any] = [{"type": "text", "content": "Be brief."}]
OPENAI_IN: list[Any] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Weather in Paris?"}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "weather", "arguments": json.dumps(ARGUMENTS, indent=1)},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": WEATHER},
]
TOOL_CALLS = OPENAI_IN[2]["tool_calls"]
OPENAI_OUT: dict[str, Any] = {
    "id": "r1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Dry."}}],
}
RESPONSES_IN: dict[str, Any] = {
    "model": "gpt",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Weather in Paris?"}]},
        {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "x"},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": json.dumps(ARGUMENTS)},
        {"type": "function_call_output", "call_id": "c1", "output": WEATHER},
    ],
}
RESPONSES_OUT: dict[str, Any] = {
    "id": "r1",
    "instructions": "Be brief.",
    "output": [
        {"type": "reasoning", "id": "rs", "summary": []},
        {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "Dry."}]},
    ],
}
ANTHROPIC: dict[str, Any] = {
    "model": "claude",
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "Weather in Paris?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": ARGUMENTS}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": WEATHER}]},
    ],
}
ANTHROPIC_OUT = {
    "id": "m1",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Dry."}],
}
BEDROCK: dict[str, Any] = {
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Weather in Paris?"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "weather", "input": ARGUMENTS}}]},
        {
            "role": "user",
            "content": [{"toolResult": {"toolUseId": "c1", "status": "success", "content": [{"text": WEATHER}]}}],
        },
    ],
}
BEDROCK_OUT = {"output": {"message": {"role": "assistant", "content": [{"text": "Dry."}]}}, "stopReason": "end_turn"}
GEMINI: dict[str, Any] = {
    "model": "gemini",
    "config": {"system_instruction": "Be brief.", "tools": []},
    "contents": [
        {"role": "user", "parts": [{"text": "Weather in Paris?"}]},
        {"role": "model", "parts": [{"function_call": {"name": "weather", "args": {"city": "Paris", "days": 2.0}}}]},
        {
            "role": "user",
            "parts": [{"function_response": {"name": "weather", "response": {"result": json.loads(WEATHER)}}}],
        },
    ],
}
GEMINI_OUT = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "Dry."}]}}]
}
ADK_OUT = {"content": {"role": "model", "parts": [{"text": "Dry."}]}, "partial": False}
VERCEL_MESSAGES: list[Any] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Weather in Paris?"}]},
    {
        "role": "assistant",
        "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": ARGUMENTS}],
    },
    {
        "role": "tool",
        "content": [
            {
                "type": "tool-result",
                "toolCallId": "c1",
                "toolName": "weather",
                "output": {"type": "json", "value": json.loads(WEATHER)},
            }
        ],
    },
]


def lc(name: str, **kwargs: Any) -> dict[str, Any]:
    """A message as LangChain serialises it."""
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name], "kwargs": kwargs}


LANGCHAIN = {
    "messages": [
        [
            lc("SystemMessage", content="Be brief.", type="system"),
            lc("HumanMessage", content="Weather in Paris?", type="human"),
            lc(
                "AIMessage",
                content="",
                tool_calls=[{"name": "weather", "args": ARGUMENTS, "id": "c1", "type": "tool_call"}],
                additional_kwargs={"tool_calls": TOOL_CALLS},
            ),
            lc("ToolMessage", content=WEATHER, tool_call_id="c1", type="tool"),
        ]
    ]
}
LANGCHAIN_OUT = {
    "generations": [[{"text": "Dry.", "type": "ChatGeneration", "message": lc("AIMessage", content="Dry.")}]],
    "llm_output": {"model_name": "gpt"},
}
LANGCHAIN_PLAIN: list[Any] = [
    {"type": "system", "content": "Be brief."},
    {"type": "human", "content": "Weather in Paris?", "additional_kwargs": {}},
    {
        "type": "ai",
        "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": ARGUMENTS}],
        "tool_calls": [{"name": "weather", "args": ARGUMENTS, "id": "c1"}],
    },
    {"type": "tool", "content": WEATHER, "tool_call_id": "c1"},
]
PYDANTIC_EVENTS: list[Any] = [
    {"event.name": "gen_ai.system.message", "role": "system", "content": "Be brief.", "gen_ai.message.index": 0},
    {"event.name": "gen_ai.user.message", "role": "user", "content": "Weather in Paris?", "gen_ai.message.index": 0},
    {"event.name": "gen_ai.assistant.message", "role": "assistant", "tool_calls": TOOL_CALLS},
    {"event.name": "gen_ai.tool.message", "role": "tool", "content": json.loads(WEATHER), "id": "c1"},
    {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "Dry."}},
]
LLAMAINDEX: list[Any] = [
    {"role": "MessageRole.SYSTEM", "blocks": [{"block_type": "text", "text": "Be brief."}]},
    {"role": "MessageRole.USER", "blocks": [{"block_type": "text", "text": "Weather in Paris?"}]},
    {"role": "assistant", "blocks": [], "additional_kwargs": {"tool_calls": TOOL_CALLS}},
    {"role": "tool", "content": WEATHER},
]

OPENINFERENCE = {
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Weather in Paris?",
    "llm.input_messages.2.message.role": "assistant",
    "llm.input_messages.2.message.tool_calls.0.tool_call.id": "c1",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": json.dumps(ARGUMENTS),
    "llm.input_messages.3.message.role": "tool",
    "llm.input_messages.3.message.tool_call_id": "c1",
    "llm.input_messages.3.message.content": WEATHER,
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "Dry.",
}
OPENLLMETRY = {
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": json.dumps([{"type": "text", "text": "Weather in Paris?"}]),
    "gen_ai.prompt.2.role": "assistant",
    "gen_ai.prompt.2.tool_calls.0.id": "c1",
    "gen_ai.prompt.2.tool_calls.0.name": "weather",
    "gen_ai.prompt.2.tool_calls.0.arguments": json.dumps(ARGUMENTS),
    "gen_ai.prompt.3.role": "tool",
    "gen_ai.prompt.3.tool_call_id": "c1",
    "gen_ai.prompt.3.content": WEATHER,
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.completion.0.content": "Dry.",
}


def dumped(value: Any) -> str:
    return json.dumps(value)


THE_SAME_CHAT: Final[dict[str, tuple[str, Span]]] = {
    "current conventions, JSON": (
        "",
        span_of(
            {
                "gen_ai.system_instructions": dumped(OTEL_SYSTEM),
                "gen_ai.input.messages": dumped(OTEL_IN),
                "gen_ai.output.messages": dumped(OTEL_OUT),
            }
        ),
    ),
    "current conventions, structured": (
        "",
        span_of(
            {
                "gen_ai.system_instructions": OTEL_SYSTEM,
                "gen_ai.input.messages": OTEL_IN,
                "gen_ai.output.messages": OTEL_OUT,
            }
        ),
    ),
    "current conventions, event": (
        "",
        span_of(
            {},
            (
                "gen_ai.client.inference.operation.details",
                {
                    "gen_ai.system_instructions": OTEL_SYSTEM,
                    "gen_ai.input.messages": OTEL_IN,
                    "gen_ai.output.messages": OTEL_OUT,
                },
            ),
        ),
    ),
    "current conventions, the system prompt twice": (
        "",
        span_of(
            {
                "gen_ai.system_instructions": dumped(OTEL_SYSTEM),
                "gen_ai.input.messages": dumped(OPENAI_IN),
                "gen_ai.output.messages": dumped(OTEL_OUT),
            }
        ),
    ),
    "OpenAI messages under the current key (LiteLLM)": (
        "litellm",
        span_of({"gen_ai.input.messages": dumped(OPENAI_IN), "gen_ai.output.messages": dumped([ANTHROPIC_OUT])}),
    ),
    "LangChain messages under the current key": (
        "",
        span_of({"gen_ai.input.messages": dumped(LANGCHAIN_PLAIN), "gen_ai.output.messages": dumped(OTEL_OUT)}),
    ),
    "Gemini contents under the current key (Gemini CLI)": (
        "gemini-cli",
        span_of(
            {
                "gen_ai.system_instructions": "Be brief.",
                "gen_ai.input.messages": dumped(GEMINI["contents"]),
                "gen_ai.output.messages": dumped(GEMINI_OUT["candidates"]),
            }
        ),
    ),
    "older attributes": ("", span_of({"gen_ai.prompt": dumped(OPENAI_IN), "gen_ai.completion": "Dry."})),
    "older content events": (
        "",
        span_of(
            {},
            ("gen_ai.content.prompt", {"gen_ai.prompt": dumped(OPENAI_IN)}),
            ("gen_ai.content.completion", {"gen_ai.completion": dumped([{"role": "assistant", "content": "Dry."}])}),
        ),
    ),
    "message events (Strands)": (
        "strands.telemetry.tracer",
        span_of(
            {},
            ("gen_ai.system.message", {"content": "Be brief."}),
            ("gen_ai.user.message", {"content": dumped(BEDROCK["messages"][0]["content"])}),
            ("gen_ai.assistant.message", {"content": dumped(BEDROCK["messages"][1]["content"])}),
            ("gen_ai.tool.message", {"role": "tool", "content": dumped(BEDROCK["messages"][2]["content"]), "id": "c1"}),
            ("gen_ai.choice", {"finish_reason": "stop", "message": dumped([{"text": "Dry."}])}),
        ),
    ),
    "message events, tool calls beside": (
        "",
        span_of(
            {},
            ("gen_ai.system.message", {"content": "Be brief."}),
            ("gen_ai.user.message", {"content": "Weather in Paris?"}),
            ("gen_ai.assistant.message", {"role": "assistant", "tool_calls": dumped(TOOL_CALLS)}),
            ("gen_ai.tool.message", {"role": "tool", "content": WEATHER, "id": "c1"}),
            ("gen_ai.choice", {"index": 0, "message": dumped({"role": "assistant", "content": "Dry."})}),
        ),
    ),
    "message events of Azure": (
        "",
        span_of(
            {},
            *(
                (f"gen_ai.{message['role']}.message", {"gen_ai.event.content": dumped(message)})
                for message in OPENAI_IN
            ),
            (
                "gen_ai.choice",
                {"gen_ai.event.content": dumped({"index": 0, "message": {"content": "Dry."}, "finish_reason": "stop"})},
            ),
        ),
    ),
    "OpenInference": ("openinference.instrumentation.openai", span_of(OPENINFERENCE)),
    "OpenInference, OpenAI's request and response": (
        "openinference.instrumentation.openai",
        span_of({"input.value": dumped({"model": "gpt", "messages": OPENAI_IN}), "output.value": dumped(OPENAI_OUT)}),
    ),
    "OpenInference, OpenAI's responses": (
        "openinference.instrumentation.openai",
        span_of({"input.value": dumped(RESPONSES_IN), "output.value": dumped(RESPONSES_OUT)}),
    ),
    "OpenInference, Anthropic's": (
        "",
        span_of({"input.value": dumped(ANTHROPIC), "output.value": dumped(ANTHROPIC_OUT)}),
    ),
    "OpenInference, Bedrock's": ("", span_of({"input.value": dumped(BEDROCK), "output.value": dumped(BEDROCK_OUT)})),
    "OpenInference, Gemini's": ("", span_of({"input.value": dumped(GEMINI), "output.value": dumped(GEMINI_OUT)})),
    "OpenInference, LangChain's": (
        "",
        span_of({"input.value": dumped(LANGCHAIN), "output.value": dumped(LANGCHAIN_OUT)}),
    ),
    "OpenInference, LlamaIndex's": (
        "",
        span_of({"input.value": dumped({"messages": LLAMAINDEX}), "output.value": "Dry."}),
    ),
    "OpenLLMetry": ("opentelemetry.instrumentation.openai.v1", span_of(OPENLLMETRY)),
    "OpenLLMetry, decorator": (
        "traceloop.tracer",
        span_of(
            {
                "traceloop.entity.input": dumped({"args": [], "kwargs": {"model": "gpt", "messages": OPENAI_IN}}),
                "traceloop.entity.output": dumped("Dry."),
            }
        ),
    ),
    "Vercel": (
        "ai",
        span_of(
            {
                "ai.prompt.messages": dumped(VERCEL_MESSAGES),
                "ai.response.text": "Dry.",
                "ai.response.reasoning": "hm",
                "ai.response.toolCalls": "[]",
            }
        ),
    ),
    "Vercel, outer": (
        "ai",
        span_of(
            {"ai.prompt": dumped({"system": "Be brief.", "messages": VERCEL_MESSAGES[1:]}), "ai.response.text": "Dry."}
        ),
    ),
    "Langfuse": (
        "langfuse-sdk",
        span_of(
            {
                "langfuse.observation.input": dumped(OPENAI_IN),
                "langfuse.observation.output": dumped({"role": "assistant", "content": "Dry."}),
            }
        ),
    ),
    "LangSmith": (
        "langsmith",
        span_of({"gen_ai.prompt": dumped(LANGCHAIN), "gen_ai.completion": dumped(LANGCHAIN_OUT)}),
    ),
    "MLflow": (
        "",
        span_of(
            {
                "mlflow.spanInputs": dumped({"model": "gpt", "messages": OPENAI_IN}),
                "mlflow.spanOutputs": dumped(dumped(OPENAI_OUT)),
            }
        ),
    ),
    "Pydantic AI, first format": ("pydantic-ai", span_of({"events": dumped(PYDANTIC_EVENTS)})),
    "Logfire": (
        "logfire.openai",
        span_of(
            {
                "request_data": dumped({"model": "gpt", "messages": OPENAI_IN}),
                "response_data": dumped({"message": {"role": "assistant", "content": "Dry."}, "usage": None}),
            }
        ),
    ),
    "Logfire, streamed": (
        "logfire.openai",
        span_of(
            {
                "request_data": dumped({"model": "gpt", "messages": OPENAI_IN}),
                "response_data": dumped({"combined_chunk_content": "Dry.", "chunk_count": 2}),
            }
        ),
    ),
    "LiteLLM, raw request": (
        "litellm",
        span_of({"llm.openai.messages": str(OPENAI_IN), "llm.openai.choices": str(OPENAI_OUT["choices"])}),
    ),
    "Google ADK": (
        "gcp.vertex.agent",
        span_of({"gcp.vertex.agent.llm_request": dumped(GEMINI), "gcp.vertex.agent.llm_response": dumped(ADK_OUT)}),
    ),
    "Sentry": (
        "",
        span_of({"gen_ai.request.messages": dumped(OPENAI_IN), "gen_ai.response.text": dumped(["Dry."])}),
    ),
    "LangWatch": (
        "langwatch",
        span_of(
            {
                "langwatch.input": dumped({"type": "chat_messages", "value": OPENAI_IN}),
                "langwatch.output": dumped({"type": "text", "value": "Dry."}),
            }
        ),
    ),
    "Braintrust": (
        "braintrust",
        span_of({"braintrust.input_json": dumped(OPENAI_IN), "braintrust.output_json": dumped(OPENAI_OUT["choices"])}),
    ),
    "Haystack": (
        "haystack",
        span_of(
            {
                "haystack.component.input": dumped({"messages": OPENAI_IN, "generation_kwargs": None}),
                "haystack.component.output": dumped(
                    {"replies": [{"role": "assistant", "content": [{"text": "Dry."}]}]}
                ),
            }
        ),
    ),
    "two dialects at once": ("", span_of({**OPENINFERENCE, "gen_ai.prompt": dumped(OPENAI_IN), "output.value": "{}"})),
}
"""The scope's name, and the span."""
