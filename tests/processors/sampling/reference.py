"""What a list of policies means, said slowly and plainly: over spans as dicts, one policy after the other.

It shares no code with the sampler. Randomness is no number here but a variable: a policy list is a question that has an
answer for each value of it, and a threshold is right if it says for which values the answer is "keep".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

ALL = 2**56
"""How many values the randomness has."""

SpanDict = Mapping[str, Any]
PolicyDict = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    kept: bool
    policy: str
    """The first that keeps the trace; of a dropped trace the `drop` that did it, or nothing."""
    thresholds: frozenset[int]
    """Those that are right; empty if none is."""


def answer(policies: Sequence[PolicyDict], spans: Sequence[SpanDict]) -> Answer:
    """For spans of one trace, in no particular order."""
    drawn = {salt: _drawn(spans, salt) for salt in _salts(policies)}
    keeper = _decision(policies, spans, drawn)
    name, kept = keeper
    return Answer(kept, name, frozenset(_right(policies, spans)))


def _decision(policies: Sequence[PolicyDict], spans: Sequence[SpanDict], drawn: Mapping[str, int]) -> tuple[str, bool]:
    for policy in policies:
        if policy["type"] == "drop" and _says(policy, spans, drawn):
            return policy["name"], False
    for policy in policies:
        # What cannot be told keeps the trace, but a drop that cannot be told drops nothing.
        if policy["type"] != "drop" and _says(policy, spans, drawn) is not False:
            return policy["name"], True
    return "", False


def _right(policies: Sequence[PolicyDict], spans: Sequence[SpanDict]) -> Iterator[int]:
    """Thresholds T so that the trace is kept exactly if its randomness is at least T, whatever cannot be told is."""
    thresholds = sorted({0, *(t for policy in policies for t in _thresholds(policy))} - {ALL})
    unknown = [leaf["name"] for policy in policies for leaf in _leaves(policy) if _unreadable(leaf, spans)]
    salts = _salts(policies)
    one_number = len(salts) < 2 or _brought(spans)
    for candidate in thresholds:
        if candidate and not one_number:
            continue
        values = (
            [[value] * len(salts) for value in thresholds]
            if one_number
            else list(product(thresholds, repeat=len(salts)))
        )
        if all(
            _decision(
                policies, _told(spans, dict(zip(unknown, told, strict=True))), dict(zip(salts, value, strict=True))
            )[1]
            is (max(value, default=0) >= candidate or not candidate)
            for told in product((False, True), repeat=len(unknown))
            for value in values
        ):
            yield candidate


def _says(policy: PolicyDict, spans: Sequence[SpanDict], drawn: Mapping[str, int]) -> bool | None:
    """Whether the policy would keep (a `drop`: would drop) the trace; None if nobody knows."""
    kind = policy["type"]
    body = policy.get(kind, {})
    if kind == "not":
        said = _says(body["not_sub_policy"], spans, drawn)
        return None if said is None else not said
    if kind in {"and", "drop"}:
        subs = body[f"{kind}_sub_policy"]
        says = [_says(sub, spans, drawn) for sub in subs]
        if any(said is False and not _by_chance(sub) for sub, said in zip(subs, says, strict=True)):
            return False
        return None if None in says else all(says)
    if _unreadable(policy, spans):
        told: bool | None = spans[0].get("told", {}).get(policy["name"])
        return told
    if kind == "probabilistic":
        return drawn[body.get("hash_salt", "")] >= _threshold(policy)
    return _leaf(kind, body, spans)


def _leaf(kind: str, body: PolicyDict, spans: Sequence[SpanDict]) -> bool:
    if kind == "always_sample":
        return True
    if kind == "status_code":
        return any(span["status"] in body["status_codes"] for span in spans)
    if kind == "latency":
        took = max(span["end"] for span in spans) - min(span["start"] for span in spans)
        upper = body.get("upper_threshold_ms", 0)
        return took > body["threshold_ms"] * 10**6 and (not upper or took <= upper * 10**6)
    if kind == "span_count":
        most = body.get("max_spans", 0)
        return len(spans) >= body.get("min_spans", 0) and (not most or len(spans) <= most)
    if kind == "ottl_condition":
        return any(_has_length_3(span) for span in spans)
    if kind == "trace_flags":
        return any(span["flags"] % 2 for span in spans)
    values = [
        {"string_attribute": _text, "numeric_attribute": _number, "boolean_attribute": _truth}[kind](body, value)
        for span in spans
        for owner in ("attributes", "resource")
        for key, value in span[owner].items()
        if key == body["key"]
    ]
    return any(values) is not body.get("invert_match", False)


def _text(body: PolicyDict, value: object) -> bool:
    return isinstance(value, str) and value in body["values"]


def _number(body: PolicyDict, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and body.get("min_value", value) <= value <= body.get("max_value", value)


def _truth(body: PolicyDict, value: object) -> bool:
    return value is body["value"]


def _unreadable(policy: PolicyDict, spans: Sequence[SpanDict]) -> bool:
    """The one condition of these tests: `Len(attributes["k"]) == 3`, which fails on a `k` that is missing or a number,
    unless it is true of some span.
    """
    if policy["type"] != "ottl_condition":
        return False
    unreadable = any(not isinstance(span["attributes"].get("k"), str) for span in spans)
    return unreadable and not any(map(_has_length_3, spans))


def _has_length_3(span: SpanDict) -> bool:
    value = span["attributes"].get("k")
    return isinstance(value, str) and len(value) == 3


def _told(spans: Sequence[SpanDict], told: Mapping[str, bool]) -> list[SpanDict]:
    return [{**span, "told": told} for span in spans]


def _subs(policy: PolicyDict) -> Sequence[PolicyDict]:
    kind = policy["type"]
    if kind == "not":
        return [policy["not"]["not_sub_policy"]]
    return policy[kind][f"{kind}_sub_policy"] if kind in {"and", "drop"} else []


def _leaves(policy: PolicyDict) -> list[PolicyDict]:
    subs = _subs(policy)
    return [leaf for sub in subs for leaf in _leaves(sub)] if subs else [policy]


def _by_chance(policy: PolicyDict) -> bool:
    return any(leaf["type"] == "probabilistic" for leaf in _leaves(policy))


def _threshold(policy: PolicyDict) -> int:
    share: float = policy["probabilistic"]["sampling_percentage"] / 100
    return ALL - round(min(max(share, 0.0), 1.0) * ALL)


def _thresholds(policy: PolicyDict) -> list[int]:
    return [_threshold(leaf) for leaf in _leaves(policy) if leaf["type"] == "probabilistic"]


def _salts(policies: Sequence[PolicyDict]) -> list[str]:
    leaves = [leaf for policy in policies for leaf in _leaves(policy) if leaf["type"] == "probabilistic"]
    return sorted({leaf["probabilistic"].get("hash_salt", "") for leaf in leaves})


def _brought(spans: Sequence[SpanDict]) -> bool:
    """The trace was sampled before, or brought its randomness: then there is one number, whatever the salts."""
    return any(span["rv"] is not None or span["th"] is not None for span in spans)


def _drawn(spans: Sequence[SpanDict], salt: str) -> int:
    trace_id: bytes = spans[0]["trace_id"]
    brought = [span["rv"] for span in spans if span["rv"] is not None]
    if brought:
        return min(brought)  # type: ignore[no-any-return]  # ints
    if _brought(spans):
        return int.from_bytes(trace_id[9:], "big")
    number = 14695981039346656037
    for byte in (salt or "default-hash-seed").encode() + trace_id:
        number = (number ^ byte) * 1099511628211 % 2**64
    return (2**64 - 1 - number) // 256


def outgoing(span: SpanDict, threshold: int | None, written: int | None) -> tuple[int | None, int | None]:
    """`th` and `rv` of a kept span: the stricter of what came in and what was decided, and none at all where nobody
    knows, or where its randomness says that it should not be here.
    """
    randomness = span["rv"]
    if randomness is None and span["th"] is None:
        randomness = written
    if threshold is None:
        return None, randomness
    strictest = max(threshold, span["th"] or 0)
    own = randomness if randomness is not None else int.from_bytes(span["trace_id"][9:], "big")
    return (strictest if own >= strictest else None), randomness
