"""What a processor is: something that rewrites kept telemetry in place and reports what it did.

A processor never calls the next one, never counts on its own and never sees a clock, a file or a socket: time and
decisions come in with the call, findings go out through the `Report`. The order is in `processors/__init__.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple, Protocol

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Category = Literal["error", "low_score", "default"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What was decided of one kept trace; the spans of the trace are marked with it."""

    policy: str
    """Name of the policy that kept the trace."""
    threshold: int | None = 0
    """Rejection threshold, 56 bits (tracestate-probability-sampling): 0 keeps all; None where it is unknown."""
    randomness: int | None = None
    """56 bits to write as `rv` where a span brought none; None where the trace id's own bits served."""
    category: Category = "default"
    """Why the trace matters: `prompts.retain_content` has a share for each."""
    late: bool = False
    """The trace was dropped at first."""
    would: Literal["kept", "dropped"] | None = None
    """With `sampling.mode: dry_run`: what would have become of the trace."""


Stamps = Mapping[bytes, Stamp]
"""By trace id (16 bytes)."""


class SystemPrompt(NamedTuple):
    """That a service sent a system prompt."""

    service: str
    """`service.name`; empty where the resource has none."""
    form: str
    """Hash of its skeleton: the same for prompts that differ in names, numbers and dates alone."""
    hash: str
    """`genai_sidecar.system_prompt.hash`"""


@dataclass(slots=True)
class Report:
    """What the processors did to one batch. Counts only: never content, never the text of a finding."""

    pii_findings: Counter[str] = field(default_factory=Counter)
    """Findings by entity type."""
    scrub_failures: Counter[str] = field(default_factory=Counter)
    """Items whose content was removed because it could not be scrubbed, by reason (exception class name)."""
    rejected_traces: set[bytes] = field(default_factory=set)
    """Trace ids that must not leave at all (`pii.on_failure: reject_trace`)."""
    rejected_items: Counter[str] = field(default_factory=Counter)
    """Log records and metrics that must not leave at all, by reason; the processor removed them."""
    unpriced: Counter[str] = field(default_factory=Counter)
    """Model calls without a price, by `provider/model`."""
    priced_usd: float = 0.0
    """Sum of the costs written or found."""
    unknown_content_keys: Counter[str] = field(default_factory=Counter)
    """Values of keys that no dialect knows and that look like content, by instrumentation scope; they were scrubbed."""
    untagged: Counter[str] = field(default_factory=Counter)
    """Model calls that lack what `attribution.require` names, by what is missing."""
    missing_usage: Counter[str] = field(default_factory=Counter)
    """Single model calls without token counts, by `streaming` or `plain`: they bypass every budget."""

    system_prompts: set[SystemPrompt] = field(default_factory=set)
    """Those that the batch's model calls were sent, where the policy wants to hear of new ones."""

    def counters(self) -> dict[str, Counter[str]]:
        """All counts by label, by name of the field."""
        counts = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: count for name, count in counts.items() if isinstance(count, Counter)}

    def add(self, other: Report) -> None:
        """What another batch's processors did, on top."""
        counts = self.counters()
        for name, count in other.counters().items():
            counts[name].update(count)
        self.rejected_traces |= other.rejected_traces
        self.system_prompts |= other.system_prompts
        self.priced_usd += other.priced_usd


class Processor(Protocol):
    """Rewrites requests in place. One bad value costs that value, one bad item that item: no exception leaves."""

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None: ...

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None: ...

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None: ...
