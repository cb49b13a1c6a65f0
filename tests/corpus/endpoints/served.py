"""What an endpoint answered, and the record of it: the truth that a recording is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.corpus.conversation import EMBEDDING_TOKENS, Turn

NOTHING: Final[dict[str, Any]] = {
    "response_model": None,
    "response_id": None,
    "input_tokens": 0,
    "output_tokens": 0,
    "cache_read_tokens": 0,
    "cache_write_tokens": 0,
    "reasoning_tokens": 0,
    "finish_reason": None,
    "stream": False,
    "status": 200,
    "usage_sent": True,
}
"""What a recording leaves out of its header."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any] | str | bytes
    """A dict is sent as JSON, a text as server-sent events, bytes as an AWS event stream."""
    record: dict[str, Any] | None


def served(
    api: str,
    turn: Turn | None,
    asked: str,
    model: str,
    *,
    stream: bool,
    response_id: str | None = None,
    finish: str | None = None,
) -> dict[str, Any]:
    """One model call. Tokens: cached ones within input, reasoning within output. No turn: embeddings."""
    failed = turn is not None and turn.status != 200
    return {
        "call": turn.name if turn else "embeddings",
        "api": api,
        "request_model": asked,
        "response_model": None if failed else model,
        "response_id": None if failed else response_id,
        "input_tokens": turn.input_tokens if turn else EMBEDDING_TOKENS,
        "output_tokens": turn.output_tokens if turn else 0,
        "cache_read_tokens": turn.cache_read_tokens if turn else 0,
        "cache_write_tokens": turn.cache_write_tokens if turn else 0,
        "reasoning_tokens": turn.reasoning_tokens if turn else 0,
        "finish_reason": None if failed else finish,
        "stream": stream,
        "status": turn.status if turn else 200,
        "usage_sent": not failed,
    }
