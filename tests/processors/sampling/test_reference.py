"""The sampler against its plain description, on random traces and random lists of policies."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.tracestate import compose, format_randomness, format_threshold, read
from tests.processors.sampling.build import attributes, section, span
from tests.processors.sampling.reference import ALL, Answer, SpanDict, answer, outgoing

EXAMPLES = int(os.environ.get("SAMPLING_EXAMPLES", "150"))
"""Many more than in the suite: `SAMPLING_EXAMPLES=20000 pytest tests/processors/sampling/test_reference.py`."""

_CODES = {"UNSET": 0, "OK": 1, "ERROR": 2}
_VALUES = st.sampled_from(["abc", "x", "", 3, -1, 2.5, 0, True, False])
_INVERT = st.booleans()


def _leaf(kind: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), kind: st.fixed_dictionaries(keys)})


_LEAVES = st.one_of(
    st.just({"type": "always_sample"}),
    st.just({"type": "trace_flags"}),
    _leaf("status_code", status_codes=st.lists(st.sampled_from(list(_CODES)), min_size=1, max_size=2)),
    _leaf("latency", threshold_ms=st.integers(0, 3)),
    _leaf("latency", threshold_ms=st.integers(0, 1), upper_threshold_ms=st.integers(2, 4)),
    _leaf("span_count", min_spans=st.integers(1, 3)),
    _leaf("span_count", min_spans=st.just(1), max_spans=st.integers(1, 3)),
    _leaf("string_attribute", key=st.just("k"), values=st.just(["abc", "x"]), invert_match=_INVERT),
    _leaf("numeric_attribute", key=st.just("k"), min_value=st.sampled_from([0, 2.5]), invert_match=_INVERT),
    _leaf("numeric_attribute", key=st.just("k"), max_value=st.just(0), invert_match=_INVERT),
    _leaf("boolean_attribute", key=st.just("k"), value=st.booleans(), invert_match=_INVERT),
    _leaf("ottl_condition", span=st.just(['Len(attributes["k"]) == 3']), error_mode=st.just("propagate")),
)
_CHANCES = _leaf(
    "probabilistic",
    sampling_percentage=st.sampled_from([0.0, 10.0, 33.3, 50.0, 90.0, 100.0]),
    hash_salt=st.sampled_from(["", "", "", "other"]),
)
_SINGLE = st.one_of(_LEAVES, _CHANCES)
_INVERTIBLE = _SINGLE | st.builds(lambda sub: {"type": "not", "not": {"not_sub_policy": sub}}, _SINGLE)


def _group(kind: str, inside: st.SearchStrategy[dict[str, Any]] = _INVERTIBLE) -> st.SearchStrategy[dict[str, Any]]:
    subs = st.lists(inside, min_size=1, max_size=3)
    return st.builds(lambda subs: {"type": kind, kind: {f"{kind}_sub_policy": subs}}, subs)


_SHARES = _leaf("probabilistic", sampling_percentage=st.sampled_from([25.0, 50.0, 90.0]))
_POLICIES = st.one_of(
    st.lists(st.one_of(_INVERTIBLE, _CHANCES, _group("and"), _group("drop")), min_size=1, max_size=4),
    # Shares drawn from one number, where a threshold must be found.
    st.lists(st.one_of(_SHARES, _LEAVES, _group("and", _SHARES | _LEAVES)), min_size=1, max_size=3),
    st.lists(st.one_of(_SHARES, _group("and", _SHARES)), min_size=2, max_size=3),
).map(lambda policies: [_named(policy, f"p{index}") for index, policy in enumerate(policies)])

_SPANS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(list(_CODES)),
        "start": st.integers(1, 4).map(lambda ms: ms * 10**6),
        "end": st.integers(4, 8).map(lambda ms: ms * 10**6),
        "flags": st.sampled_from([0, 1, 256]),
        "attributes": st.dictionaries(st.sampled_from(["k", "other"]), _VALUES, max_size=2),
        "resource": st.dictionaries(st.sampled_from(["k", "other"]), _VALUES, max_size=1),
        "th": st.sampled_from([None, None, None, 0, ALL // 2, ALL * 3 // 4]),
        "rv": st.sampled_from([None, None, None, None, 0, ALL // 2, ALL - 1, 3 * ALL // 5]),
    }
)


def _named(policy: dict[str, Any], name: str) -> dict[str, Any]:
    """The same with a name of its own for it and for each inside it."""
    kind = policy["type"]
    body: Any = policy.get(kind)
    if kind == "not":
        body = {"not_sub_policy": _named(body["not_sub_policy"], f"{name}n")}
    elif kind in {"and", "drop"}:
        key = f"{kind}_sub_policy"
        body = {key: [_named(sub, f"{name}.{index}") for index, sub in enumerate(body[key])]}
    return {"name": name, "type": kind, **({kind: body} if body is not None else {})}


def _state(of: SpanDict) -> str:
    parts = [] if of["th"] is None else [f"th:{format_threshold(of['th'])}"]
    parts += [] if of["rv"] is None else [f"rv:{format_randomness(of['rv'])}"]
    return f"ot={';'.join(parts)},vendor=1" if parts else ""


def _requests(spans: list[dict[str, Any]]) -> list[ExportTraceServiceRequest]:
    """One request a span, as sidecars see traces in pieces."""
    requests = []
    for index, of in enumerate(spans, start=1):
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add(resource=Resource(attributes=attributes(of["resource"])))
        group.scope_spans.add().spans.append(
            span(
                of["trace_id"],
                span_id=index.to_bytes(8, "big"),
                status=_CODES[of["status"]],
                start=of["start"],
                end=of["end"],
                flags=of["flags"],
                trace_state=_state(of),
                attrs=of["attributes"],
            )
        )
        requests.append(request)
    return requests


def _is_simple(policies: list[dict[str, Any]], meant: Answer) -> bool:
    """Policies of which any threshold that is right must be found: no `not`, no `drop`, one salt."""
    text = repr(policies)
    return meant.kept and "'not'" not in text and "'drop'" not in text and "'other'" not in text


@pytest.mark.timeout(60 + EXAMPLES / 20)
@given(
    _POLICIES,
    st.binary(min_size=16, max_size=16).filter(any),
    st.lists(_SPANS, min_size=1, max_size=4),
    st.integers(0, 3),
)
@settings(max_examples=EXAMPLES, deadline=None)
def test_says_what_the_description_says(
    policies: list[dict[str, Any]], trace_id: bytes, spans: list[dict[str, Any]], first: int
) -> None:
    """The same traces are kept, by the same policy, and whatever threshold is claimed is one that is right: where
    policies only add up, with one salt, it is always claimed. The order of arrival changes nothing.
    """
    for of in spans:
        of["trace_id"] = trace_id
    meant = answer(policies, spans)
    of_policies = section(*policies)
    observer = Observer(of_policies)
    observed = [observer.traces(request).facts[trace_id] for request in _requests(spans)]
    facts = TraceFacts()
    for each in [*observed[first:], *observed[:first]]:
        facts.merge(each)
    decided = Decider(of_policies).decide(trace_id, facts)
    assert decided.kept is meant.kept
    assert decided.policy == meant.policy or not meant.policy
    assert decided.threshold is None or decided.threshold in meant.thresholds
    if _is_simple(policies, meant) and meant.thresholds:
        assert decided.threshold in meant.thresholds
    for of in spans if decided.kept else ():
        entry = read(compose(_state(of), trace_id, decided.threshold, decided.randomness))
        assert (entry.threshold, entry.randomness) == outgoing(of, decided.threshold, decided.randomness)
