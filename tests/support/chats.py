"""Model calls as the OpenTelemetry SDK and a GenAI instrumentation would record them, with planted personal data."""

from __future__ import annotations

import json
import random
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

EMAIL = "maria.gonzalez@example-mail.com"
CARD = "4111 1111 1111 1111"
PHONE = "+1 (415) 555-0134"
KEY = "sk-proj-abcDEF1234567890abcDEF1234567890abcDEF12"
PLANTED = (EMAIL, CARD, PHONE, KEY)


def set_attribute(span: Span, key: str, value: object) -> None:
    target = span.attributes.add(key=key).value
    match value:
        case bool():
            target.bool_value = value
        case int():
            target.int_value = value
        case float():
            target.double_value = value
        case str():
            target.string_value = value


def chat_trace(
    rng: random.Random, *, error: bool = False, score: float | None = None, planted: bool = True
) -> list[Span]:
    """A root span and the model call under it; the failure or the score is on the call."""
    trace_id = rng.randbytes(16)
    now = time.time_ns()
    root = Span(trace_id=trace_id, span_id=rng.randbytes(8), name="POST /chat", kind=Span.SPAN_KIND_SERVER)
    root.start_time_unix_nano, root.end_time_unix_nano = now, now + 900_000_000
    call = Span(trace_id=trace_id, span_id=rng.randbytes(8), parent_span_id=root.span_id, name="chat gpt-4o-mini")
    call.kind = Span.SPAN_KIND_CLIENT
    call.start_time_unix_nano, call.end_time_unix_nano = now + 1_000_000, now + 800_000_000
    text = "What is the capital of France?"
    if planted:
        text = f"My e-mail is {EMAIL}, my card is {CARD}, call me on {PHONE}. The key is {KEY}."
    for key, value in {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.usage.input_tokens": rng.randint(10, 2000),
        "gen_ai.usage.output_tokens": rng.randint(10, 500),
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}]),
        "gen_ai.output.messages": json.dumps(
            [{"role": "assistant", "parts": [{"type": "text", "content": f"Noted: {text}"}], "finish_reason": "stop"}]
        ),
    }.items():
        set_attribute(call, key, value)
    if error:
        call.status.code = Status.STATUS_CODE_ERROR
        call.status.message = f"request of {EMAIL} failed with key {KEY}, card {CARD}, phone {PHONE}"
        event = call.events.add(name="exception", time_unix_nano=now)
        event.attributes.add(key="exception.message").value.string_value = f"no such user {EMAIL}, {PHONE}"
    if score is not None:
        event = call.events.add(name="gen_ai.evaluation.result", time_unix_nano=now)
        event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "helpfulness"
        event.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = score
        event.attributes.add(key="gen_ai.evaluation.explanation").value.string_value = f"It told {EMAIL} off."
    link = call.links.add(trace_id=rng.randbytes(16), span_id=rng.randbytes(8))
    link.attributes.add(key="note").value.string_value = f"see {EMAIL} and {KEY}"
    return [root, call]


def request_of(spans: list[Span]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    group.resource.attributes.add(key="deployed.by").value.string_value = f"{EMAIL} {PHONE}"
    scope = group.scope_spans.add()
    scope.scope.name = "opentelemetry.instrumentation.openai_v2"
    scope.spans.extend(spans)
    return request
