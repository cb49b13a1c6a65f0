"""What a call cost, as it came with the span."""

from __future__ import annotations

from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.anyvalue import number
from processors.genai.call.values import json_of, number_of

_MILLION: Final = 1_000_000


def usd_of(value: AnyValue) -> float | None:
    """A number, or the total of an object such as `{"total": 0.1}` (Langfuse) or `{"total_cost": 0.1}` (MLflow)."""
    cost = number_of(value)
    if cost is None and value.WhichOneof("value") in {"string_value", "kvlist_value"}:
        cost = _total(value)
    return cost if cost is not None and cost >= 0 else None


def micro_usd_of(value: AnyValue) -> float | None:
    cost = usd_of(value)
    return None if cost is None else cost / _MILLION


def _total(value: AnyValue) -> float | None:
    if value.string_value and value.string_value.lstrip()[:1] not in {"{", '"'}:
        return None
    parsed = json_of(value)
    if not isinstance(parsed, dict) or not parsed:
        return None
    try:
        for key in ("total", "total_cost"):
            if key in parsed:
                return number(AnyValue(double_value=float(parsed[key])))
        return number(AnyValue(double_value=sum(float(part) for part in parsed.values())))
    except (ValueError, TypeError, OverflowError):
        return None
