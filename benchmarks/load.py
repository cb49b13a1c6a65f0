"""Requests to send: model calls of a given size, every span a trace of its own, so that decisions are many."""

from __future__ import annotations

import json
import random
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_SENTENCES = (
    "Please summarise the attached quarterly report in three bullet points.",
    "The deployment failed because the configuration file was missing a required key.",
    "Can you ask Maria Lopez whether the invoice was paid last week?",
    "Write a haiku about the sea in autumn, and keep it cheerful.",
    "My order has not arrived yet; the tracking page shows nothing since Monday.",
    "Which index should I add to make this query faster on a table of ten million rows?",
    "You can reach me at j.smith@example.com if anything is unclear.",
    "Translate the following paragraph into French and explain the idioms.",
    "The function returns None when the list is empty, which breaks the caller.",
    "List the ingredients for a vegetarian lasagne that serves six people.",
)


def requests(count: int, spans: int, span_bytes: int, seed: int) -> list[bytes]:
    rng = random.Random(seed)
    return [_request(rng, spans, span_bytes).SerializeToString() for _ in range(count)]


def _request(rng: random.Random, spans: int, span_bytes: int) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    scope = group.scope_spans.add()
    scope.scope.name = "opentelemetry.instrumentation.openai_v2"
    now = time.time_ns()
    for _ in range(spans):
        span = scope.spans.add(trace_id=rng.randbytes(16), span_id=rng.randbytes(8), name="chat gpt-4o-mini", kind=3)
        span.start_time_unix_nano, span.end_time_unix_nano = now, now + 500_000_000
        for key, text in (
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-4o-mini"),
            ("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
            ("server.address", "api.openai.com"),
        ):
            span.attributes.add(key=key).value.string_value = text
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = rng.randint(10, 4000)
        span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = rng.randint(10, 800)
        left = span_bytes - span.ByteSize()
        for key, role, share in (("gen_ai.input.messages", "user", 0.7), ("gen_ai.output.messages", "assistant", 0.3)):
            text = _text(rng, max(10, int(left * share) - 110))
            message = [{"role": role, "parts": [{"type": "text", "content": text}]}]
            span.attributes.add(key=key).value.string_value = json.dumps(message)
    return request


def _text(rng: random.Random, size: int) -> str:
    words: list[str] = []
    length = 0
    while length < size:
        sentence = rng.choice(_SENTENCES)
        words.append(sentence)
        length += len(sentence) + 1
    return " ".join(words)[:size]
