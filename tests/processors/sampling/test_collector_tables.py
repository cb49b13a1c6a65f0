"""The cases by which the Collector tests its policies, in our words: same policy, same trace, same answer."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from tests.processors.sampling.build import TRACE_ID, Attribute, decide, policy, request, section, span

MS = 1_000_000
_LOW, _HIGH = -(2**31), 2**31 - 1
_PATTERN = "v[0-9]+.HealthCheck$"
_NO_PATTERN = "v[a-z]+.HealthCheck$"
_HEALTH = {"example": "grpc.health.v1.HealthCheck"}

Attributes = dict[str, Attribute]


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize(
    ("kind", "body", "resource", "attrs", "matches"),
    [
        # string_tag_filter_test.go
        ("string_attribute", {"values": ["value"]}, {"other": "value"}, {}, False),
        ("string_attribute", {"values": ["value"]}, {"example": "other"}, {}, False),
        ("string_attribute", {"values": ["value"]}, {"example": "value"}, {}, True),
        ("string_attribute", {"values": ["first", "value", "last"]}, {"example": "value"}, {}, True),
        ("string_attribute", {"values": ["first", "value", "last"]}, {"example": "other"}, {}, False),
        ("string_attribute", {"values": ["value"]}, {}, {"other": "value"}, False),
        ("string_attribute", {"values": ["value"]}, {}, {"example": "other"}, False),
        ("string_attribute", {"values": ["value"]}, {}, {"example": "value"}, True),
        ("string_attribute", {"values": ["first", "value", "last"]}, {}, {"example": "value"}, True),
        ("string_attribute", {"values": [_PATTERN], "enabled_regex_matching": True}, {}, _HEALTH, True),
        ("string_attribute", {"values": [_NO_PATTERN], "enabled_regex_matching": True}, {}, _HEALTH, False),
        (
            "string_attribute",
            {"values": ["^http", _PATTERN, "metrics$"], "enabled_regex_matching": True, "cache_max_size": 128},
            {},
            _HEALTH,
            True,
        ),
        ("string_attribute", {"values": ["^http", _NO_PATTERN], "enabled_regex_matching": True}, {}, _HEALTH, False),
        ("string_attribute", {"values": ["value"], "enabled_regex_matching": True}, {"example": "value"}, {}, True),
        ("string_attribute", {"values": ["x", "val"], "enabled_regex_matching": True}, {"example": "value"}, {}, True),
        # numeric_tag_filter_test.go
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {}, {"other": _LOW}, False),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {}, {"example": _LOW}, True),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {"example": _LOW}, {"other": _LOW}, True),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {}, {"example": _HIGH}, True),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {"example": _HIGH}, {"other": 2**62}, True),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {}, {"example": _LOW - 1}, False),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {"example": _LOW - 1}, {"other": _LOW}, False),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {}, {"example": _HIGH + 1}, False),
        ("numeric_attribute", {"min_value": _LOW, "max_value": _HIGH}, {"example": _HIGH + 1}, {"other": 1}, False),
        ("numeric_attribute", {"min_value": 100}, {}, {"example": 200}, True),
        ("numeric_attribute", {"min_value": 100}, {}, {"example": 50}, False),
        ("numeric_attribute", {"max_value": 100}, {}, {"example": 50}, True),
        ("numeric_attribute", {"max_value": 100}, {}, {"example": 200}, False),
        ("numeric_attribute", {"min_value": 100, "max_value": 200}, {}, {"example": 150}, True),
        ("numeric_attribute", {"min_value": 100, "max_value": 200}, {}, {"example": 50}, False),
        # boolean_tag_filter_test.go
        ("boolean_attribute", {"value": True}, {}, {"other": True}, False),
        ("boolean_attribute", {"value": True}, {}, {"example": False}, False),
        ("boolean_attribute", {"value": True}, {}, {"example": True}, True),
        ("boolean_attribute", {"value": True}, {"example": True}, {}, True),
    ],
)
def test_attributes(  # noqa: PLR0917  # a table's columns
    kind: str, body: dict[str, Any], resource: Attributes, attrs: Attributes, matches: bool, invert: bool  # noqa: FBT001  # see above
) -> None:  # fmt: skip
    """Alone in a list, the policy keeps what matches; with `invert_match`, what does not."""
    of = section(policy(kind, key="example", invert_match=invert, **body))
    assert decide(of, span(attrs=attrs), resource=resource).kept is (matches is not invert)


@pytest.mark.parametrize(
    ("wanted", "present", "kept"),
    [
        (["ERROR"], [1, 0, 1], False),
        (["OK", "ERROR"], [0, 0], False),
        (["UNSET"], [0], True),
        (["OK", "UNSET"], [2, 1], True),
    ],
)
def test_status_codes(wanted: list[str], present: list[int], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """status_code_test.go."""
    assert (
        decide(section(policy("status_code", status_codes=wanted)), *(span(status=code) for code in present)).kept
        is kept
    )


@pytest.mark.parametrize(
    ("upper", "spans_ms", "kept"),
    [
        (0, [(0, 4500)], False),
        (0, [(0, 5000)], False),
        (0, [(0, 3000), (2500, 3000)], True),
        (10000, [(0, 4500)], False),
        (10000, [(0, 5000)], False),
        (10000, [(0, 5001)], True),
        (10000, [(0, 10001)], False),
        (10000, [(0, 10000)], True),
        (10000, [(0, 3000), (2500, 3000)], True),
    ],
)
def test_latency(upper: int, spans_ms: list[tuple[int, int]], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """latency_test.go: spans by start and duration, a threshold of five seconds."""
    spans = [span(start=MS + start * MS, end=MS + (start + took) * MS) for start, took in spans_ms]
    assert decide(section(policy("latency", threshold_ms=5000, upper_threshold_ms=upper)), *spans).kept is kept


@pytest.mark.parametrize(
    ("bounds", "batches", "kept"),
    [
        ({"min_spans": 3}, [1], False),
        ({"min_spans": 3}, [3], True),
        ({"min_spans": 3}, [4], True),
        ({"min_spans": 3}, [1, 1], False),
        ({"min_spans": 3}, [1, 2], True),
        ({"min_spans": 3}, [1, 2, 3], True),
        ({"max_spans": 20}, [21], False),
        ({"max_spans": 20}, [20], True),
        ({"max_spans": 20}, [1], True),
        ({"max_spans": 20}, [10, 11], False),
        ({"max_spans": 20}, [10, 10], True),
        ({"max_spans": 20}, [1, 2], True),
        ({"min_spans": 3, "max_spans": 20}, [1], False),
        ({"min_spans": 3, "max_spans": 20}, [21], False),
        ({"min_spans": 3, "max_spans": 20}, [12], True),
        ({"min_spans": 3, "max_spans": 20}, [1, 1], False),
        ({"min_spans": 3, "max_spans": 20}, [10, 11], False),
        ({"min_spans": 3, "max_spans": 20}, [3, 20 - 3], True),
        ({"min_spans": 3, "max_spans": 20}, [1, 2], True),
    ],
)
def test_span_counts(bounds: dict[str, Any], batches: list[int], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """span_count_sampler_test.go: in one batch or over several."""
    of = section(policy("span_count", **bounds))
    facts = TraceFacts()
    for size in batches:
        facts.merge(Observer(of).traces(request(*(span() for _ in range(size)))).facts[TRACE_ID])
    assert Decider(of).decide(TRACE_ID, facts).kept is kept


@pytest.mark.parametrize(
    ("kind", "body", "of_span", "kept"),
    [
        ("trace_state", {"key": "example", "values": ["value"]}, span(trace_state="non_matching=value"), False),
        ("trace_state", {"key": "example", "values": ["value"]}, span(trace_state="example=non_matching"), False),
        ("trace_state", {"key": "example", "values": ["value"]}, span(trace_state="example=value"), True),
        ("trace_state", {"key": "example", "values": ["value"]}, span(trace_state="example=no,other=value"), False),
        ("trace_state", {"key": "example", "values": ["value"]}, span(trace_state="example=value,other=no"), True),
        ("trace_state", {"key": "example", "values": ["value1", "value2"]}, span(trace_state="example=value"), False),
        ("trace_state", {"key": "example", "values": ["value1", "value2"]}, span(trace_state="example=value1"), True),
        ("trace_flags", {}, span(flags=1), True),
        ("trace_flags", {}, span(flags=0), False),
    ],
)
def test_trace_context(kind: str, body: dict[str, Any], of_span: Span, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """trace_state_filter_test.go, trace_flags_test.go."""
    assert decide(section(policy(kind, **body)), of_span).kept is kept


@pytest.mark.parametrize(
    ("attribute", "invert", "both"),
    [
        ({"key": "name", "values": ["value"]}, False, False),
        ({"key": "attribute_name", "values": ["attribute_value"]}, False, True),
        ({"key": "attribute_name", "values": ["no_match"]}, True, True),
        ({"key": "attribute_name", "values": ["attribute_value"]}, True, False),
    ],
)
def test_combinations(attribute: dict[str, Any], invert: bool, both: bool) -> None:  # noqa: FBT001  # a table's columns
    """and_test.go, drop_test.go, not_test.go: a failed span with one attribute, two policies that look at it."""
    subs = [
        policy("string_attribute", "one", invert_match=invert, **attribute),
        policy("status_code", "two", status_codes=["ERROR"]),
    ]
    failed = span(status=2, attrs={"attribute_name": "attribute_value"})
    assert decide(section(policy("and", and_sub_policy=subs)), failed).kept is both
    dropping = section(policy("always_sample", "all"), policy("drop", "noise", drop_sub_policy=subs))
    assert decide(dropping, failed).kept is not both
    assert decide(section(policy("not", not_sub_policy=subs[0])), failed).kept is not both
