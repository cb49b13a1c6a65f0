"""One view of a span that is a model call, whatever the dialect.

One pass over the attributes. Where a span speaks several dialects, each fact is taken from the first that states it,
in the order of `dialects.DIALECTS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.genai.attribution_keys import Who
from processors.genai.call.answer import Answer, filled
from processors.genai.call.errors import CallError, error_of
from processors.genai.call.operations import EVALUATOR, ONE_CALL
from processors.genai.call.readings import (
    AGENT,
    ANSWER,
    ANY_CALL,
    CACHE_BESIDE,
    CONVERSATION,
    COST,
    COST_IN,
    COST_OUT,
    COUNTS,
    ENVIRONMENT,
    ERROR,
    FACTS,
    FEATURE,
    FINISH,
    MESSAGES,
    MODEL_REQ,
    MODEL_RESP,
    NAME,
    OPERATION,
    OPERATION_ELSE,
    OUTPUT,
    PARAMETERS,
    PENDING,
    PROMPT_JSON,
    PROMPT_NAME,
    PROMPT_VERSION,
    PROVIDER,
    REASONING_APART,
    REASONING_BESIDE,
    REQUEST,
    RESPONSE_ID,
    SCORE,
    SDK_CACHE,
    SDK_METADATA,
    SDK_SPLIT,
    SERVICE_TIER,
    SESSION,
    STREAM,
    TENANT,
    TOOL,
    TTFT,
    USAGE,
    USAGES,
    USER,
    readings_for,
)
from processors.genai.call.span_events import finish_reasons_in, first_piece_unix_nano, streamed_answer
from processors.genai.call.timing import FirstChunk, seconds_after
from processors.genai.call.usage import NOTHING, Beside, Counts, Usage, usage_of, with_thoughts
from processors.genai.call.values import as_count, count_of, json_of, text_of
from processors.genai.scores import Score, is_evaluation_event, span_scores

_SUMS_UP: Final = re.compile(
    r"(?:invoke_)?agent\b|agent run\b|invoke_workflow\b|workflow\b|crew\b|execute_event_loop_cycle"
)
"""Names of spans without an operation that repeat the usage of those below them."""
_PREPARES: Final = re.compile(r"\._prepare_chat_with_tools$")
"""LlamaIndex's step before a call, which OpenInference takes for one."""
_COUNTS_CACHE_BESIDE: Final = re.compile(r"anthropic|bedrock")
"""Providers of the AI SDK: `anthropic.messages`, `vertex.anthropic.messages`, `amazon-bedrock`."""
_LOGFIRE_ANSWER: Final = "streaming response"
_EMBEDS: Final = re.compile(r"(?:^|[. ])embeddings?$", re.IGNORECASE)
"""Braintrust and Laminar give all requests to a model one type: `Embeddings`, `openai.embeddings`."""
_UNKNOWN: Final = frozenset({"unknown", "Unknown", "UNKNOWN"})
"""In place of a name."""


class ModelCall(NamedTuple):
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
    """`stop`, `length`, `tool_call`, `content_filter`, `error`, or another in lower case with `_`."""
    conversation: str | None
    """Of the conversation or thread; else of the session."""
    user: str | None
    time_to_first_chunk_s: float | None
    """Streamed answers only."""
    is_single: bool
    """This span stands for one request to a model, which can be priced; agent spans and the like only sum up. That
    another span stands for the same request shows only beside it (`call_pairs`)."""
    is_streaming: bool = False
    service_tier: str | None = None
    response_id: str | None = None
    session: str | None = None
    tenant: str | None = None
    feature: str | None = None
    environment: str | None = None
    agent: str | None = None
    """Its name, or else its id."""
    tool: str | None = None
    prompt_name: str | None = None
    prompt_version: str | None = None
    error: CallError | None = None
    scores: tuple[Score, ...] = ()

    @property
    def has_usage(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None

    @property
    def model(self) -> str | None:
        """The model that answered, or else the one that was asked for."""
        return self.response_model or self.request_model


_Many: TypeAlias = Sequence[tuple[int, int, Any]]
"""(slot, rank, value) of what several attributes state together."""


_Found: TypeAlias = tuple[dict[int, Any], dict[int, int], list[tuple[int, int, Any]]]
"""What the attributes say: of what only one can state, by slot, the value that is believed, and its rank; and the rest."""


def read_model_call(span: Span, scope: str = "", resource: Resource | None = None) -> ModelCall | None:
    """None for a span that is no model call and sums up none.

    `scope` is the name of its instrumentation scope, without which bare keys mean nothing. What `resource` says of
    user, tenant, feature, environment and session holds where the span says nothing.
    """
    found = _read(span.attributes, scope)
    values, _, many = found
    if not (values or many):
        return None
    operations = (_all(many, OPERATION) or _all(many, OPERATION_ELSE)) if many else []
    request_model, response_model = values.get(MODEL_REQ), values.get(MODEL_RESP)
    if request_model in _UNKNOWN or response_model in _UNKNOWN or values.get(PROVIDER) in _UNKNOWN:
        request_model, response_model = _without_unknown(values)
    if not (operations or request_model or response_model):
        return None
    one_call = bool(operations) and all(operation in ONE_CALL for operation in operations)
    if one_call and (PARAMETERS in values or FACTS in values):
        request_model, response_model = _models_in_objects(values)
    if one_call and ANY_CALL in values and _EMBEDS.search(span.name):
        operations = ["embeddings"]
    request_model = request_model or (values.get(NAME) if one_call else None)
    events: Sequence[Span.Event] = span.events if len(span.events) else ()
    answer = _answer(values, events)
    usage = _usage(
        found,
        answer if one_call or (OUTPUT in values and not operations) else None,
        embeds=bool(operations) and operations[0] == "embeddings",
        looks=one_call,
    )
    has_usage = usage.input is not None or usage.output is not None
    if operations:
        one_call = one_call and not _PREPARES.search(span.name)
        if not (one_call or request_model or response_model or has_usage):
            return None
    elif has_usage or (span.status.code == Status.STATUS_CODE_ERROR and PROVIDER in values):
        one_call = not _SUMS_UP.match(span.name)
    else:
        return None
    if response_model is None and one_call and answer is not None:
        response_model = answer.model(request_model)
    if resource is not None:
        _fall_back(values, resource, scope)
    get = values.get
    finish_reasons = _finish_reasons(many) if len(many) > len(operations) else ()
    more = many if len(many) > len(operations) + bool(finish_reasons) else ()
    errors = _all(more, ERROR) if more else []
    prompt_name, prompt_version = get(PROMPT_NAME), get(PROMPT_VERSION)
    if more and prompt_name is None:
        prompt_name, prompt_version = _prompt(_all(more, PROMPT_JSON), prompt_version)
    scored = SCORE in values
    if events:
        finish_reasons = finish_reasons or finish_reasons_in(events)
        scored = scored or any(is_evaluation_event(event.name) for event in events)
        _look_for_pieces(values, events)
    if not finish_reasons and one_call:
        finish_reasons = _finish_reasons_of_answer(values, answer)
    if one_call and REQUEST in values:
        # Logfire reports a streamed answer, with its usage, in a record of its own beside the request's.
        if span.name.startswith(_LOGFIRE_ANSWER):
            values.setdefault(STREAM, True)
        one_call = has_usage or bool(errors) or span.status.code == Status.STATUS_CODE_ERROR
    ttft = get(TTFT)
    if ttft is not None:
        ttft = seconds_after(ttft, span.start_time_unix_nano, span.end_time_unix_nano)
    return ModelCall(
        operations[0] if operations else None,
        get(PROVIDER),
        request_model,
        response_model,
        *usage,
        _reported_cost(values),
        finish_reasons,
        get(CONVERSATION) or get(SESSION),
        get(USER),
        ttft,
        one_call and span.kind != Span.SPAN_KIND_SERVER and PENDING not in values,
        get(STREAM, ttft is not None),
        get(SERVICE_TIER),
        get(RESPONSE_ID),
        get(SESSION),
        get(TENANT),
        get(FEATURE),
        get(ENVIRONMENT),
        get(AGENT),
        get(TOOL),
        prompt_name,
        prompt_version,
        None if EVALUATOR in operations else error_of(span, events, errors, finish_reasons),
        tuple(span_scores(span)) if scored else (),
    )


def _read(attributes: Iterable[KeyValue], scope: str) -> _Found:
    """The hot loop: it runs over every attribute of every span that is kept."""
    readings = readings_for(scope)
    values: dict[int, Any] = {}
    ranks: dict[int, int] = {}
    many: list[tuple[int, int, Any]] = []
    for attribute in attributes:
        reading = readings[attribute.key]
        if reading is None:
            continue
        raw = attribute.value
        for slot, rank, read in reading:
            if slot < 0:
                value = read(raw)
                if value is not None:
                    many.append((slot, rank, value))
                continue
            held = ranks.get(slot)
            if held is None or rank < held:
                # The two most frequent, inlined as far as values are plain.
                if read is text_of:
                    value = raw.string_value
                    if not value or value[0] == '"':
                        value = text_of(raw)
                elif read is count_of:
                    value = raw.int_value
                    if value <= 0:
                        value = count_of(raw)
                else:
                    value = read(raw)
                if value is not None:
                    values[slot] = value
                    ranks[slot] = rank
    return values, ranks, many


def _all(many: _Many, wanted: int) -> list[Any]:
    """The values of a slot, the believed one first."""
    found = [(rank, value) for slot, rank, value in many if slot == wanted]
    if len(found) > 1:
        found.sort(key=_rank)
    return [value for _, value in found]


def _rank(entry: tuple[int, Any]) -> int:
    return entry[0]


def _fall_back(values: dict[int, Any], resource: Resource, scope: str) -> None:
    for slot, value in _read(resource.attributes, scope)[0].items():
        if slot < COUNTS:
            values.setdefault(slot, value)


_COUNT_SLOTS: Final = range(COUNTS, COUNTS + len(Counts._fields))


def _parameters(values: dict[int, Any]) -> str | None:
    """The model that was asked for; puts into `values` that a stream was."""
    tree = json_of(AnyValue(string_value=values[PARAMETERS]))
    if not isinstance(tree, dict):
        return None
    if tree.get("stream") is True:
        values.setdefault(STREAM, True)
    model = tree.get("model")
    return model if isinstance(model, str) and model else None


def _without_unknown(values: dict[int, Any]) -> tuple[str | None, str | None]:
    """The models that are left."""
    for slot in (PROVIDER, MODEL_REQ, MODEL_RESP):
        if values.get(slot) in _UNKNOWN:
            del values[slot]
    return values.get(MODEL_REQ), values.get(MODEL_RESP)


def _of_metadata(values: dict[int, Any]) -> None:
    """Puts into `values` what only Braintrust's metadata says."""
    tree = json_of(values[FACTS])
    if not isinstance(tree, dict):
        return
    if tree.get("stream") is True:
        values.setdefault(STREAM, True)
    for slot, key in ((MODEL_REQ, "model"), (PROVIDER, "provider")):
        if isinstance(tree.get(key), str) and tree[key]:
            values.setdefault(slot, tree[key])


def _models_in_objects(values: dict[int, Any]) -> tuple[str | None, str | None]:
    """The model that was asked for, and the one that answered, with what only JSON says of them."""
    if FACTS in values:
        _of_metadata(values)
    asked_for = _parameters(values) if PARAMETERS in values else None
    request_model, response_model = values.get(MODEL_REQ), values.get(MODEL_RESP)
    if asked_for is not None and asked_for != request_model:
        return asked_for, response_model or request_model
    return request_model, response_model


def _look_for_pieces(values: dict[int, Any], events: Sequence[Span.Event]) -> None:
    if TTFT not in values and (first_piece := first_piece_unix_nano(events)) is not None:
        values[TTFT] = FirstChunk(first_piece / 1e9, is_time=True)
        values.setdefault(STREAM, True)


def _answer(values: Mapping[int, Any], events: Sequence[Span.Event]) -> Answer | None:
    answer = values.get(OUTPUT) or values.get(ANSWER)
    return (streamed_answer(events) if events else None) or (None if answer is None else Answer(answer))


def _finish_reasons_of_answer(values: Mapping[int, Any], answer: Answer | None) -> tuple[str, ...]:
    found = Answer(values[MESSAGES]).finish_reasons() if MESSAGES in values else ()
    return found or (() if answer is None else answer.finish_reasons())


def _usage(found: _Found, answer: Answer | None, *, embeds: bool, looks: bool) -> Usage:
    values, ranks, many = found
    counts = Counts._make(map(values.get, _COUNT_SLOTS))
    cache_beside = reasoning_beside = certain = False
    if CACHE_BESIDE in ranks:
        cache_beside = ranks[CACHE_BESIDE] == ranks.get(COUNTS)
    if REASONING_APART in values:
        reasoning_beside = True
    elif REASONING_BESIDE in ranks:
        reasoning_beside = ranks[REASONING_BESIDE] == ranks.get(COUNTS + 1)
    if USAGES in values:
        for more, buckets in _all(many, USAGE):
            if counts.input is None and more.input is not None:
                cache_beside = reasoning_beside = buckets
            counts = filled(counts, more)
    if answer is not None:
        counts = answer.usage(counts)
    if (SDK_CACHE in values or SDK_METADATA in values) and SDK_SPLIT not in values and looks:
        certain = _COUNTS_CACHE_BESIDE.search(values.get(PROVIDER, "")) is not None
        if SDK_METADATA in values:
            counts = filled(counts, _of_sdk_metadata(json_of(values[SDK_METADATA])))
    if counts.total is not None and "gemini" in (values.get(MODEL_RESP) or values.get(MODEL_REQ) or ""):
        counts = with_thoughts(counts)
    beside = Beside(cache_beside, certain, reasoning_beside) if cache_beside or certain or reasoning_beside else NOTHING
    return usage_of(counts, beside, embeds=embeds)


def _of_sdk_metadata(tree: Any) -> Counts:
    """What the AI SDK before version 6 left to its providers' own fields."""
    if not isinstance(tree, dict):
        return Counts()
    anthropic, openai = (tree[name] if isinstance(tree.get(name), dict) else {} for name in ("anthropic", "openai"))
    bedrock = tree["bedrock"].get("usage") if isinstance(tree.get("bedrock"), dict) else None
    counted = anthropic or (bedrock if isinstance(bedrock, dict) else {})
    read = as_count(counted.get("cacheReadInputTokens"))
    written = as_count(counted.get("cacheCreationInputTokens"))
    return Counts(
        cache_read=read if read is not None else as_count(openai.get("cachedPromptTokens")),
        cache_write=written if written is not None else as_count(counted.get("cacheWriteInputTokens")),
        reasoning=as_count(openai.get("reasoningTokens")),
    )


def _finish_reasons(many: _Many) -> tuple[str, ...]:
    """Of the dialect that is believed."""
    said = [(rank, value) for slot, rank, value in many if slot == FINISH]
    if len(said) < 2:
        return said[0][1] if said else ()
    best = min(rank for rank, _ in said)
    return tuple(reason for rank, reasons in said if rank == best for reason in reasons)


def _reported_cost(values: Mapping[int, Any]) -> float | None:
    cost: float | None = values.get(COST)
    if cost is None and (COST_IN in values or COST_OUT in values):
        cost = values.get(COST_IN, 0.0) + values.get(COST_OUT, 0.0)
    return cost


def _prompt(trees: Sequence[Any], version: str | None) -> tuple[str | None, str | None]:
    """Name and version in `{name, version}`, or in a list of such: a span that links several is of the first."""
    tree = trees[0] if trees else None
    if isinstance(tree, list):
        tree = tree[0] if tree else None
    if not isinstance(tree, dict):
        return None, version
    name, number = tree.get("name"), tree.get("version")
    if isinstance(number, str | int) and not isinstance(number, bool) and number != "":
        version = version or str(number)
    return name if isinstance(name, str) and name else None, version


def read_attribution(attributes: Iterable[KeyValue], scope: str = "") -> dict[Who, str]:
    """Whose these attributes say it is, on a span, a log record or a resource."""
    values = _read(attributes, scope)[0]
    return {who: values[who] for who in Who if who in values}
