"""What an app sends, in three dialects, with personal data planted wherever such data turns up."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.processors.genai.spans import put
from tests.support.chats import CARD, EMAIL, KEY, PHONE, PLANTED, chat_trace

NAME: Final = "Thomas Schneider"
IBAN: Final = "DE89 3704 0044 0532 0130 00"
EVERYTHING_PLANTED: Final = (*PLANTED, NAME, IBAN)
CANARY: Final = "canary.of.the.tests@example-mail.com"
"""Sent to a backend past the sidecar: what a search for planted values must find."""
PROJECT: Final = "shop"

_TEXT: Final = f"I am {NAME}, my e-mail is {EMAIL}, my card {CARD}, my IBAN {IBAN}. Call {PHONE}; the key is {KEY}."


class Trace:
    """Spans in the order in which they began."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._id = rng.randbytes(16)
        self._now = time.time_ns()
        self.spans: list[Span] = []

    def add(self, name: str, parent: Span | None, attributes: Mapping[str, Any]) -> Span:
        """A span of 100 ms."""
        kind = Span.SPAN_KIND_INTERNAL if parent is not None else Span.SPAN_KIND_SERVER
        span = Span(trace_id=self._id, span_id=self._rng.randbytes(8), name=name, kind=kind)
        if parent is not None:
            span.parent_span_id = parent.span_id
        span.start_time_unix_nano = self._now + len(self.spans) * 1_000_000
        span.end_time_unix_nano = span.start_time_unix_nano + 100_000_000
        put(span.attributes, attributes)
        self.spans.append(span)
        return span


def _messages(role: str, *parts: Mapping[str, Any]) -> str:
    return json.dumps([{"role": role, "parts": list(parts)}])


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "content": text}


def agent(rng: random.Random) -> list[Span]:
    """OpenTelemetry GenAI: an agent that calls a model, a tool and the model again."""
    trace = Trace(rng)
    root = trace.add("POST /agent", None, {"http.route": "/agent", "gen_ai.conversation.id": "conversation-1"})
    run = trace.add("invoke_agent support", root, {"gen_ai.operation.name": "invoke_agent"})
    model = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
    }
    arguments = json.dumps({"email": EMAIL, "note": f"Call {PHONE}"})
    call = {"type": "tool_call", "id": "call-1", "name": "find_order", "arguments": {"email": EMAIL}}
    question = _messages("user", _text_part(_TEXT))
    trace.add(
        "chat gpt-4o",
        run,
        {
            **model,
            "gen_ai.usage.input_tokens": 420,
            "gen_ai.usage.output_tokens": 24,
            "gen_ai.system_instructions": json.dumps([_text_part(f"You help {NAME}, {EMAIL}.")]),
            "gen_ai.input.messages": question,
            "gen_ai.output.messages": _messages("assistant", call),
        },
    )
    trace.add(
        "execute_tool find_order",
        run,
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "find_order",
            "gen_ai.tool.call.arguments": arguments,
            "gen_ai.tool.call.result": json.dumps({"order": "A-1009", "pays_with": CARD, "contact": EMAIL}),
        },
    )
    trace.add(
        "chat gpt-4o",
        run,
        {
            **model,
            "gen_ai.usage.input_tokens": 510,
            "gen_ai.usage.output_tokens": 38,
            "gen_ai.usage.cache_read.input_tokens": 128,
            "gen_ai.input.messages": question,
            "gen_ai.output.messages": _messages("assistant", _text_part(f"Order A-1009 is on its way to {EMAIL}.")),
        },
    )
    return trace.spans


def openinference(rng: random.Random) -> list[Span]:
    """OpenInference: a chain with a retriever and a model call, judged badly."""
    trace = Trace(rng)
    chain = trace.add(
        "answer",
        None,
        {
            "openinference.span.kind": "CHAIN",
            "session.id": "session-1",
            "input.value": _TEXT,
            "output.value": json.dumps({"answer": f"We wrote to {EMAIL}"}),
            "annotations.0.annotation.name": "helpfulness",
            "annotations.0.annotation.score": 0.25,
            "annotations.0.annotation.explanation": f"It did not help {EMAIL}.",
        },
    )
    trace.add(
        "retrieve",
        chain,
        {
            "openinference.span.kind": "RETRIEVER",
            "input.value": f"orders of {EMAIL}",
            "retrieval.documents.0.document.content": f"Order A-1009, paid with {CARD}, IBAN {IBAN}",
            "retrieval.documents.0.document.score": 0.1,
        },
    )
    trace.add(
        "ChatCompletion",
        chain,
        {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.system": "openai",
            "llm.model_name": "gpt-4o-mini",
            "llm.token_count.prompt": 300,
            "llm.token_count.completion": 40,
            "llm.token_count.total": 340,
            "llm.invocation_parameters": json.dumps({"temperature": 0.1, "user": EMAIL}),
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": _TEXT,
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": f"We wrote to {EMAIL}",
            "input.value": json.dumps({"messages": [{"role": "user", "content": _TEXT}]}),
            "input.mime_type": "application/json",
            "output.value": f"We wrote to {EMAIL}",
        },
    )
    return trace.spans


def openllmetry(rng: random.Random) -> list[Span]:
    """OpenLLMetry: a workflow around a model call."""
    trace = Trace(rng)
    workflow = trace.add(
        "answer.workflow",
        None,
        {"traceloop.span.kind": "workflow", "traceloop.entity.input": json.dumps({"inputs": {"question": _TEXT}})},
    )
    trace.add(
        "openai.chat",
        workflow,
        {
            "llm.request.type": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": _TEXT,
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": f"We wrote to {EMAIL}",
            "gen_ai.usage.input_tokens": 200,
            "gen_ai.usage.output_tokens": 20,
            "llm.usage.total_tokens": 220,
        },
    )
    return trace.spans


def failed_tool(rng: random.Random) -> list[Span]:
    """A failure at the root, with a stack trace."""
    trace = Trace(rng)
    root = trace.add("POST /refund", None, {"http.route": "/refund"})
    root.status.code = Status.STATUS_CODE_ERROR
    root.status.message = f"no account of {EMAIL}"
    event = root.events.add(name="exception", time_unix_nano=root.end_time_unix_nano)
    stack = f'Traceback (most recent call last):\n  File "refund.py", line 7\nKeyError: {EMAIL} {KEY}'
    put(
        event.attributes,
        {"exception.type": "KeyError", "exception.message": f"{EMAIL}", "exception.stacktrace": stack},
    )
    return trace.spans


def all_traces(rng: random.Random) -> list[list[Span]]:
    return [
        chat_trace(rng),
        chat_trace(rng, error=True),
        chat_trace(rng, score=0.2),
        agent(rng),
        openinference(rng),
        openllmetry(rng),
        failed_tool(rng),
    ]


def request_of(spans: list[Span]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    put(
        group.resource.attributes,
        {"service.name": PROJECT, "openinference.project.name": PROJECT, "deployed.by": f"{EMAIL} {PHONE}"},
    )
    scope = group.scope_spans.add()
    scope.scope.name = "tests.backends"
    scope.spans.extend(spans)
    return request


def past_the_sidecar(rng: random.Random) -> ExportTraceServiceRequest:
    """A model call with the canary, and with a cost under the sidecar's default key alone."""
    trace = Trace(rng)
    trace.add(
        "chat",
        None,
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.usage.input_tokens": 1_000_000,
            "gen_ai.usage.output_tokens": 1_000_000,
            "gen_ai.usage.cost": 77.0,
            "input.value": f"{'x' * 9000} {CANARY}",
        },
    )
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend(trace.spans)
    return request
