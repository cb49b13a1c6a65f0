"""µs of CPU to price one call, beside `genai_prices.calc_price` in the same run.

The call has been read from its span already; every model, tier and day has been seen once.
"""

from __future__ import annotations

import time
import timeit
from datetime import UTC, datetime

import genai_prices
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.model_call import ModelCall, read_model_call
from processors.prices.pricer import Pricer

_TIME = datetime(2026, 11, 1, 12, tzinfo=UTC)
_CALLS: dict[str, dict[str, str | int]] = {
    "plain": {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"},
    "cached": {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.cache_read.input_tokens": 90_000,
        "gen_ai.usage.cache_write.input_tokens": 5_000,
    },
    "tiered": {"gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "gemini-2.5-pro"},
    "hourly": {"gen_ai.provider.name": "deepseek", "gen_ai.request.model": "deepseek-chat"},
}
_REPEAT, _NUMBER, _PACKAGE_NUMBER = 9, 50_000, 2_000


def _call(values: dict[str, str | int]) -> ModelCall:
    span = Span(kind=Span.SPAN_KIND_CLIENT)
    usage = {"gen_ai.usage.input_tokens": 100_000, "gen_ai.usage.output_tokens": 1_000}
    for key, value in ({"gen_ai.operation.name": "chat"} | usage | values).items():
        attribute = span.attributes.add(key=key).value
        if isinstance(value, str):
            attribute.string_value = value
        else:
            attribute.int_value = value
    call = read_model_call(span)
    assert call is not None
    return call


def _best_us(timer: timeit.Timer, number: int) -> float:
    return min(timer.repeat(_REPEAT, number)) / number * 1e6


def main() -> None:
    """Best of several runs: what it takes when nothing else disturbs."""
    pricer = Pricer()
    time_unix_nano = int(_TIME.timestamp()) * 10**9
    print(f"{'call':8} {'here':>8} {'calc_price':>12}   µs a call")
    for name, values in _CALLS.items():
        call = _call(values)
        here = timeit.Timer(lambda call=call: pricer.price(call, time_unix_nano), timer=time.process_time)  # type: ignore[misc]  # a default binds it
        usage = genai_prices.Usage(
            input_tokens=call.input_tokens,
            output_tokens=call.output_tokens,
            cache_read_tokens=call.cache_read_tokens,
            cache_write_tokens=call.cache_write_tokens,
        )
        there = timeit.Timer(
            lambda usage=usage, call=call: genai_prices.calc_price(  # type: ignore[misc]  # defaults bind them
                usage, call.request_model, provider_id=call.provider, genai_request_timestamp=_TIME
            ),
            timer=time.process_time,
        )
        print(f"{name:8} {_best_us(here, _NUMBER):8.2f} {_best_us(there, _PACKAGE_NUMBER):12.1f}")


if __name__ == "__main__":
    main()
