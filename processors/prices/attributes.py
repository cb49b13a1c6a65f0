"""Where costs are written: attribute keys, and for each backend the ones that it reads. docs/backends.md has the sources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.prices.price import Cost, Tokens

COST: Final = "gen_ai.usage.cost"

_OPENINFERENCE: Final = ("llm.cost.total", "llm.cost.prompt", "llm.cost.completion")

PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    "openinference": _OPENINFERENCE,
    "arize": _OPENINFERENCE,
    "futureagi": ("gen_ai.cost.total", "gen_ai.cost.input", "gen_ai.cost.output"),
    "judgment": ("judgment.usage.total_cost_usd",),
    "langfuse": ("langfuse.observation.cost_details",),
    "langsmith": ("langsmith.usage_metadata",),
    "langwatch": (COST,),
    "latitude": (COST,),
    "laminar": (COST,),  # it reads a breakdown under gen_ai.usage.* as well, where Langfuse would take it for tokens
    "logfire": ("operation.cost",),
    "mlflow": ("mlflow.llm.cost",),
    "openlit": (COST,),
    "opik": (COST,),
    "sentry": ("gen_ai.cost.total_tokens", "gen_ai.cost.input_tokens", "gen_ai.cost.output_tokens"),
    "signoz": (COST,),
}

READ_NO_COST: Final = ("datadog", "phoenix")
"""Backends that are known to price calls by their own lists, whatever is on the span."""


def expand(entries: Iterable[str]) -> tuple[str, ...]:
    """Profile names as the keys they stand for, each key once.

    Raises ValueError for an entry that cannot be written.
    """
    keys: dict[str, None] = {}
    for entry in entries:
        if entry in PROFILES:
            keys.update(dict.fromkeys(PROFILES[entry]))
        elif entry in READ_NO_COST:
            raise ValueError(f"{entry!r}: this backend reads no cost from spans, it computes its own from the tokens")
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


def cost_value(key: str, cost: Cost, tokens: Tokens) -> AnyValue | None:
    """What belongs under `key`; None if this cost does not tell."""
    if key == "langsmith.usage_metadata":
        return _langsmith(cost, tokens)
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


def _langsmith(cost: Cost, tokens: Tokens) -> AnyValue:
    """It takes the place of all that the span says about usage, so the tokens are repeated in it."""
    usage: dict[str, object] = {}
    if tokens.input or tokens.output:
        usage |= {
            "input_tokens": tokens.input,
            "output_tokens": tokens.output,
            "total_tokens": tokens.input + tokens.output,
        }
        details = {"cache_read": tokens.cache_read, "cache_creation": tokens.cache_write, "audio": tokens.audio_input}
        if any(details.values()):
            usage["input_token_details"] = {name: count for name, count in details.items() if count}
        details = {"reasoning": tokens.reasoning, "audio": tokens.audio_output}
        if any(details.values()):
            usage["output_token_details"] = {name: count for name, count in details.items() if count}
    return _json(usage | {"input_cost": cost.input, "output_cost": cost.output, "total_cost": cost.total})


def _json(parts: Mapping[str, object]) -> AnyValue:
    return AnyValue(string_value=json.dumps({key: part for key, part in parts.items() if part is not None}))


_WRITERS: Final[Mapping[str, Callable[[Cost], AnyValue | None]]] = {
    "llm.cost.prompt": _input,
    "llm.cost.completion": _output,
    "gen_ai.cost.input": _input,
    "gen_ai.cost.output": _output,
    "gen_ai.cost.input_tokens": _input,
    "gen_ai.cost.output_tokens": _output,
    "langfuse.observation.cost_details": _langfuse,
    "mlflow.llm.cost": _mlflow,
}
