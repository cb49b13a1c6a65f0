"""What the outbox holds and exporters send: the seam between `storage/`, `pipeline.py` and `exporters/`."""

from __future__ import annotations

from dataclasses import dataclass

from processors.otlp.signal import Signal


@dataclass(frozen=True, slots=True)
class Batch:
    """One encoded, scrubbed export request."""

    id: int
    signal: Signal
    payload: bytes
    """An ExportTraceServiceRequest, ExportLogsServiceRequest or ExportMetricsServiceRequest."""
    items: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The backend has it. What it rejected (OTLP partial success) must not be sent again."""

    rejected_items: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered, for a reason that may pass."""

    reason: str
    after_s: float | None = None
    """What the backend asked for with RetryInfo or Retry-After."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The backend will never take it."""

    reason: str


Outcome = Delivered | Retry | Refused
