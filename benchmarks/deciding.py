"""What sampling costs: observing spans for policies, and deciding a hundred thousand traces that are due at once.

1. µs per span that observing takes beyond the bare pass (one policy that looks at nothing but the status): for ten
   policies of the Collector's kind on spans of 15 attributes, and for the policies that know model calls.
2. Seconds until 100,000 due traces are decided, with the pipeline, the ledger and an outbox in memory or on disk; and
   the longest time for which the event loop was held meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from benchmarks.load import requests
from processors.otlp.signal import Signal
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from processors.transform import Transformed
from sidecar.clock import SystemClock
from sidecar.garbage import collect_garbage
from sidecar.intake import Admitted
from sidecar.metrics import Metrics
from sidecar.pipeline import Pipeline
from sidecar.storage.config import StorageConfig
from sidecar.storage.stores import open_stores
from sidecar.transform.transformer import Job, Transformer

_SPANS = 50
"""Of a request."""
_BARE = [{"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}}]
_COLLECTOR = [
    *_BARE,
    {"name": "slow", "type": "latency", "latency": {"threshold_ms": 5000}},
    {"name": "routine", "type": "probabilistic", "probabilistic": {"sampling_percentage": 10}},
    {"name": "codes", "type": "numeric_attribute", "numeric_attribute": {"key": "http.status_code", "min_value": 500}},
    {
        "name": "checkout",
        "type": "string_attribute",
        "string_attribute": {"key": "service.name", "values": ["checkout"]},
    },
    {
        "name": "routes",
        "type": "string_attribute",
        "string_attribute": {"key": "http.route", "values": ["/api/.*"], "enabled_regex_matching": True},
    },
    {"name": "debug", "type": "boolean_attribute", "boolean_attribute": {"key": "app.debug", "value": True}},
    {"name": "large", "type": "span_count", "span_count": {"min_spans": 200}},
    {"name": "flagged", "type": "trace_state", "trace_state": {"key": "vendor", "values": ["keep"]}},
    {
        "name": "both",
        "type": "and",
        "and": {
            "and_sub_policy": [
                {"name": "slower", "type": "latency", "latency": {"threshold_ms": 1000}},
                {
                    "name": "writes",
                    "type": "string_attribute",
                    "string_attribute": {"key": "http.method", "values": ["POST", "PUT"]},
                },
            ]
        },
    },
]
_LLM = {
    "score": {"below": 0.5},
    "cost": {"above_usd": 0.5},
    "tokens": {"total_above": 20_000},
    "ttft": {"threshold_ms": 5000},
    "finish_reason": {"reasons": ["length", "content_filter"]},
    "error_type": {"types": ["timeout", "rate_limit"]},
    "agent_loop": {},
    "new_prompt": {},
    "user_feedback": {},
    "pii": {"entity_types": ["CREDIT_CARD"]},
}


def _section(policies: Sequence[Mapping[str, Any]]) -> SamplingSection:
    return SamplingSection.model_validate({"policies": policies, "decision_wait": "1s"})


def _fifteen_attributes(count: int) -> list[ExportTraceServiceRequest]:
    draw = random.Random(1)
    made = []
    for _ in range(count):
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        group.resource.attributes.add(key="service.name").value.string_value = "shop"
        scope = group.scope_spans.add()
        for _ in range(_SPANS):
            span = scope.spans.add(trace_id=draw.randbytes(16), span_id=draw.randbytes(8), name="GET /orders")
            span.start_time_unix_nano, span.end_time_unix_nano = 10**18, 10**18 + draw.randrange(10**9)
            span.attributes.add(key="http.status_code").value.int_value = 200
            span.attributes.add(key="app.debug").value.bool_value = False
            span.attributes.add(key="http.method").value.string_value = "GET"
            span.attributes.add(key="http.route").value.string_value = "/orders"
            for number in range(11):
                span.attributes.add(key=f"app.field.{number}").value.string_value = f"value {draw.randrange(1000)}"
        made.append(request)
    return made


def _observe_us(section: SamplingSection, parsed: list[ExportTraceServiceRequest]) -> float:
    """Of the best of five passes."""
    observer = Observer(section)
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for request in parsed:
            observer.traces(request)
        best = min(best, time.perf_counter() - began)
    return best / (len(parsed) * _SPANS) * 1e6


def _reading_us(parsed: list[ExportTraceServiceRequest], asked: Mapping[str, Callable[[AnyValue], object]]) -> float:
    """Of a pass that looks up every key and does nothing but read the values asked for."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for request in parsed:
            for span in request.resource_spans[0].scope_spans[0].spans:
                for attribute in span.attributes:
                    read = asked.get(attribute.key)
                    if read is not None:
                        read(attribute.value)
        best = min(best, time.perf_counter() - began)
    return best / (len(parsed) * _SPANS) * 1e6


def _observing(count: int) -> None:
    general = _fifteen_attributes(count)
    bare = _observe_us(_section(_BARE), general)
    one_pass = _observe_us(_section([*_BARE, _COLLECTOR[6]]), general)
    ten = _observe_us(_section(_COLLECTOR), general)
    print("Observing, µs per span of 15 attributes")
    print(f"  no policy that reads attributes   {bare:6.2f}")
    print(f"  one: the bare pass                {one_pass:6.2f}")
    print(f"  ten policies of the Collector     {ten:6.2f}   beyond the bare pass {ten - one_pass:5.2f}")
    text, number = attrgetter("string_value"), attrgetter("int_value")
    read = _reading_us(general, {"http.method": text, "http.route": text, "http.status_code": number})
    print(f"    of which reading their values   {read - _reading_us(general, {}):6.2f}")
    calls = [ExportTraceServiceRequest.FromString(body) for body in requests(count, _SPANS, 1_500, seed=2)]
    bare = _observe_us(_section([*_BARE, _COLLECTOR[6]]), calls)
    print(f"Observing, µs per model call of 1,500 bytes; the bare pass {bare:.2f}; beyond it")
    policies = [{"name": name, "type": name, **({name: body} if body else {})} for name, body in _LLM.items()]
    for policy in policies:
        print(f"  {policy['type']:14} {_observe_us(_section([policy]), calls) - bare:6.2f}")
    print(f"  {'all of them':14} {_observe_us(_section([*_COLLECTOR, *policies]), calls) - bare:6.2f}")


class _Watch:
    """The longest stretch for which the event loop was held."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def run(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - before)
            before = now


class _Due(SystemClock):
    """Moves on when told to."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


class _Nothing(Transformer):
    """Deciding is measured, not what becomes of what is kept."""

    def __init__(self) -> None:
        """Without a worker process."""

    async def run(self, job: Job) -> Transformed:
        del job
        return Transformed([])


async def _deciding(directory: Path | None, bodies: list[bytes], traces: int) -> None:
    stores = open_stores(
        StorageConfig(directory=directory, max_size_mib=1024),
        {"backend": 64 << 20},
        on_done=lambda _batch, _outcomes: None,
        on_event=lambda _store, _event: None,
        clock=SystemClock(),
    )
    clock = _Due()
    pipeline = Pipeline(
        SamplingSection.model_validate({"policies": _COLLECTOR, "decision_wait": "10m"}),
        journal=stores.journal,
        outbox=stores.outbox,
        transformer=_Nothing(),
        metrics=Metrics(),
        clock=clock,
    )
    watch = _Watch()
    work = pipeline.run_decisions(), pipeline.run_transforms(), collect_garbage(SystemClock())
    tasks = [asyncio.create_task(each) for each in work]
    await asyncio.sleep(0)  # what is loaded by now is not collected again
    for body in bodies:
        request = ExportTraceServiceRequest.FromString(body)
        await pipeline.accept(Admitted(Signal.TRACES, body, request, _SPANS))
    books = pipeline._ledger  # noqa: SLF001  # nobody but a benchmark wants to know the moment
    assert books.waiting_traces == traces
    began = time.perf_counter()
    gc.collect()
    collected_s = time.perf_counter() - began
    tasks.append(asyncio.create_task(watch.run()))
    clock.ahead_s = 3600.0
    while books.waiting_traces == traces:  # noqa: ASYNC110  # an event would have to be set by what is measured
        await asyncio.sleep(0)
    watch.longest_s = 0.0
    began = time.perf_counter()
    while books.waiting_traces:  # noqa: ASYNC110  # see above
        await asyncio.sleep(0)
    took_s = time.perf_counter() - began
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await stores.close()
    where = "memory" if directory is None else "on disk"
    print(
        f"  {where:8} {took_s:6.2f} s, event loop held for at most {watch.longest_s * 1e3:5.1f} ms;"
        f" a full garbage collection before it {collected_s * 1e3:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deciding", description=__doc__)
    parser.add_argument("--requests", type=int, default=100, help="of 50 spans each, for observing")
    parser.add_argument("--traces", type=int, default=100_000)
    options = parser.parse_args()
    _observing(options.requests)
    bodies = requests(options.traces // _SPANS, _SPANS, 600, seed=3)
    print(f"Deciding {options.traces} due traces by ten policies of the Collector")
    asyncio.run(_deciding(None, bodies, options.traces))
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_deciding(Path(name) / "data", bodies, options.traces))


if __name__ == "__main__":
    main()
