"""`cost`: prices each model call.

A cost that came with the span is respected. Otherwise the user's prices are asked, then the built-in list. A call
that neither knows has no cost, never 0, and is counted. Where several spans of a trace tell of one call, one of them
is priced (`processors/genai/call_pairs.py`).
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import Field, field_validator

from processors.genai.anyvalue import number
from processors.genai.call_pairs import SeenSpan, duplicate_calls
from processors.genai.model_call import ModelCall, read_model_call
from processors.pii.recognizers.exact import find_exact
from processors.prices.attributes import COST, cost_value, expand
from processors.prices.overrides import PriceOverride, same_as_model
from processors.prices.price import Cost as Usd
from processors.prices.price import Tokens
from processors.prices.price_list import PriceList
from processors.prices.pricer import REPORTED, Pricer
from processors.processor import Report, Stamps
from processors.section import Section

SOURCE: Final = "genai_sidecar.cost.source"

_END_OF_TIME_NANO: Final = 2**63 - 1
"""For spans without any time: what holds last."""
_MAX_LABEL_CHARS: Final = 64
_NOT_IN_LABELS: Final = re.compile(r"[^A-Za-z0-9._:@+-]")


class CostSection(Section):
    """What each model call cost, in USD."""

    attributes: Annotated[tuple[str, ...], Field(min_length=1)] = (COST,)
    """Where it is written: attribute keys, or profiles (openinference, arize, futureagi, judgment, langfuse, langsmith,
    langwatch, latitude, laminar, logfire, mlflow, openlit, opik, sentry, signoz) that stand for the keys which that backend
    reads."""
    prices: tuple[PriceOverride, ...] = ()
    """Prices that come before the built-in list."""

    @field_validator("attributes")
    @classmethod
    def _can_be_written(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        expand(value)
        return value


class Cost:
    """Writes the cost of each model call and where it is from. Loads the price list when created."""

    def __init__(self, section: CostSection) -> None:
        self._keys = expand(section.attributes)
        self.pricer = Pricer(section.prices)

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        spans: list[SeenSpan] = []
        for group in request.resource_spans:
            for scope in group.scope_spans:
                name = scope.scope.name
                for span in scope.spans:
                    try:
                        spans.append(SeenSpan(span, name, read_model_call(span, name)))
                    except Exception as error:  # noqa: BLE001  # one bad span costs its cost
                        _count_failure(report, error)
        try:
            duplicates = duplicate_calls(spans)
        except Exception as error:  # noqa: BLE001  # calls counted twice are better than calls not counted
            _count_failure(report, error)
            duplicates = set()
        for span, _, call in spans:
            if call is None or not call.is_single or (span.trace_id, span.span_id) in duplicates:
                continue
            try:
                self._span(span, call, report)
            except Exception as error:  # noqa: BLE001  # one bad span costs its cost
                _count_failure(report, error)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        """Log records have no cost."""

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics have no cost."""

    def _span(self, span: Span, call: ModelCall, report: Report) -> None:
        start, end = span.start_time_unix_nano, span.end_time_unix_nano
        duration_s = max(0, end - start) / 1e9 if start and end else 0.0
        priced = self.pricer.price(call, start or end or _END_OF_TIME_NANO, duration_s)
        if not call.has_usage:
            if priced is None and call.error is not None:
                return  # nothing was used, as far as anybody knows
            report.missing_usage["streaming" if call.is_streaming else "plain"] += 1
        if priced is None:
            report.unpriced[_label(call)] += 1
            return
        cost, source = priced
        self._write(span, cost, Tokens.of(call), source)
        report.priced_usd += cost.total

    def _write(self, span: Span, cost: Usd, tokens: Tokens, source: str) -> None:
        there = {attribute.key: attribute.value for attribute in span.attributes}
        for key in self._keys:
            value = cost_value(key, cost, tokens)
            if value is not None:
                _put(span, there, key, value)
        there_already = there.get(SOURCE)
        if there_already is None or source != REPORTED:
            _put(span, there, SOURCE, AnyValue(string_value=source), replace=True)


def _count_failure(report: Report, error: Exception) -> None:
    report.unpriced[f"error:{type(error).__name__}"] += 1


def _put(span: Span, there: dict[str, AnyValue], key: str, value: AnyValue, *, replace: bool = False) -> None:
    """Never over a cost that is there; something else under the key is no cost."""
    old = there.get(key)
    if old is None:
        span.attributes.add(key=key).value.CopyFrom(value)
    elif replace or (value.HasField("double_value") and not _is_cost(old)):
        old.CopyFrom(value)


def _is_cost(value: AnyValue) -> bool:
    usd = number(value)
    return usd is not None and usd >= 0 and not value.HasField("bool_value")


def _label(call: ModelCall) -> str:
    """`provider/model`, or `no_usage:provider/model` where there was nothing to price. Short and printable."""
    label = "/".join(map(_name_in_label, (call.provider, call.model)))
    return label if call.has_usage else f"no_usage:{label}"


def _name_in_label(name: str | None) -> str:
    """Metrics are read by more people than spans, and nothing scrubs them later: a name with a secret in it stays out."""
    if name is None:
        return "unknown"
    if any(find_exact(name)):
        return "redacted"
    return _NOT_IN_LABELS.sub("_", name[:_MAX_LABEL_CHARS]) or "unknown"


def unknown_models(section: CostSection) -> list[str]:
    """The `same_as` of the section that the built-in price list does not have: calls that fit them get no cost."""
    wanted = [override.same_as for override in section.prices if override.same_as is not None]
    if not wanted:
        return []
    price_list = PriceList()
    return [same_as for same_as in wanted if same_as_model(same_as, price_list) is None]
