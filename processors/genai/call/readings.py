"""What each attribute key contributes to the view of a model call, looked up once per key and scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.attribution_keys import Who, attribution_of
from processors.genai.call.cost import micro_usd_of, priced_usage_usd, ticks_usd_of, usd_of
from processors.genai.call.errors import signal
from processors.genai.call.finish import finish_reason
from processors.genai.call.operations import operation_of, operation_of_type
from processors.genai.call.timing import first_chunk
from processors.genai.call.usage import Counts, counts_in, has_buckets
from processors.genai.call.values import count_of, flag_of, json_of, repr_of, text_of, texts_of
from processors.genai.dialects import DIALECTS
from processors.genai.links import link_maker, response_link
from processors.genai.matcher import MATCHER, Match, Roles
from processors.genai.memo import KeyMemo
from processors.genai.roles import Format, Role
from processors.genai.scores import is_score_key

# Slots of facts that only one attribute can state: the believed one. Numbers, for an Enum's hash is slow.
# The first six are those of `Who`, and the next those of `Counts`, in their order.
USER: Final = int(Who.USER)
TENANT: Final = int(Who.TENANT)
FEATURE: Final = int(Who.FEATURE)
ENVIRONMENT: Final = int(Who.ENVIRONMENT)
SESSION: Final = int(Who.SESSION)
CONVERSATION: Final = int(Who.CONVERSATION)
COUNTS: Final = len(Who)
PROVIDER: Final = COUNTS + len(Counts._fields)
MODEL_REQ: Final = PROVIDER + 1
MODEL_RESP: Final = PROVIDER + 2
COST: Final = PROVIDER + 3
COST_IN: Final = PROVIDER + 4
COST_OUT: Final = PROVIDER + 5
TTFT: Final = PROVIDER + 6
AGENT: Final = PROVIDER + 7
TOOL: Final = PROVIDER + 8
PROMPT_NAME: Final = PROVIDER + 9
PROMPT_VERSION: Final = PROVIDER + 10
RESPONSE_ID: Final = PROVIDER + 11
STREAM: Final = PROVIDER + 12
SERVICE_TIER: Final = PROVIDER + 13
PENDING: Final = PROVIDER + 14
OUTPUT: Final = PROVIDER + 15
"""A component's output, in which its usage is."""
SDK_METADATA: Final = PROVIDER + 16
"""The AI SDK's `ai.response.providerMetadata`."""
SDK_CACHE: Final = PROVIDER + 17
"""The AI SDK's cache count before version 6."""
SDK_SPLIT: Final = PROVIDER + 18
"""Its exact split, from version 6."""
CACHE_BESIDE: Final = PROVIDER + 19
"""At the rank of an input count: it is of a dialect that counts cache beside it."""
REASONING_BESIDE: Final = PROVIDER + 20
"""At the rank of an output count: it is of a dialect that counts reasoning beside it."""
ANSWER: Final = PROVIDER + 21
"""The answer itself, in which there may be what the attributes leave out."""
PARAMETERS: Final = PROVIDER + 22
"""OpenInference's `llm.invocation_parameters`."""
REQUEST: Final = PROVIDER + 23
"""Logfire's `request_data`."""
SCORE: Final = PROVIDER + 24
"""There is a score, or a part of one."""
USAGES: Final = PROVIDER + 25
"""There is an object of counts."""
MESSAGES: Final = PROVIDER + 26
"""The answer's messages, in which the finish reason may be."""
NAME: Final = PROVIDER + 27
"""What is a model's name, if the span is a call to one."""
REASONING_APART: Final = PROVIDER + 28
"""The reasoning is beside the output, whatever dialect that is of."""
FACTS: Final = PROVIDER + 29
"""Braintrust's metadata, in which model and provider are."""
ANY_CALL: Final = PROVIDER + 30
"""Of its operation is only known that it is a request to a model, if it is one."""
# Slots of what several attributes state together: below 0.
OPERATION: Final = -1
FINISH: Final = -2
ERROR: Final = -3
USAGE: Final = -4
PROMPT_JSON: Final = -5
OPERATION_ELSE: Final = -6
"""What a span does if nothing else says so: of whom it is a part."""


_OF_ANY_CALL: Final = frozenset({"braintrust.span_attributes", "braintrust.span_attributes.type", "lmnr.span.type"})
_LATE: Final = 10_000
"""A rank behind those of all tables."""

Slot: TypeAlias = tuple[int, int, Callable[[AnyValue], Any]]
"""Where a value goes, the rank at which it is believed (the lowest is), and what reads it; None is no value."""
Reading: TypeAlias = tuple[Slot, ...]
"""What one attribute says, mostly one thing."""


def _whole(value: AnyValue) -> AnyValue:
    """Read later, where it is needed."""
    return value


def _text(value: AnyValue) -> str | None:
    return value.string_value or None


def _yes(value: AnyValue) -> bool:
    del value
    return True


def _operation(key: str, value: AnyValue) -> str | None:
    text = text_of(value)
    return operation_of(key, text) if text is not None else None


def finish_reasons_of(value: AnyValue) -> tuple[str, ...] | None:
    return tuple([reason for reason in map(finish_reason, texts_of(value)) if reason is not None]) or None


def _first_text(value: AnyValue) -> str | None:
    return next(iter(texts_of(value)), None)


def _usage_object(value: AnyValue) -> tuple[Counts, bool] | None:
    tree = json_of(value) or repr_of(value.string_value)
    counts = counts_in(tree)
    return None if counts is None else (counts, has_buckets(tree))


_KEYS: Final[dict[str, Slot]] = {
    # What the dialect tables have no role for.
    "gen_ai.tool.name": (TOOL, 0, text_of),
    "tool.name": (TOOL, 1, text_of),
    "ai.toolCall.name": (TOOL, 2, text_of),
    "mcp.tool.name": (TOOL, 3, text_of),
    "tool_name": (TOOL, 4, text_of),
    "weave.tool.name": (TOOL, 5, text_of),
    "gen_ai.request.stream": (STREAM, 0, flag_of),
    "gen_ai.request.is_stream": (STREAM, 1, flag_of),
    "llm.is_streaming": (STREAM, 2, flag_of),
    "gen_ai.is_streaming": (STREAM, 3, flag_of),
    "llm.request.streaming": (STREAM, 4, flag_of),
    "gen_ai.request.streaming": (STREAM, 5, flag_of),
    "llm.stream": (STREAM, 6, flag_of),
    "litellm.stream": (STREAM, 7, flag_of),
    "openai.response.service_tier": (SERVICE_TIER, 0, text_of),
    "gen_ai.openai.response.service_tier": (SERVICE_TIER, 1, text_of),
    "openai.request.service_tier": (SERVICE_TIER, 2, text_of),
    "gen_ai.openai.request.service_tier": (SERVICE_TIER, 3, text_of),
    "langfuse.observation.metadata.ls_model_name": (MODEL_REQ, -1, text_of),
    "langfuse.observation.model.name": (MODEL_RESP, _LATE, text_of),
    "anthropic.response.service_tier": (SERVICE_TIER, 4, text_of),
    "gcp.gen_ai.operation.config.service_tier": (SERVICE_TIER, 5, text_of),
    "langsmith.usage_metadata": (COST, _LATE, priced_usage_usd),
    "gen_ai.usage.cost_in_usd_ticks": (COST, _LATE + 1, ticks_usd_of),
    "llm.invocation_parameters": (PARAMETERS, 0, _text),
    "gen_ai.output.messages": (MESSAGES, 0, _whole),
    "output.value": (ANSWER, 0, _whole),
    "mlflow.spanOutputs": (ANSWER, 1, _whole),
    "gen_ai.completion": (ANSWER, 2, _whole),
    "gen_ai.completion_json": (ANSWER, 3, _whole),
    "braintrust.output_json": (ANSWER, 4, _whole),
    "weave.output": (ANSWER, 5, _whole),
    "braintrust.span_attributes": (OPERATION, _LATE, operation_of_type),
    "braintrust.metrics": (TTFT, _LATE, partial(first_chunk, form=Format.JSON)),
    "braintrust.metadata": (FACTS, 0, _whole),
    "braintrust.metadata.model": (MODEL_REQ, _LATE, text_of),
    "braintrust.metadata.provider": (PROVIDER, _LATE, text_of),
    "braintrust.metadata.openclaw.model": (MODEL_REQ, _LATE + 1, text_of),
    "braintrust.metadata.openclaw.provider": (PROVIDER, _LATE + 1, text_of),
    "logfire.span_type": (PENDING, 0, lambda value: value.string_value == "pending_span" or None),
    "genkit:metadata:subtype": (OPERATION, 0, partial(_operation, "genkit:metadata:subtype")),
    "genkit:output": (OUTPUT, 0, _whole),
    "haystack.component.output": (OUTPUT, 1, _whole),
    "gcp.vertex.agent.llm_response": (OUTPUT, 2, _whole),
    "genkit:name": (NAME, 0, text_of),
    "gen_ai.usage.experimental.reasoning_tokens": (REASONING_APART, 0, _yes),
    "ai.response.providerMetadata": (SDK_METADATA, 0, _whole),
    "ai.usage.cachedInputTokens": (SDK_CACHE, 0, count_of),
    "ai.usage.inputTokenDetails.cacheReadTokens": (SDK_SPLIT, 0, count_of),
    "ai.usage.inputTokenDetails.noCacheTokens": (SDK_SPLIT, 1, count_of),
}

_BARE_KEYS: Final[dict[tuple[str, str], Slot]] = {
    ("mlflow", "model"): (MODEL_REQ, -1, text_of),
    ("logfire", "request_data"): (REQUEST, 0, _yes),
    ("logfire", "response_data"): (OUTPUT, 3, _whole),
    ("mlflow", "stream"): (STREAM, 9, flag_of),
    ("dify", "gen_ai.span.kind"): (OPERATION, -1, partial(_operation, "gen_ai.span.kind")),
    ("pipecat", "response.id"): (RESPONSE_ID, _LATE, text_of),
    ("voltagent", "entity.type"): (OPERATION_ELSE, _LATE, partial(_operation, "entity.type")),
}
"""The same for keys that mean something under the scopes of one dialect only."""

_COUNT_ROLES: Final = {
    Role.TOK_IN: "input",
    Role.TOK_OUT: "output",
    Role.TOK_TOTAL: "total",
    Role.TOK_IN_UNCACHED: "input_uncached",
    Role.TOK_CACHE_READ: "cache_read",
    Role.TOK_CACHE_WRITE: "cache_write",
    Role.TOK_REASONING: "reasoning",
    Role.TOK_AUDIO_IN: "audio_input",
    Role.TOK_AUDIO_OUT: "audio_output",
    Role.TOK_AUDIO_CACHE_READ: "audio_cache_read",
}
_TEXT_ROLES: Final = {
    Role.PROVIDER: PROVIDER,
    Role.MODEL_REQ: MODEL_REQ,
    Role.MODEL_RESP: MODEL_RESP,
    Role.AGENT: AGENT,
    Role.PROMPT_NAME: PROMPT_NAME,
    Role.PROMPT_VERSION: PROMPT_VERSION,
}
_COST_ROLES: Final = {Role.COST: COST, Role.COST_IN: COST_IN, Role.COST_OUT: COST_OUT}
_NO_NAMES: Final = frozenset(
    {
        "gen_ai.agent.version",
        "graph.node.parent_id",
        "traceloop.entity.path",
        "traceloop.entity.version",
        "langgraph.command.source_node",
        "langgraph.command.goto_node",
        "langgraph.command.goto_nodes",
        "gen_ai.handoff.from_agent",
        "gen_ai.handoff.to_agent",
        "prompt.vendor",
        "prompt.url",
    }
)
"""Keys beside the names of agents and prompts."""
_CACHE_BESIDE: Final = frozenset(dialect.name for dialect in DIALECTS if dialect.cache_beside_input)
_REASONING_BESIDE: Final = frozenset(dialect.name for dialect in DIALECTS if dialect.reasoning_beside_output)
_FIRST_COST: Final = "gen_ai.usage.cost"
"""Before all others: it is where this sidecar writes, so it is what a sidecar before this one left."""


def readings_for(scope: str) -> KeyMemo[Reading | None]:
    """From attribute key to what it contributes, under an instrumentation scope; remembered."""
    return _BY_SCOPE[scope]


@cache
def _readings(roles: Roles) -> KeyMemo[Reading | None]:
    # There are as many `Roles` as sets of dialects that share a scope: some dozens.
    return KeyMemo(partial(_reading, roles))


def _reading(roles: Roles, key: str) -> Reading | None:
    match = roles.role(key)
    slots: list[Slot] = []
    if key in _KEYS:
        slots.append(_KEYS[key])
    slots += [_BARE_KEYS[dialect.name, key] for dialect in roles.speakers if (dialect.name, key) in _BARE_KEYS]
    if match is not None:
        slots += _by_role(key, match)
    who = attribution_of(key, roles)
    if who is not None:
        slots.append((int(who.who), who.rank, text_of if who.who is not Who.FEATURE else _first_text))
    if link_maker(key) is response_link:
        slots.append((RESPONSE_ID, match.rank if match is not None else 0, text_of))
    if key in _OF_ANY_CALL:
        slots.append((ANY_CALL, 0, _yes))
    if is_score_key(key):
        slots.append((SCORE, 0, _yes))
    if any(slot == USAGE for slot, _, _ in slots):
        slots.append((USAGES, 0, _yes))
    return tuple(slots) or None


def _by_role(key: str, match: Match) -> list[Slot]:
    role, form, rank = match.role, match.format, match.rank
    if role in _COUNT_ROLES:
        count: Slot = (COUNTS + Counts._fields.index(_COUNT_ROLES[role]), rank, count_of)
        if role is Role.TOK_IN and match.dialect in _CACHE_BESIDE:
            return [count, (CACHE_BESIDE, rank, _yes)]
        if role is Role.TOK_OUT and match.dialect in _REASONING_BESIDE:
            return [count, (REASONING_BESIDE, rank, _yes)]
        return [count]
    if role in {Role.PROMPT_NAME, Role.PROMPT_VERSION} and form is Format.JSON:
        return [(PROMPT_JSON, rank, json_of)]
    if role in _TEXT_ROLES:
        return [] if key in _NO_NAMES else [(_TEXT_ROLES[role], rank, text_of)]
    if role in _COST_ROLES:
        reader = micro_usd_of if form is Format.MICRO_USD else usd_of
        return [(_COST_ROLES[role], -1 if key == _FIRST_COST else rank, reader)]
    if role is Role.OP:
        return [(OPERATION, rank, partial(_operation, key))]
    if role is Role.FINISH:
        return [(FINISH, rank, finish_reasons_of)]
    if role is Role.TTFT:
        return [(TTFT, rank, partial(first_chunk, form=form))]
    if role is Role.ERROR:
        return [(ERROR, rank, signal(key, match.when))]
    if role is Role.USAGE and form in {Format.JSON, Format.STRINGIFIED}:
        return [(USAGE, rank, _usage_object)]
    return []


_BY_SCOPE: Final = KeyMemo(lambda scope: _readings(MATCHER.for_scope(scope)))
