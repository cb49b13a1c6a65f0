"""vLLM and SGLang, on the server's side of a call: the client's span has the same tokens. Times are in seconds."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

VLLM: Final = Dialect(
    "vllm",
    title="vLLM, SGLang (server spans)",
    keys=(
        # The call
        Key("gen_ai.latency.time_to_first_token", Role.TTFT, Format.SECONDS),
        # The rest
        Key("gen_ai.request.id", Role.MISC, Format.PLAIN),
        Key("gen_ai.latency.time_in_queue", Role.MISC, Format.SECONDS),
        Key("gen_ai.latency.e2e", Role.MISC, Format.SECONDS),
        Key("gen_ai.latency.time_in_model_prefill", Role.MISC, Format.SECONDS),
        Key("gen_ai.latency.time_in_model_decode", Role.MISC, Format.SECONDS),
    ),
    scopes=(
        "vllm*",
        "sglang*",
    ),
    markers=("gen_ai.latency.*",),
)
