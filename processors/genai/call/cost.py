"""What a call cost, as it came with the span."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.anyvalue import number
from processors.genai.call.values import json_of, number_of

_MILLION: Final = 1_000_000
_TICKS: Final = 10_000_000_000


def usd_of(value: AnyValue) -> float | None:
    """A number, or the total of an object such as `{"total": 0.1}` (Langfuse) or `{"total_cost": 0.1}` (MLflow).

    A text may name the currency, if that is USD: `0.1USD` (Quarkus).
    """
    cost = number_of(value)
    if cost is None and value.WhichOneof("value") in {"string_value", "kvlist_value"}:
        text = value.string_value.rstrip()
        unnamed = text.removesuffix("USD")
        cost = _total(value) if unnamed == text else number(AnyValue(string_value=unnamed))
    return cost if cost is not None and cost >= 0 else None


def micro_usd_of(value: AnyValue) -> float | None:
    cost = usd_of(value)
    return None if cost is None else cost / _MILLION


def ticks_usd_of(value: AnyValue) -> float | None:
    """XAI's own unit."""
    cost = usd_of(value)
    return None if cost is None else cost / _TICKS


def priced_usage_usd(value: AnyValue) -> float | None:
    """Of LangSmith's usage, where token counts stand beside `total_cost`, `input_cost` and `output_cost`."""
    usage = json_of(value)
    if not isinstance(usage, dict):
        return None
    cost = _sum_of(usage, ("total_cost",)) if "total_cost" in usage else _sum_of(usage, ("input_cost", "output_cost"))
    return cost if cost is not None and cost >= 0 else None


def _total(value: AnyValue) -> float | None:
    if value.string_value and value.string_value.lstrip()[:1] not in {"{", '"'}:
        return None
    parsed = json_of(value)
    if not isinstance(parsed, dict):
        return None
    total = next((key for key in ("total", "total_cost") if key in parsed), None)
    # Token counts among the parts are no USD.
    return _sum_of(parsed, [key for key in parsed if "token" not in key.lower()] if total is None else [total])


def _sum_of(parts: Mapping[str, Any], keys: Iterable[str]) -> float | None:
    try:
        found = [float(parts[key]) for key in keys if key in parts]
    except (ValueError, TypeError, OverflowError):
        return None
    return number(AnyValue(double_value=sum(found))) if found else None
