"""The Collector's tail_sampling and the sidecar judge the same traces: the same policies keep the same ones."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.sampling.decide import Decider
from processors.sampling.section import SamplingSection
from sidecar.commands.apply import Recorded
from tests.support.backend import Backend, wait_until
from tests.support.chats import set_attribute
from tests.support.collector import Collector, needs_collector
from tests.support.export import export
from tests.support.sidecar_process import Sidecar, total

LISTED: list[dict[str, Any]] = [
    {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
    {"name": "slow", "type": "latency", "latency": {"threshold_ms": 9_000}},
    {"name": "gold", "type": "string_attribute", "string_attribute": {"key": "app.tier", "values": ["gold"]}},
    {"name": "long", "type": "numeric_attribute", "numeric_attribute": {"key": "app.tokens", "min_value": 990}},
    {"name": "beta", "type": "boolean_attribute", "boolean_attribute": {"key": "app.beta", "value": True}},
    {
        "name": "routine",
        "type": "probabilistic",
        "probabilistic": {"sampling_percentage": 10, "hash_salt": "a-salt"},
    },
]
"""A list as it stands in people's files; every policy keeps some that no other keeps."""

ALONE: list[dict[str, Any]] = [
    *LISTED,
    {"name": "all", "type": "always_sample"},
    {"name": "not failed", "type": "status_code", "status_code": {"status_codes": ["OK", "UNSET"]}},
    {"name": "between", "type": "latency", "latency": {"threshold_ms": 2_000, "upper_threshold_ms": 4_000}},
    {
        "name": "a metal",
        "type": "string_attribute",
        "string_attribute": {
            "key": "app.tier", "values": ["^(gold|silver)$", "ron"], "enabled_regex_matching": True, "cache_max_size": 10
        },
    },
    {
        "name": "not gold",
        "type": "string_attribute",
        "string_attribute": {"key": "app.tier", "values": ["gold"], "invert_match": True},
    },
    {
        "name": "of a resource",
        "type": "string_attribute",
        "string_attribute": {"key": "service.name", "values": ["shop"]},
    },
    {"name": "few", "type": "numeric_attribute", "numeric_attribute": {"key": "app.tokens", "max_value": -3}},
    {
        "name": "some",
        "type": "numeric_attribute",
        "numeric_attribute": {"key": "app.tokens", "min_value": 100, "max_value": 200},
    },
    {
        "name": "not some",
        "type": "numeric_attribute",
        "numeric_attribute": {"key": "app.tokens", "min_value": 100, "max_value": 900, "invert_match": True},
    },
    {"name": "not beta", "type": "boolean_attribute", "boolean_attribute": {"key": "app.beta", "value": False}},
    {
        "name": "not in beta",
        "type": "boolean_attribute",
        "boolean_attribute": {"key": "app.beta", "value": True, "invert_match": True},
    },
    {"name": "no salt", "type": "probabilistic", "probabilistic": {"sampling_percentage": 33.3}},
    {"name": "other salt", "type": "probabilistic", "probabilistic": {"sampling_percentage": 0.5, "hash_salt": "b"}},
    {
        "name": "no metal",
        "type": "string_attribute",
        "string_attribute": {
            "key": "app.tier", "values": ["(?i)^(GOLD|silver)$", "[[:alpha:]]+ze$"], "enabled_regex_matching": True,
            "invert_match": True,
        },
    },
    *[
        {"name": condition, "type": "ottl_condition", "ottl_condition": {"error_mode": "ignore", "span": [condition]}}
        for condition in (
            'attributes["app.tier"] == "gold" or attributes["app.tokens"] > 990.5',
            'attributes["app.tier"] == 7',
            'attributes["app.tier"] != nil and not IsMatch(attributes["app.tier"], "^(gold|[0-9])")',
            'IsMatch(attributes["app.tokens"], "^-[1-9]$")',
            'not HasPrefix(attributes["app.tier"], "g")',
            'attributes["app.tokens"] / (attributes["app.tokens"] - 7) == 1',
            '(attributes["app.tokens"] + 10) * 2 < Len(name) * 8',
            'end_time - start_time > Duration("9s") and IsRootSpan()',
            "Milliseconds(end_time - start_time) < 100 and parent_span_id != SpanID(0x0000000000000000)",
            'status.code == STATUS_CODE_ERROR and resource.attributes["service.name"] == "shop"',
            'resource.attributes["service.name"] == "shop" and attributes["app.beta"] == true',
            'Concat([span.name, attributes["app.beta"], attributes["none"]], "-") == "step-true-<nil>"',
            'IsInt(attributes["app.tier"]) or Int(attributes["app.beta"]) == 1',
            'attributes["app.tags"][1] == "b" and ContainsValue(attributes["app.tags"], 3)',
            'Len(attributes["app.tags"]) == 2 and IsList(attributes["app.tags"])',
            'HasSuffix(ToUpperCase(trace_id.string), "F") and kind.string == "Unspecified"',
        )
    ],
    {
        "name": "an event",
        "type": "ottl_condition",
        "ottl_condition": {
            "error_mode": "silent",
            "span": ['attributes["app.tokens"] == 500'],
            "spanevent": ['name == "exception" and attributes["n"] >= 3 and span.status.code != STATUS_CODE_ERROR'],
        },
    },
    {"name": "without a mode", "type": "ottl_condition", "ottl_condition": {"span": ['HasSuffix(attributes["app.tier"], "r")']}},
    {"name": "none", "type": "probabilistic", "probabilistic": {"sampling_percentage": 0}},
    {"name": "every", "type": "probabilistic", "probabilistic": {"sampling_percentage": 100}},
]  # fmt: skip

_TRACE_ID = re.compile(rb'"traceId":"([0-9a-f]{32})"')


COUNT = int(os.environ.get("SIDECAR_TEST_TRACES", "3000"))
WAIT_S = max(3, COUNT // 500)
"""Longer than the sending takes: a span that is late would see another decision."""


def requests(count: int = COUNT) -> list[ExportTraceServiceRequest]:
    """Traces of one to four spans, over up to two services and two requests, the root first; times in milliseconds."""
    rng = random.Random(17)
    first, second = [], []
    for _ in range(count):
        trace_id = rng.randbytes(16)
        took_ms = min(int(rng.expovariate(1 / 2500)), 60_000)
        spans: list[Span] = []
        for position in range(rng.randint(1, 4)):
            span = Span(trace_id=trace_id, span_id=rng.randbytes(8), name="step")
            if position:
                span.parent_span_id = spans[0].span_id
            span.start_time_unix_nano = 1_700_000_000_000_000_000
            span.end_time_unix_nano = span.start_time_unix_nano + took_ms * 1_000_000
            if rng.random() < 0.03:
                span.status.code = Status.STATUS_CODE_ERROR
            elif rng.random() < 0.2:
                span.status.code = Status.STATUS_CODE_OK
            if rng.random() < 0.2:
                set_attribute(span, "app.tier", rng.choice(["gold", "silver", "bronze", "golden", "", 7]))
            if rng.random() < 0.4:
                set_attribute(span, "app.tokens", rng.randint(-10, 1000) or 1)
            if rng.random() < 0.05:
                set_attribute(span, "app.beta", rng.random() < 0.5)
            if rng.random() < 0.05:
                tags = span.attributes.add(key="app.tags").value.array_value.values
                tags.add().string_value = "a"
                for tag in rng.sample(["b", "c"], k=rng.randint(0, 2)):
                    tags.add().string_value = tag
                tags.add().int_value = rng.randint(2, 3)
            if rng.random() < 0.05:
                span.events.add(name="exception").attributes.add(key="n").value.int_value = rng.randint(1, 5)
            spans.append(span)
        first.append(spans[:2])
        second.append(spans[2:])
    return list(in_requests(rng, first)) + list(in_requests(rng, second))


def in_requests(rng: random.Random, traces: list[list[Span]]) -> Iterator[ExportTraceServiceRequest]:
    for start in range(0, len(traces), 100):
        request = ExportTraceServiceRequest()
        for spans in traces[start : start + 100]:
            if spans:
                group = request.resource_spans.add()
                service = "shop" if rng.random() < 0.1 else "other"
                group.resource.attributes.add(key="service.name").value.string_value = service
                group.scope_spans.add().spans.extend(spans)
        yield request


def collector_config(directory: Path) -> str:
    """A pipeline for each policy alone, and one for the list; all waiting traces are decided when it stops."""
    lists = {"list": LISTED, **{f"alone-{number}": [policy] for number, policy in enumerate(ALONE)}}
    return json.dumps(
        {
            "extensions": {"health_check": {"endpoint": "${env:HEALTH_ENDPOINT}"}},
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "${env:OTLP_GRPC_ENDPOINT}"}}}},
            "processors": {
                f"tail_sampling/{name}": {"decision_wait": "600s", "policies": doubled(policies)}
                for name, policies in lists.items()
            },
            "exporters": {f"file/{name}": {"path": str(directory / f"{name}.jsonl")} for name in lists},
            "service": {
                "extensions": ["health_check"],
                "pipelines": {
                    f"traces/{name}": {
                        "receivers": ["otlp"],
                        "processors": [f"tail_sampling/{name}"],
                        "exporters": [f"file/{name}"],
                    }
                    for name in lists
                },
            },
        }
    )


def doubled(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with every `$` written as the Collector's configuration wants it."""
    return json.loads(json.dumps(policies).replace("$", "$$"))  # type: ignore[no-any-return]  # what went in


def kept_in(path: Path) -> set[bytes]:
    return {bytes.fromhex(each.decode()) for each in _TRACE_ID.findall(path.read_bytes())}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the Collector has written what each of its pipelines kept."""
    directory = tmp_path_factory.mktemp("collected")
    with Collector(directory, collector_config(directory)) as collector:
        export(collector.grpc_port, requests())
        collector.terminate()
    return directory


@pytest.fixture(scope="module")
def verdicts() -> dict[str, set[bytes]]:
    """By policy: what the sidecar's policy of that name keeps."""
    sampling = SamplingSection.model_validate({"policies": ALONE})
    recorded = Recorded(sampling)
    for request in requests():
        recorded._add(request)
    decider = Decider(sampling)
    kept: dict[str, set[bytes]] = {policy["name"]: set() for policy in ALONE}
    for trace_id, facts in recorded.facts.items():
        for verdict in decider.verdicts(trace_id, facts):
            if verdict.kept:
                kept[verdict.policy].add(trace_id)
    return kept


@needs_collector
@pytest.mark.parametrize("number", range(len(ALONE)), ids=[policy["name"] for policy in ALONE])
def test_each_policy_keeps_the_same(collected: Path, verdicts: dict[str, set[bytes]], number: int) -> None:
    """Alone in a list, each policy keeps the same traces in both."""
    policy = ALONE[number]
    expected = kept_in(collected / f"alone-{number}.jsonl")
    if policy["name"] not in {"all", "every", "none"}:
        assert 10 <= len(expected) <= COUNT - 10
    assert verdicts[policy["name"]] == expected


@needs_collector
def test_the_list_keeps_the_same(collected: Path, tmp_path: Path) -> None:
    """A running sidecar with the list of a Collector forwards the traces that the Collector forwards."""
    policy = {
        "version": 1,
        "pii": {"enabled": False},
        "sampling": {"decision_wait": f"{WAIT_S}s", "policies": LISTED},
    }
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=json.dumps(policy)) as sidecar:
        export(sidecar.grpc_port, requests())
        wait_until("all is decided", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        kept = {span.trace_id for span in backend.spans()}
    expected = kept_in(collected / "list.jsonl")
    assert COUNT // 6 < len(expected) < COUNT * 5 // 6
    assert kept == expected
