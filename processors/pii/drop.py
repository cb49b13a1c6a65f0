"""The last resort: a batch that crashed the scrubber leaves without its text.

Nothing is searched, so nothing can go wrong in searching: what is not on a list of harmless keys, in a harmless form,
is removed. Ids, times, statuses and numbers stay, so that the trace still tells that something ran, failed and cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.roles import Standing
from processors.pii.actions import REMOVED
from processors.pii.places import Attributes, Body, Field, Place, log_places, metric_places, trace_places
from processors.pii.slots import ContentMatcher
from processors.processor import Report, Stamps

HARMLESS_KEYS: Final = frozenset(
    {
        "service.name",
        "service.namespace",
        "service.version",
        "deployment.environment",
        "deployment.environment.name",
        "telemetry.sdk.name",
        "telemetry.sdk.language",
        "telemetry.sdk.version",
        "telemetry.distro.name",
        "telemetry.distro.version",
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.system",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.response.finish_reasons",
        "gen_ai.output.type",
        "gen_ai.token.type",
        "gen_ai.tool.type",
        "gen_ai.evaluation.score.label",
        "llm.model_name",
        "llm.provider",
        "llm.system",
        "llm.request.type",
        "openinference.span.kind",
        "traceloop.span.kind",
        "ai.model.id",
        "ai.model.provider",
        "ai.operationId",
        "langfuse.observation.type",
        "langfuse.observation.model.name",
        "error.type",
        "exception.type",
        "http.request.method",
        "http.response.status_code",
        "rpc.system",
        "rpc.grpc.status_code",
        "otel.status_code",
        "genai_sidecar.cost.source",
        "genai_sidecar.prompt.hash",
        "genai_sidecar.system_prompt.hash",
        "genai_sidecar.completion.hash",
        "genai_sidecar.tool_definitions.hash",
        "genai_sidecar.prompt.template.hash",
        "genai_sidecar.message.hash",
        "genai_sidecar.sampling.policy",
        "genai_sidecar.sampling.late",
        "genai_sidecar.sampling.dry_run",
    }
)
"""String attributes that name programs, models and outcomes, never people."""

_OPERATION_KEYS: Final = ("gen_ai.operation.name",)
_MODEL_KEYS: Final = ("gen_ai.request.model", "gen_ai.response.model", "llm.model_name", "ai.model.id")
_MAX_NAME_CHARS: Final = 128
_NAME_SIGNS: Final = frozenset("._-/:+")
_NUMBER_LIMIT: Final = 10**11
"""Numbers from here on may be card or account numbers."""
_REASON: Final = "content_dropped"


class ContentDropper:
    """Removes all free text, without looking at it. Stands in for `Pii` and the processors after it."""

    def __init__(self, matcher: ContentMatcher) -> None:
        self._matcher = matcher

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        spans = [span for group in request.resource_spans for scope in group.scope_spans for span in scope.spans]
        names = {id(span): _name_of(span) for span in spans}
        self._clean(trace_places(request))
        for span in spans:
            span.name = names[id(span)]
        report.scrub_failures[_REASON] += len(spans)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        self._clean(log_places(request))
        report.scrub_failures[_REASON] += sum(
            len(scope.log_records) for group in request.resource_logs for scope in group.scope_logs
        )

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        request.DiscardUnknownFields()
        self._clean(metric_places(request))
        report.scrub_failures[_REASON] += sum(
            len(scope.metrics) for group in request.resource_metrics for scope in group.scope_metrics
        )

    def _clean(self, places: Iterable[Place]) -> None:
        for place in places:
            match place:
                case Body():
                    place.value.Clear()
                    place.value.string_value = REMOVED
                case Field():
                    if not _is_name(getattr(place.message, place.name)):
                        setattr(place.message, place.name, place.fallback)
                case Attributes():
                    self._clean_attributes(place)

    def _clean_attributes(self, place: Attributes) -> None:
        keys = self._matcher.for_scope(place.scope)
        for index in range(len(place.values) - 1, -1, -1):
            kv = place.values[index]
            if keys.standing(kv.key, place.event) is Standing.CONTENT or not _is_harmless(kv):
                del place.values[index]


def _is_harmless(kv: KeyValue) -> bool:
    if not _is_name(kv.key):
        return False
    if kv.key in HARMLESS_KEYS:
        kind = kv.value.WhichOneof("value")
        values = kv.value.array_value.values if kind == "array_value" else (kv.value,)
        return all(_is_harmless_scalar(value) or _is_name(value.string_value) for value in values)
    return _is_harmless_scalar(kv.value)


def _is_harmless_scalar(value: AnyValue) -> bool:
    match value.WhichOneof("value"):
        case "bool_value":
            return True
        case "int_value":
            return abs(value.int_value) < _NUMBER_LIMIT
        case "double_value":
            return abs(value.double_value) < _NUMBER_LIMIT
        case _:
            return False


def _is_name(value: str) -> bool:
    """Whether it is one word in the form of a program's name."""
    return 0 < len(value) <= _MAX_NAME_CHARS and all(c.isalnum() or c in _NAME_SIGNS for c in value.removeprefix("@"))


def _name_of(span: Span) -> str:
    """Operation and model, where both are names; the name that came with the span may hold anything."""
    values = {kv.key: kv.value.string_value for kv in span.attributes}
    words = [
        next((values[key] for key in keys if _is_name(values.get(key, ""))), "")
        for keys in (_OPERATION_KEYS, _MODEL_KEYS)
    ]
    return " ".join(filter(None, words)) or REMOVED
