"""The demo's LLM app: a support desk, instrumented as any app is, with OpenTelemetry's SDK and its OpenAI package.

Run as `python -m sidecar.demo.app` it holds every chat once. `python -m sidecar.demo.app --rate TRACE_ID SPAN_ID SCORE`
is the same app a while later, when a user has pressed thumbs down: it sends one evaluation result.

Environment: OTEL_EXPORTER_OTLP_ENDPOINT is the sidecar, OPENAI_BASE_URL the model. GENAI_SIDECAR_DEMO_COPY_ENDPOINT, if
set, gets a copy of everything, so that the demo can show what the app recorded; a real app has no such thing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from openai import APIError, OpenAI, RateLimitError
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam, ChatCompletionToolParam
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags, Tracer, set_span_in_context

from sidecar.demo.app_settings import COPY_ENDPOINT
from sidecar.demo.chats import CHATS, TOOL_RESULT, Chat

_INSTRUCTIONS: Final = "You are the support desk of a small shop. Answer in one sentence."
_TOOL: Final[ChatCompletionToolParam] = {
    "type": "function",
    "function": {
        "name": "find_order",
        "description": "Finds the newest order of a customer",
        "parameters": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]},
    },
}
_SEED: Final = 22
"""With it, the share of routine chats takes one with personal data in it, and not the one that is rated late."""


class SeededIds(IdGenerator):
    """Ids that are the same in every run, so that the share of routine chats takes the same ones each time."""

    def __init__(self, seed: int) -> None:
        self._traces = random.Random(seed)  # noqa: S311  # ids, not keys
        self._spans = random.Random(seed + 1)  # noqa: S311  # ids, not keys

    def generate_trace_id(self) -> int:
        return self._traces.getrandbits(128) or 1

    def generate_span_id(self) -> int:
        return self._spans.getrandbits(64) or 1


@contextmanager
def providers(endpoints: Sequence[str | None]) -> Iterator[tuple[TracerProvider, LoggerProvider]]:
    """The SDK as usual, with one exporter for each endpoint; None is the one of the environment."""
    resource = Resource.create({"service.name": "support-desk", "deployment.environment.name": "demo"})
    traces = TracerProvider(resource=resource, id_generator=SeededIds(_SEED), shutdown_on_exit=False)
    logs = LoggerProvider(resource=resource, shutdown_on_exit=False)
    for endpoint in endpoints:
        traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=True)))
        logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=endpoint, insecure=True)))
    try:
        yield traces, logs
    finally:
        traces.shutdown()
        logs.shutdown()


def hold(chat: Chat, client: OpenAI, tracer: Tracer) -> None:
    """One chat, one trace: model calls, a second try where the model is busy, the tool, and the evaluator."""
    with tracer.start_as_current_span("support chat", attributes={"app.chat.title": chat.title}) as root:
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": _INSTRUCTIONS},
            {"role": "user", "content": chat.question},
        ]
        completion = _ask(client, chat.model, messages)
        for call in completion.choices[0].message.tool_calls or ():
            if call.type != "function":
                continue
            messages.append(
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": call.id,
                            "type": "function",
                            "function": {"name": call.function.name, "arguments": call.function.arguments},
                        }
                    ],
                }
            )
            result = _find_order(tracer, call.id, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
            completion = _ask(client, chat.model, messages)
        if chat.score is not None:
            _evaluate(root, chat.score)


def _ask(client: OpenAI, model: str, messages: list[ChatCompletionMessageParam]) -> ChatCompletion:
    try:
        return client.chat.completions.create(model=model, messages=messages, tools=[_TOOL])
    except RateLimitError:
        return client.chat.completions.create(model=model, messages=messages, tools=[_TOOL])


def _find_order(tracer: Tracer, call_id: str, arguments: str) -> str:
    with tracer.start_as_current_span("execute_tool find_order") as span:
        span.set_attributes(
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "find_order",
                "gen_ai.tool.call.id": call_id,
                "gen_ai.tool.call.arguments": arguments,
                "gen_ai.tool.call.result": TOOL_RESULT,
            }
        )
        return TOOL_RESULT


def _evaluation(score: float) -> dict[str, str | float]:
    return {
        "gen_ai.evaluation.name": "helpfulness",
        "gen_ai.evaluation.score.value": score,
        "gen_ai.evaluation.score.label": "poor" if score < 0.5 else "good",
    }


def _evaluate(span: Span, score: float) -> None:
    span.add_event("gen_ai.evaluation.result", _evaluation(score))


def rate(logs: LoggerProvider, trace_id: int, span_id: int, score: float) -> None:
    """An evaluation result for a span that ended long ago: a log record with the ids of that span."""
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    logs.get_logger("support-desk.feedback").emit(
        event_name="gen_ai.evaluation.result",
        context=set_span_in_context(NonRecordingSpan(context)),
        attributes=_evaluation(score),
    )


def hold_all(chats: Sequence[Chat], client: OpenAI, tracer: Tracer) -> int:
    """Holds every chat; a failed one does not end the others. Returns how many failed."""
    failed = 0
    for chat in chats:
        try:
            hold(chat, client, tracer)
        except APIError:
            failed += 1
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sidecar.demo.app")
    parser.add_argument("--rate", nargs=3, metavar=("TRACE_ID", "SPAN_ID", "SCORE"))
    options = parser.parse_args(arguments)
    copy = os.environ.get(COPY_ENDPOINT)
    with providers([None, copy] if copy else [None]) as (traces, logs):
        if options.rate:
            trace_id, span_id, score = options.rate
            rate(logs, int(trace_id, 16), int(span_id, 16), float(score))
            return 0
        OpenAIInstrumentor().instrument(tracer_provider=traces, logger_provider=logs)  # type: ignore[no-untyped-call]  # it has no types for its constructor
        with OpenAI(max_retries=0, timeout=20) as client:
            failed = hold_all(CHATS, client, traces.get_tracer("support-desk"))
    print(json.dumps({"chats": len(CHATS), "failed": failed}))  # noqa: T201  # what the demo reads back
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
