"""What a receiver hands on and what it may be told: the seam between `receivers/` and `pipeline.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from processors.genai.score_report import ScoreReport
from processors.otlp.signal import Request, Signal

Source: TypeAlias = Signal | Literal["scores"]
"""What a request brought, or would have."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that passed the guard: `request` is `raw` parsed."""

    signal: Signal
    raw: bytes
    request: Request
    items: int
    """Spans, log records or metrics in `request`."""
    rejected_items: int = 0
    """Items that came with it but could not be read; they are no longer in `raw`."""
    rejected_reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the client is told of an accepted request: OTLP's `partial_success`."""

    rejected_items: int = 0
    message: str = ""


class BadData(Exception):  # noqa: N818  # named for what the client sent
    """The request is not OTLP, or not scores. Not retryable: INVALID_ARGUMENT, 400."""


class TooLarge(Exception):  # noqa: N818  # see BadData
    """Over a size or item limit. Not retryable: RESOURCE_EXHAUSTED without RetryInfo, 413."""


class Overloaded(Exception):  # noqa: N818  # see BadData
    """Nothing was kept; the client should try again. UNAVAILABLE with RetryInfo, 503 with Retry-After."""

    def __init__(self, reason: str, retry_after_s: float = 1.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Intake(Protocol):
    """Where receivers put what they admitted."""

    async def accept(self, admitted: Admitted) -> Receipt:
        """Returns once the request is kept; raises Overloaded if it could not be."""

    async def accept_scores(self, raw: bytes, reports: Sequence[ScoreReport]) -> int:
        """Takes scores that came by themselves; `reports` is `raw` parsed, and is not empty.

        Returns how many named a trace that is known, once the scores are kept; raises Overloaded.
        """

    def refuse(self, source: Source, reason: str) -> None:
        """Counts a request of which nothing was kept. `reason` is one of a bounded set, e.g. `bad_data`."""
