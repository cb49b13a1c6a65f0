"""Marks the spans of kept traces with the policy that kept them and with what they stand for."""

from __future__ import annotations

from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.processor import Report, Stamp, Stamps
from processors.sampling.tracestate import compose

POLICY_KEY: Final = "genai_sidecar.sampling.policy"
LATE_KEY: Final = "genai_sidecar.sampling.late"
DRY_RUN_KEY: Final = "genai_sidecar.sampling.dry_run"

_KEYS: Final = frozenset((POLICY_KEY, LATE_KEY, DRY_RUN_KEY))


class SamplingStamp:
    """A Processor. What a span says already under our keys, an earlier sidecar's stamp or a forgery, is replaced."""

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # nothing to report
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    stamp = stamps.get(span.trace_id)
                    if stamp is not None:
                        _stamp(span, stamp)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        """Log records carry no stamp."""

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics belong to no trace."""


def _stamp(span: Span, stamp: Stamp) -> None:
    attributes = span.attributes
    for index in range(len(attributes) - 1, -1, -1):
        if attributes[index].key in _KEYS:
            del attributes[index]
    attributes.append(KeyValue(key=POLICY_KEY, value=AnyValue(string_value=stamp.policy)))
    if stamp.late:
        attributes.append(KeyValue(key=LATE_KEY, value=AnyValue(bool_value=True)))
    if stamp.would is not None:
        # Nothing was sampled: what the tracestate says of the samplers before us stays true.
        attributes.append(KeyValue(key=DRY_RUN_KEY, value=AnyValue(string_value=stamp.would)))
        return
    span.trace_state = compose(span.trace_state, span.trace_id, stamp.threshold, stamp.randomness)
