"""A conversation as several SDKs write it, for properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.processors.genai.spans import span_of


class Turn(NamedTuple):
    kind: str
    """`user` and `assistant` say the text; `call` calls the tool of that name; `tool` is the result."""
    text: str
    arguments: dict[str, Any] = {}  # noqa: RUF012  # never written to


def otel(system: str, history: Sequence[Turn], answer: str) -> Span:
    def message(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                call = {"type": "tool_call", "id": "c", "name": turn.text, "arguments": turn.arguments}
                return {"role": "assistant", "parts": [call]}
            case "tool":
                return {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": turn.text}]}
            case role:
                return {"role": role, "parts": [{"type": "text", "content": turn.text}]}

    return span_of(
        {
            "gen_ai.system_instructions": [{"type": "text", "content": system}],
            "gen_ai.input.messages": [message(turn) for turn in history],
            "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": answer}]}],
        }
    )


def _openai_message(turn: Turn) -> dict[str, Any]:
    match turn.kind:
        case "call":
            function = {"name": turn.text, "arguments": json.dumps(turn.arguments)}
            return {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": function}]}
        case "tool":
            return {"role": "tool", "content": turn.text, "tool_call_id": "c"}
        case role:
            return {"role": role, "content": turn.text}


def _openai_messages(system: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
    return [{"role": "system", "content": system}, *map(_openai_message, history)]


def openai(system: str, history: Sequence[Turn], answer: str) -> Span:
    return span_of(
        {
            "input.value": json.dumps({"model": "m", "messages": _openai_messages(system, history)}, indent=2),
            "output.value": json.dumps({"choices": [{"message": {"role": "assistant", "content": answer}}]}),
        }
    )


def langfuse(system: str, history: Sequence[Turn], answer: str) -> Span:
    return span_of(
        {
            "langfuse.observation.input": json.dumps(_openai_messages(system, history), ensure_ascii=False),
            "langfuse.observation.output": json.dumps({"role": "assistant", "content": answer}),
        }
    )


def litellm(system: str, history: Sequence[Turn], answer: str) -> Span:
    return span_of(
        {
            "gen_ai.prompt": str(_openai_messages(system, history)),
            "gen_ai.completion": str([{"role": "assistant", "content": answer}]),
        }
    )


def anthropic(system: str, history: Sequence[Turn], answer: str) -> Span:
    def message(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                call = {"type": "tool_use", "id": "c", "name": turn.text, "input": turn.arguments}
                return {"role": "assistant", "content": [call]}
            case "tool":
                return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": turn.text}]}
            case role:
                return {"role": role, "content": [{"type": "text", "text": turn.text}]}

    return span_of(
        {
            "input.value": json.dumps({"system": system, "messages": [message(turn) for turn in history]}),
            "output.value": json.dumps({"role": "assistant", "content": [{"type": "text", "text": answer}]}),
        }
    )


def bedrock(system: str, history: Sequence[Turn], answer: str) -> Span:
    def message(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                return {"role": "assistant", "content": [{"toolUse": {"name": turn.text, "input": turn.arguments}}]}
            case "tool":
                return {"role": "user", "content": [{"toolResult": {"content": [{"text": turn.text}]}}]}
            case role:
                return {"role": role, "content": [{"text": turn.text}]}

    body = {"system": [{"text": system}], "messages": [message(turn) for turn in history]}
    answered = {"output": {"message": {"role": "assistant", "content": [{"text": answer}]}}}
    return span_of({"mlflow.spanInputs": json.dumps(json.dumps(body)), "mlflow.spanOutputs": json.dumps(answered)})


def gemini(system: str, history: Sequence[Turn], answer: str) -> Span:
    def message(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                call = {"name": turn.text, "args": turn.arguments}
                return {"role": "model", "parts": [{"functionCall": call}]}
            case "tool":
                return {"role": "user", "parts": [{"functionResponse": {"response": {"result": turn.text}}}]}
            case role:
                return {"role": "model" if role == "assistant" else role, "parts": [{"text": turn.text}]}

    body = {"systemInstruction": {"parts": [{"text": system}]}, "contents": [message(turn) for turn in history]}
    answered = {"candidates": [{"content": {"role": "model", "parts": [{"text": answer}]}}]}
    return span_of({"input.value": json.dumps(body), "output.value": json.dumps(answered)})


def vercel(system: str, history: Sequence[Turn], answer: str) -> Span:
    def message(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                call = {"type": "tool-call", "toolCallId": "c", "toolName": turn.text, "args": turn.arguments}
                return {"role": "assistant", "content": [call]}
            case "tool":
                result = {"type": "tool-result", "toolCallId": "c", "toolName": "t", "result": turn.text}
                return {"role": "tool", "content": [result]}
            case role:
                return {"role": role, "content": [{"type": "text", "text": turn.text}]}

    messages = [{"role": "system", "content": system}, *map(message, history)]
    return span_of({"ai.prompt.messages": json.dumps(messages), "ai.response.text": answer})


def responses(system: str, history: Sequence[Turn], answer: str) -> Span:
    def item(turn: Turn) -> dict[str, Any]:
        match turn.kind:
            case "call":
                return {"type": "function_call", "name": turn.text, "arguments": json.dumps(turn.arguments)}
            case "tool":
                return {"type": "function_call_output", "output": turn.text}
            case role:
                return {"type": "message", "role": role, "content": turn.text}

    body = {"instructions": system, "input": [item(turn) for turn in history]}
    answered = {"output": [{"type": "message", "role": "assistant", "content": [{"text": answer}]}]}
    return span_of({"input.value": json.dumps(body), "output.value": json.dumps(answered)})


def _flattened(prefix: str, messages: Sequence[dict[str, Any]], wrapper: str, call: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index, message in enumerate(messages):
        base = f"{prefix}.{index}{wrapper}"
        found[f"{base}.role"] = message["role"]
        if message["content"] is not None:
            found[f"{base}.content"] = message["content"]
        for number, each in enumerate(message.get("tool_calls", ())):
            for field, value in each["function"].items():
                found[f"{base}.tool_calls.{number}.{call}{field}"] = value
    return found


def openinference(system: str, history: Sequence[Turn], answer: str) -> Span:
    sent = _flattened("llm.input_messages", _openai_messages(system, history), ".message", "tool_call.function.")
    answered = [{"role": "assistant", "content": answer}]
    return span_of({**sent, **_flattened("llm.output_messages", answered, ".message", "tool_call.function.")})


def openllmetry(system: str, history: Sequence[Turn], answer: str) -> Span:
    sent = _flattened("gen_ai.prompt", _openai_messages(system, history), "", "")
    return span_of({**sent, **_flattened("gen_ai.completion", [{"role": "assistant", "content": answer}], "", "")})


def message_events(system: str, history: Sequence[Turn], answer: str) -> Span:
    found: list[tuple[str, dict[str, Any]]] = []
    for message in _openai_messages(system, history):
        fields = {"content": message["content"]} if message["content"] is not None else {}
        if "tool_calls" in message:
            fields["tool_calls"] = json.dumps(message["tool_calls"])
        found.append((f"gen_ai.{message['role']}.message", fields))
    return span_of({}, *found, ("gen_ai.choice", {"message": json.dumps({"role": "assistant", "content": answer})}))


RENDERERS: Final[dict[str, Callable[[str, Sequence[Turn], str], Span]]] = {
    "OpenTelemetry": otel,
    "OpenAI": openai,
    "OpenAI, responses": responses,
    "Anthropic": anthropic,
    "Bedrock": bedrock,
    "Gemini": gemini,
    "Vercel": vercel,
    "Langfuse": langfuse,
    "LiteLLM": litellm,
    "OpenInference": openinference,
    "OpenLLMetry": openllmetry,
    "message events": message_events,
}
