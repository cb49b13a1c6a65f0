"""Where costs are written: attribute keys, and for each backend the ones that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.prices.price import Cost

COST: Final = "gen_ai.usage.cost"

PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    "openinference": ("llm.cost.total", "llm.cost.prompt", "llm.cost.completion"),
    "langfuse": ("langfuse.observation.cost_details",),
    "logfire": ("operation.cost",),
    "laminar": (COST,),  # it reads a breakdown under gen_ai.usage.* as well, where Langfuse would take it for tokens
    "sentry": ("gen_ai.cost.total_tokens", "gen_ai.cost.input_tokens", "gen_ai.cost.output_tokens"),
    "mlflow": ("mlflow.llm.cost",),
}


def expand(entries: Iterable[str]) -> tuple[str, ...]:
    """Profile names as the keys they stand for, each key once.

    Raises ValueError for an entry that cannot be written.
    """
    keys: dict[str, None] = {}
    for entry in entries:
        if entry in PROFILES:
            keys.update(dict.fromkeys(PROFILES[entry]))
        elif "." not in entry:
            raise ValueError(
                f"{entry!r} is neither an attribute key with a dot in it nor a profile; profiles: {', '.join(PROFILES)}"
            )
        elif entry.startswith("gen_ai.usage.") and entry != COST:
            raise ValueError(f"{entry!r}: gen_ai.usage.* takes {COST} only, for backends count any other as tokens")
        elif entry.startswith("genai_sidecar."):
            raise ValueError(f"{entry!r}: genai_sidecar.* is for the sidecar's own attributes")
        else:
            keys[entry] = None
    return tuple(keys)


def cost_value(key: str, cost: Cost) -> AnyValue | None:
    """What belongs under `key`; None if this cost does not tell."""
    return _WRITERS.get(key, _total)(cost)


def _double(usd: float | None) -> AnyValue | None:
    return None if usd is None else AnyValue(double_value=usd)


def _total(cost: Cost) -> AnyValue | None:
    return _double(cost.total)


def _input(cost: Cost) -> AnyValue | None:
    return _double(cost.input)


def _output(cost: Cost) -> AnyValue | None:
    return _double(cost.output)


def _langfuse(cost: Cost) -> AnyValue | None:
    return _json({"input": cost.input, "output": cost.output, "total": cost.total})


def _mlflow(cost: Cost) -> AnyValue | None:
    return _json({"input_cost": cost.input, "output_cost": cost.output, "total_cost": cost.total})


def _json(parts: Mapping[str, float | None]) -> AnyValue:
    return AnyValue(string_value=json.dumps({key: usd for key, usd in parts.items() if usd is not None}))


_WRITERS: Final[Mapping[str, Callable[[Cost], AnyValue | None]]] = {
    "llm.cost.prompt": _input,
    "llm.cost.completion": _output,
    "gen_ai.cost.input_tokens": _input,
    "gen_ai.cost.output_tokens": _output,
    "langfuse.observation.cost_details": _langfuse,
    "mlflow.llm.cost": _mlflow,
}
