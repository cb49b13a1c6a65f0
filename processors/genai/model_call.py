"""One view of a span that is a model call, whatever the dialect.

Where a span speaks several dialects, each fact is taken from the first that states it, in the order of
`dialects.DIALECTS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.anyvalue import count, number, text, texts
from processors.genai.matcher import keys_of
from processors.genai.roles import Role

_SPAN_TYPE: Final = "logfire.span_type"
_OP: Final = keys_of(Role.OP)
_PROVIDER: Final = keys_of(Role.PROVIDER)
_MODEL_REQ: Final = keys_of(Role.MODEL_REQ)
_MODEL_RESP: Final = keys_of(Role.MODEL_RESP)
_TOK_IN: Final = keys_of(Role.TOK_IN)
_TOK_OUT: Final = keys_of(Role.TOK_OUT)
_TOK_CACHE_READ: Final = keys_of(Role.TOK_CACHE_READ)
_TOK_CACHE_WRITE: Final = keys_of(Role.TOK_CACHE_WRITE)
_TOK_REASONING: Final = keys_of(Role.TOK_REASONING)
_TOK_AUDIO_IN: Final = keys_of(Role.TOK_AUDIO_IN)
_TOK_AUDIO_OUT: Final = keys_of(Role.TOK_AUDIO_OUT)
_TOK_AUDIO_CACHE_READ: Final = keys_of(Role.TOK_AUDIO_CACHE_READ)
_COST: Final = tuple(sorted(keys_of(Role.COST), key=lambda key: key != "gen_ai.usage.cost"))
"""`gen_ai.usage.cost` first: it is where this sidecar writes, so it is what a sidecar before this one left."""
_COST_IN: Final = keys_of(Role.COST_IN)
_COST_OUT: Final = keys_of(Role.COST_OUT)
_FINISH: Final = keys_of(Role.FINISH)
_SESSION_ID: Final = keys_of(Role.SESSION_ID)
_TTFT: Final = keys_of(Role.TTFT)
_USER: Final = (*keys_of(Role.USER_ID), "enduser.id")
_READ: Final = frozenset(
    chain(
        _OP,
        _PROVIDER,
        _MODEL_REQ,
        _MODEL_RESP,
        _TOK_IN,
        _TOK_OUT,
        _TOK_CACHE_READ,
        _TOK_CACHE_WRITE,
        _TOK_REASONING,
        _TOK_AUDIO_IN,
        _TOK_AUDIO_OUT,
        _TOK_AUDIO_CACHE_READ,
        _COST,
        _COST_IN,
        _COST_OUT,
        _FINISH,
        _SESSION_ID,
        _TTFT,
        _USER,
        (_SPAN_TYPE,),
    )
)

_OPENINFERENCE_KINDS: Final = {
    "LLM": "chat",
    "EMBEDDING": "embeddings",
    "AGENT": "invoke_agent",
    "TOOL": "execute_tool",
    "RETRIEVER": "retrieval",
}
_ONE_CALL: Final = frozenset({"chat", "text_completion", "generate_content", "embeddings"})
"""Operations that are exactly one request to a model. Agents, chains and workflows sum up others' usage, and
`fetch_response` repeats that of an earlier call."""


@dataclass(frozen=True, slots=True)
class ModelCall:
    operation: str | None
    """`gen_ai.operation.name`, or what corresponds to it; None in conventions that had no such thing."""
    provider: str | None
    """As it is spelled on the span."""
    request_model: str | None
    response_model: str | None
    input_tokens: int | None
    """Cache reads and writes included."""
    output_tokens: int | None
    """Reasoning included."""
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    audio_cache_read_tokens: int
    reported_cost: float | None
    """USD, as it came with the span."""
    finish_reasons: tuple[str, ...]
    conversation: str | None
    user: str | None
    time_to_first_chunk_s: float | None
    """Streamed answers only."""
    is_single: bool
    """This span stands for one request to a model, which can be priced; agent spans and the like only sum up."""

    @property
    def has_usage(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None

    @property
    def model(self) -> str | None:
        """The model that answered, or else the one that was asked for."""
        return self.response_model or self.request_model


def read_model_call(span: Span) -> ModelCall | None:
    """None for a span that is no model call and sums up none."""
    found: dict[str, AnyValue] = {}
    for attribute in span.attributes:
        key = attribute.key
        if key in _READ:
            found[key] = attribute.value
    if not found:
        return None
    operations = [_operation(value) for value in (text(found[key]) for key in _OP if key in found) if value]
    models = _text(found, _MODEL_REQ), _text(found, _MODEL_RESP)
    tokens = _tokens(found)
    has_usage = tokens.input is not None or tokens.output is not None
    if operations:
        one_call = all(operation in _ONE_CALL for operation in operations)
        if not (one_call or any(models) or has_usage):
            return None
    else:
        one_call = any(models) and has_usage
        if not one_call:
            return None
    return ModelCall(
        operation=operations[0] if operations else None,
        provider=_text(found, _PROVIDER),
        request_model=models[0],
        response_model=models[1],
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        reasoning_tokens=tokens.reasoning,
        audio_input_tokens=_count(found, _TOK_AUDIO_IN) or 0,
        audio_output_tokens=_count(found, _TOK_AUDIO_OUT) or 0,
        audio_cache_read_tokens=_count(found, _TOK_AUDIO_CACHE_READ) or 0,
        reported_cost=_reported_cost(found),
        finish_reasons=next((texts(found[key]) for key in _FINISH if key in found), ()),
        conversation=_text(found, _SESSION_ID),
        user=_text(found, _USER),
        time_to_first_chunk_s=_seconds(found, _TTFT),
        is_single=one_call and span.kind != Span.SPAN_KIND_SERVER and not _is_pending(found),
    )


def _operation(value: str) -> str:
    return _OPENINFERENCE_KINDS.get(value.upper()) or value.lower()


def _is_pending(found: Mapping[str, AnyValue]) -> bool:
    """Logfire sends a placeholder when a span starts; the span itself follows."""
    return _SPAN_TYPE in found and found[_SPAN_TYPE].string_value == "pending_span"


def _text(found: Mapping[str, AnyValue], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        if key in found and (value := text(found[key])) is not None:
            return value
    return None


def _count(found: Mapping[str, AnyValue], keys: tuple[str, ...]) -> int | None:
    for key in keys:
        if key in found and (value := count(found[key])) is not None:
            return value
    return None


def _seconds(found: Mapping[str, AnyValue], keys: tuple[str, ...]) -> float | None:
    value = next((number(found[key]) for key in keys if key in found), None)
    return value if value is not None and value >= 0 else None


@dataclass(frozen=True, slots=True)
class _Tokens:
    input: int | None
    output: int | None
    cache_read: int
    cache_write: int
    reasoning: int


def _tokens(found: Mapping[str, AnyValue]) -> _Tokens:
    """Counts as the semantic conventions want them: cache within input, reasoning within output.

    Some instrumentations count them beside. A part larger than its whole shows that; nothing else does.
    """
    tokens_in = _count(found, _TOK_IN)
    tokens_out = _count(found, _TOK_OUT)
    cache_read = _count(found, _TOK_CACHE_READ) or 0
    cache_write = _count(found, _TOK_CACHE_WRITE) or 0
    reasoning = _count(found, _TOK_REASONING) or 0
    if cache_read + cache_write > (tokens_in or 0):
        tokens_in = (tokens_in or 0) + cache_read + cache_write
    if reasoning > (tokens_out or 0):
        tokens_out = (tokens_out or 0) + reasoning
    return _Tokens(tokens_in, tokens_out, cache_read, cache_write, reasoning)


def _reported_cost(found: Mapping[str, AnyValue]) -> float | None:
    for key in _COST:
        if key in found and (cost := _usd(found[key])) is not None:
            return cost
    parts = [
        next((cost for cost in (_usd(found[key]) for key in keys if key in found) if cost is not None), None)
        for keys in (_COST_IN, _COST_OUT)
    ]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _usd(value: AnyValue) -> float | None:
    cost = number(value)
    if cost is None and value.string_value.lstrip()[:1] == "{":
        cost = _total_of(value.string_value)
    return cost if cost is not None and cost >= 0 and value.WhichOneof("value") != "bool_value" else None


def _total_of(details: str) -> float | None:
    """The total of a JSON object such as `{"total": 0.1}` (Langfuse) or `{"total_cost": 0.1}` (MLflow), or its sum."""
    try:
        parsed = json.loads(details)
        for key in ("total", "total_cost"):
            if key in parsed:
                return number(AnyValue(double_value=float(parsed[key])))
        return number(AnyValue(double_value=sum(float(part) for part in parsed.values()))) if parsed else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
