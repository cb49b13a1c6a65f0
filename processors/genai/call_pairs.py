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
What counts of a pair is the span that came with a cost; else the one with usage; of two with usage the lower one; of
two side by side the one that began first. It does not matter in what order the spans are given.

Pure. Spans that are not at hand are not seen: such a pair stays two calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias

import xxhash
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.model_call import ModelCall

SpanKey: TypeAlias = tuple[bytes, bytes]
"""Trace id and span id."""

_MAX_CALLS: Final = 256
"""Of one trace. Beyond it only response ids are compared: pairs would grow with the square."""
_MAX_DEPTH: Final = 512


class SeenSpan(NamedTuple):
    span: Span
    scope: str
    """Name of the instrumentation scope."""
    call: ModelCall | None
    """What `read_model_call` said of it."""


class OneCall(NamedTuple):
    """What is compared of a span that is a single call. Small: those of a waiting trace are all held."""

    start_unix_nano: int
    span_id: bytes
    parent_id: bytes
    end_unix_nano: int
    scope: str
    models: tuple[str, ...]
    response: int | None
    """Hash of the response id."""
    usage: tuple[int, int] | None
    """Input and output tokens; None where there are none to compare."""
    has_cost: bool
    """It came with the span."""

    @classmethod
    def of(cls, span: Span, scope: str, call: ModelCall) -> OneCall:
        response = call.response_id
        return cls(
            span.start_time_unix_nano,
            span.span_id,
            span.parent_span_id,
            span.end_time_unix_nano,
            _shared(scope),
            _models(call.request_model, call.response_model),
            None if response is None else xxhash.xxh3_64_intdigest(response.encode("utf-8", "surrogatepass")),
            (call.input_tokens or 0, call.output_tokens or 0) if call.input_tokens or call.output_tokens else None,
            call.reported_cost is not None,
        )


def duplicate_calls(spans: Iterable[SeenSpan]) -> set[SpanKey]:
    """The spans of single model calls that another span among these already counts.

    `spans` are those of a batch, of any number of traces, the ones that are no model calls too: they tell what lies
    below what. Linear in the spans; only traces with several single calls are looked at.
    """
    spans = list(spans)
    by_trace: dict[bytes, list[SeenSpan]] = {}
    for seen in spans:
        if seen.call is not None and seen.call.is_single:
            by_trace.setdefault(seen.span.trace_id, []).append(seen)
    several = {trace_id: calls for trace_id, calls in by_trace.items() if len(calls) > 1}
    if not several:
        return set()
    parents: dict[bytes, dict[bytes, bytes]] = {trace_id: {} for trace_id in several}
    for seen in spans:
        if seen.span.trace_id in several:
            parents[seen.span.trace_id][seen.span.span_id] = seen.span.parent_span_id
    return {
        (trace_id, span_id)
        for trace_id, calls in several.items()
        for span_id in same_calls(
            [OneCall.of(seen.span, seen.scope, seen.call) for seen in calls if seen.call is not None],
            parents[trace_id],
        )
    }


def same_calls(calls: Iterable[OneCall], parents: Mapping[bytes, bytes]) -> dict[bytes, bytes | None]:
    """The spans of one trace that do not count, each with the one that counts for it; None for one that adds up others.

    `parents`: the parent of each span, as far as known; of `calls` it need not say anything.
    """
    by_id = {call.span_id: call for call in calls}
    calls = sorted(by_id.values(), key=_began)
    above = {call.span_id: _ancestors(call, by_id, parents) for call in calls}
    below: dict[bytes, list[OneCall]] = {}
    for call in calls:
        for ancestor in above[call.span_id]:
            below.setdefault(ancestor, []).append(call)
    by: dict[bytes, bytes | None] = {}
    few = len(calls) <= _MAX_CALLS
    if few:
        # What lies deepest first: which of the calls below counts is known then.
        for upper_id in sorted(below, key=lambda span_id: len(above[span_id]), reverse=True):
            _nested(by_id[upper_id], [each for each in below[upper_id] if each.span_id not in by], by)
    by_response: dict[int, OneCall] = {}
    for call in calls:
        one = by_id[counting(call.span_id, by)]
        if call.response is None or one.span_id in by:  # it adds up others
            continue
        first = by_id[counting(by_response.setdefault(call.response, one).span_id, by)]
        if first is not one:
            _join(first, one, above, by)
    if few:
        left = [call for call in calls if call.span_id not in by]
        for one, other in combinations(left, 2):
            if _side_by_side(one, other) and one.span_id not in by and other.span_id not in by:
                _join(one, other, above, by)
    return by


def counting(span_id: bytes, by: Mapping[bytes, bytes | None]) -> bytes:
    """The one that counts for a span; a span that adds up others stands for itself."""
    while (counts := by.get(span_id)) is not None:
        span_id = counts
    return span_id


def _join(
    one: OneCall, other: OneCall, above: Mapping[bytes, tuple[bytes, ...]], by: dict[bytes, bytes | None]
) -> None:
    one, other = sorted((one, other), key=_began)
    if one.has_cost != other.has_cost:
        counts = one if one.has_cost else other
    elif (one.usage is None) != (other.usage is None):
        counts = other if one.usage is None else one
    else:
        counts = other if one.span_id in above[other.span_id] else one
    by[(other if counts is one else one).span_id] = counts.span_id


def _ancestors(call: OneCall, calls: Mapping[bytes, OneCall], parents: Mapping[bytes, bytes]) -> tuple[bytes, ...]:
    """The calls above it, nearest first."""
    found: list[bytes] = []
    at, seen = call.parent_id, {call.span_id}
    for _ in range(_MAX_DEPTH):
        if not at:  # a root, or a parent elsewhere
            break
        if at in seen:  # spans that name each other as parents: nothing is above the other
            return ()
        seen.add(at)
        upper = calls.get(at)
        if upper is not None:
            found.append(at)
            at = upper.parent_id
        else:
            at = parents.get(at, b"")
    return tuple(found)


def _nested(upper: OneCall, lower: Sequence[OneCall], by: dict[bytes, bytes | None]) -> None:
    """`lower`: what lies below and counts so far."""
    for each in lower:
        if each.usage is not None and upper.usage in (None, each.usage) and _same_model(upper, each):
            # A cost without usage, above several calls, may be that of them all.
            if upper.has_cost and not each.has_cost and (upper.usage is not None or len(lower) == 1):
                by[each.span_id] = upper.span_id
            else:
                by[upper.span_id] = each.span_id
            return
    usages = [each.usage for each in lower if each.usage is not None]
    if len(usages) > 1 and upper.usage == (sum(each[0] for each in usages), sum(each[1] for each in usages)):
        by[upper.span_id] = None
    elif len(lower) == 1 and not usages and _same_model(upper, lower[0]):
        if lower[0].has_cost > upper.has_cost or (not upper.models and lower[0].models):
            by[upper.span_id] = lower[0].span_id
        else:
            by[lower[0].span_id] = upper.span_id


def _side_by_side(one: OneCall, other: OneCall) -> bool:
    return (
        one.parent_id == other.parent_id
        and one.usage == other.usage
        and one.usage is not None
        and one.scope != other.scope
        and bool(one.parent_id)
        and _same_model(one, other)
        and one.start_unix_nano <= other.end_unix_nano
        and other.start_unix_nano <= one.end_unix_nano
    )


def _began(call: OneCall) -> tuple[int, bytes]:
    return call.start_unix_nano, call.span_id


@lru_cache(maxsize=1024)
def _models(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.rpartition("/")[2].casefold() for name in names if name is not None))


@lru_cache(maxsize=1024)
def _shared(text: str) -> str:
    """The same object for equal texts, as far as they are common."""
    return text


def _same_model(one: OneCall, other: OneCall) -> bool:
    """One of the names is the same, or the same but for a version behind it; no name says nothing against it."""
    if not one.models or not other.models:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one.models for b in other.models)
