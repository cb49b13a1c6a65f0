"""Spans that tell of the same model call: which of them is the one to count.

Two instrumentations on one application, a client before a proxy, a framework around an SDK: each leaves a span of its
own for one request, with the same usage. By itself every one of them is a single call (`ModelCall.is_single`), and
only beside the others it shows that it is not.

Among the single calls of one trace, as far as its spans are at hand:
 - Two with the same response id are one call.
 - A call below another one, at any depth, with the same model and the same usage is the same call.
 - A call below another one with the same model, the only one there, is the same call if one of the two has no usage.
   So it is if neither has, and then the upper one counts, unless only the lower one names the model.
 - A call whose usage is the sum of the two or more calls below it only adds them up.
 - Two side by side, with one parent, from different instrumentation scopes, that overlap in time and have the same
   model and the same usage, are one call.
What counts of a pair is the span with usage; of two with usage the lower one; of two side by side the first.

Pure. Spans that come in another batch are not seen: such a pair stays two calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.model_call import ModelCall

SpanKey: TypeAlias = tuple[bytes, bytes]
"""Trace id and span id."""

_MAX_CALLS: Final = 256
"""Of one trace and batch. Beyond it only response ids are compared: pairs would grow with the square."""
_MAX_DEPTH: Final = 512


class SeenSpan(NamedTuple):
    span: Span
    scope: str
    """Name of the instrumentation scope."""
    call: ModelCall | None
    """What `read_model_call` said of it."""


class _Call(NamedTuple):
    seen: SeenSpan
    call: ModelCall
    models: frozenset[str]

    @property
    def key(self) -> SpanKey:
        return self.seen.span.trace_id, self.seen.span.span_id


def duplicate_calls(spans: Iterable[SeenSpan]) -> set[SpanKey]:
    """The spans of single model calls that another span among these already counts.

    `spans` are those of a batch, of any number of traces, the ones that are no model calls too: they tell what lies
    below what. Linear in the spans; only traces with several single calls are looked at.
    """
    spans = list(spans)
    by_trace: dict[bytes, list[_Call]] = {}
    for seen in spans:
        if seen.call is not None and seen.call.is_single:
            by_trace.setdefault(seen.span.trace_id, []).append(_Call(seen, seen.call, _models(seen.call)))
    several = {trace_id: calls for trace_id, calls in by_trace.items() if len(calls) > 1}
    if not several:
        return set()
    parents = {
        (seen.span.trace_id, seen.span.span_id): seen.span.parent_span_id
        for seen in spans
        if seen.span.trace_id in several
    }
    duplicates: set[SpanKey] = set()
    for calls in several.values():
        duplicates |= _of_trace(calls, parents)
    return duplicates


def _of_trace(calls: Sequence[_Call], parents: Mapping[SpanKey, bytes]) -> set[SpanKey]:
    duplicates: set[SpanKey] = set()
    by_key = {call.key: call for call in calls}
    below: dict[SpanKey, list[_Call]] = {}
    above: dict[SpanKey, tuple[SpanKey, ...]] = {}
    for call in calls:
        above[call.key] = ancestors = _ancestors(call.key, by_key, parents)
        for ancestor in ancestors:
            below.setdefault(ancestor, []).append(call)
    by_response: dict[str, _Call] = {}
    for call in calls:
        response_id = call.call.response_id
        if response_id is not None:
            first = by_response.setdefault(response_id, call)
            if first is not call:
                counts = _counts(first, call, lower=first.key in above[call.key])
                duplicates.add((first if counts is call else call).key)
                by_response[response_id] = counts
    if len(calls) > _MAX_CALLS:
        return duplicates
    for key, lower in below.items():
        duplicates |= _nested(by_key[key], lower)
    for one, other in combinations(calls, 2):
        if one.key not in duplicates and other.key not in duplicates and _side_by_side(one, other):
            counts = _counts(one, other, lower=False)
            duplicates.add((one if counts is other else other).key)
    return duplicates


def _ancestors(key: SpanKey, calls: Mapping[SpanKey, _Call], parents: Mapping[SpanKey, bytes]) -> tuple[SpanKey, ...]:
    """The calls above it, nearest first."""
    found: list[SpanKey] = []
    trace_id, at = key
    seen = {at}
    for _ in range(_MAX_DEPTH):
        at = parents.get((trace_id, at), b"")
        if not at:  # a root, or a parent elsewhere
            break
        if at in seen:  # spans that name each other as parents: nothing is above the other
            return ()
        seen.add(at)
        if (trace_id, at) in calls:
            found.append((trace_id, at))
    return tuple(found)


def _nested(upper: _Call, lower: Sequence[_Call]) -> set[SpanKey]:
    usage = _usage(upper.call)
    if usage is None and any(_usage(each.call) and _same_model(upper, each) for each in lower):
        return {upper.key}
    if usage is not None and any(_usage(each.call) == usage and _same_model(upper, each) for each in lower):
        return {upper.key}
    usages = [each for each in (_usage(each.call) for each in lower) if each is not None]
    if len(usages) > 1 and usage == (sum(each[0] for each in usages), sum(each[1] for each in usages)):
        return {upper.key}
    if len(lower) == 1 and not usages and _same_model(upper, lower[0]):
        return {lower[0].key if upper.models or not lower[0].models else upper.key}
    return set()


def _side_by_side(one: _Call, other: _Call) -> bool:
    a, b = one.seen.span, other.seen.span
    usage = _usage(one.call)
    return (
        a.parent_span_id == b.parent_span_id
        and bool(a.parent_span_id)
        and one.seen.scope != other.seen.scope
        and usage is not None
        and usage == _usage(other.call)
        and _same_model(one, other)
        and a.start_time_unix_nano <= b.end_time_unix_nano
        and b.start_time_unix_nano <= a.end_time_unix_nano
    )


def _counts(first: _Call, second: _Call, *, lower: bool) -> _Call:
    """Which of two spans of one call counts; `lower`: the second one lies below the first."""
    if (_usage(first.call) is None) != (_usage(second.call) is None):
        return second if _usage(first.call) is None else first
    return second if lower else first


def _usage(call: ModelCall) -> tuple[int, int] | None:
    """Input and output tokens; None where there are none to compare."""
    if not call.input_tokens and not call.output_tokens:
        return None
    return call.input_tokens or 0, call.output_tokens or 0


def _models(call: ModelCall) -> frozenset[str]:
    return frozenset(
        model.rpartition("/")[2].casefold() for model in (call.request_model, call.response_model) if model is not None
    )


def _same_model(one: _Call, other: _Call) -> bool:
    """One of the names is the same, or the same but for a version behind it; no name says nothing against it."""
    if not one.models or not other.models or one.models & other.models:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one.models for b in other.models)
