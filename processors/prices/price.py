"""What is asked of a price, and what it answers."""

from __future__ import annotations

from typing import NamedTuple

from processors.genai.model_call import ModelCall


class Tokens(NamedTuple):
    """Cache counts are within the input, reasoning is within the output; audio and images are within both."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    audio_cache_read: int = 0

    @classmethod
    def of(cls, call: ModelCall) -> Tokens:
        return cls(
            call.input_tokens or 0,
            call.output_tokens or 0,
            call.cache_read_tokens,
            call.cache_write_tokens,
            call.reasoning_tokens,
            call.audio_input_tokens,
            call.audio_output_tokens,
            call.audio_cache_read_tokens,
        )


class Cost(NamedTuple):
    """USD. `input` and `output` need not add up to `total`: some providers charge per request."""

    total: float
    input: float | None = None
    output: float | None = None
