"""The chain around the processors: order, failure, splitting, and that every item is accounted for."""

from __future__ import annotations

import random

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.genai.matcher import MATCHER
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.processor import Report, Stamp, Stamps
from processors.transform import transform
from tests.support.chats import EMAIL, chat_trace, request_of


class Rename:
    """Writes what it was called with into the span names."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    span.name += self.suffix

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None: ...

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None: ...


class Broken(Rename):
    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        super().traces(request, stamps, report)
        raise ValueError(EMAIL)


class RejectAll(Rename):
    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        report.rejected_traces |= stamps.keys()


def payload(seed: int = 1) -> tuple[bytes, dict[bytes, Stamp]]:
    spans = chat_trace(random.Random(seed), error=True)
    return request_of(spans).SerializeToString(), {spans[0].trace_id: Stamp("errors")}


def test_processors_run_in_order() -> None:
    """The second sees what the first left."""
    raw, stamps = payload()
    done = transform(Signal.TRACES, [raw], stamps, (Rename("1"), Rename("2")), ContentDropper(MATCHER))
    request = ExportTraceServiceRequest.FromString(done.batches[0][0])
    assert all(span.name.endswith("12") for span in request.resource_spans[0].scope_spans[0].spans)


def test_several_payloads_become_one_batch() -> None:
    """What was kept of many requests leaves together."""
    (first, stamps), (second, more) = payload(1), payload(2)
    done = transform(Signal.TRACES, [first, second], {**stamps, **more}, (), ContentDropper(MATCHER))
    assert [items for _, items in done.batches] == [4]


def test_a_processor_that_raises_costs_the_text_and_names_only_its_class() -> None:
    """Fails closed: nothing of the half-processed batch leaves, and the message of the error is not told."""
    raw, stamps = payload()
    done = transform(Signal.TRACES, [raw], stamps, (Rename("x"), Broken("y")), ContentDropper(MATCHER))
    assert EMAIL.encode() not in done.batches[0][0]
    assert done.batches[0][1] == 2
    assert done.report.scrub_failures["ValueError"] == 2
    assert EMAIL not in repr(done.report)


def test_a_rejected_trace_does_not_leave_and_is_counted() -> None:
    """`on_failure: reject_trace`."""
    raw, stamps = payload()
    done = transform(Signal.TRACES, [raw], stamps, (RejectAll(""),), ContentDropper(MATCHER))
    assert done.batches == []
    assert done.rejected == {"scrub_failed": 2}


def test_a_large_result_is_split_and_nothing_is_lost() -> None:
    """Batches stay below the limit; items add up."""
    raw, stamps = payload()
    done = transform(Signal.TRACES, [raw] * 50, stamps, (), ContentDropper(MATCHER), max_batch_bytes=10_000)
    assert len(done.batches) > 5
    assert all(len(batch) <= 10_000 for batch, _ in done.batches)
    assert sum(items for _, items in done.batches) == 100


def test_logs_and_metrics_pass_without_a_stamp() -> None:
    """They belong to no decision."""
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add(severity_number=9)
    assert transform(Signal.LOGS, [logs.SerializeToString()], {}, (), ContentDropper(MATCHER)).batches[0][1] == 1
    metrics = ExportMetricsServiceRequest()
    metrics.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
    assert transform(Signal.METRICS, [metrics.SerializeToString()], {}, (), ContentDropper(MATCHER)).batches[0][1] == 1
