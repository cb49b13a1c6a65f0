"""`cost`: prices each model call.

A cost that came with the span is respected. Otherwise the user's prices are asked, then the built-in list. A call
that neither knows has no cost, never 0, and is counted.
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
from processors.genai.model_call import ModelCall, read_model_call
from processors.pii.recognizers.exact import find_exact
from processors.prices.attributes import COST, cost_value, expand
from processors.prices.names import references
from processors.prices.overrides import LinearPrice, Override, PriceOverride, same_as_model
from processors.prices.price import Cost as Usd
from processors.prices.price import Tokens
from processors.prices.price_list import ListedModel, PriceList
from processors.processor import Report, Stamps
from processors.section import Section

SOURCE: Final = "genai_sidecar.cost.source"

_END_OF_TIME_NANO: Final = 2**63 - 1
"""For spans without any time: what holds last."""
_MAX_LABEL_CHARS: Final = 64
_NOT_IN_LABELS: Final = re.compile(r"[^A-Za-z0-9._:@+-]")
_MAX_MODELS: Final = 4096
_MAX_NAME_CHARS: Final = 256


class CostSection(Section):
    """What each model call cost, in USD."""

    attributes: Annotated[tuple[str, ...], Field(min_length=1)] = (COST,)
    """Where it is written: attribute keys, or profiles (openinference, langfuse, langsmith, langwatch, laminar,
    logfire, mlflow, openlit, sentry, signoz) that stand for the keys which that backend reads."""
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
        self._price_list = PriceList()
        self._overrides = [Override(override, self._price_list) for override in section.prices]
        self._list_source = f"genai-prices@{self._price_list.version}"
        self._known: dict[tuple[str | None, str | None, str | None], _Known] = {}

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    try:
                        self._span(span, report)
                    except Exception as error:  # noqa: BLE001  # one bad span costs its cost
                        report.unpriced[f"error:{type(error).__name__}"] += 1

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        """Log records have no cost."""

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics have no cost."""

    def price(self, call: ModelCall, time_unix_nano: int) -> tuple[Usd, str] | None:
        """The cost of a call and where it is from; None without usage or a price."""
        if call.reported_cost is not None:
            return Usd(call.reported_cost), "reported"
        if not call.has_usage:
            return None
        known = self._lookup(call)
        if known is None:
            return None
        priced, source = known
        cost = (
            priced(Tokens.of(call)) if isinstance(priced, LinearPrice) else priced.at(time_unix_nano)(Tokens.of(call))
        )
        return (cost, source) if cost is not None else None

    def _span(self, span: Span, report: Report) -> None:
        call = read_model_call(span)
        if call is None or not call.is_single:
            return
        time = span.start_time_unix_nano or span.end_time_unix_nano or _END_OF_TIME_NANO
        priced = self.price(call, time)
        if priced is None:
            report.unpriced[_label(call)] += 1
            return
        cost, source = priced
        self._write(span, cost, Tokens.of(call), source)
        report.priced_usd += cost.total

    def _lookup(self, call: ModelCall) -> _Known:
        key = (call.provider, call.response_model, call.request_model)
        if key in self._known:
            return self._known[key]
        if any(name and len(name) > _MAX_NAME_CHARS for name in key):
            return None
        known = self._looked_up(call)
        if len(self._known) >= _MAX_MODELS:
            self._known.clear()
        self._known[key] = known
        return known

    def _looked_up(self, call: ModelCall) -> _Known:
        for override in self._overrides:
            if override.fits(call):
                priced = override.linear or override.listed
                return (priced, "policy") if priced is not None else None
        models = tuple(dict.fromkeys(model for model in (call.response_model, call.request_model) if model))
        listed = self._price_list.find(references(call.provider, models))
        return (listed, self._list_source) if listed is not None else None

    def _write(self, span: Span, cost: Usd, tokens: Tokens, source: str) -> None:
        there = {attribute.key: attribute.value for attribute in span.attributes}
        for key in self._keys:
            value = cost_value(key, cost, tokens)
            if value is not None:
                _put(span, there, key, value)
        there_already = there.get(SOURCE)
        if there_already is None or source != "reported":
            _put(span, there, SOURCE, AnyValue(string_value=source), replace=True)


_Known = tuple[LinearPrice | ListedModel, str] | None


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
