"""Every number the sidecar tells about itself, declared once.

The accounting identity, for each signal and at every scrape:

    received + replayed + recovered = exported + sampled_out + rejected + sum of waiting

`replayed` counts what an earlier process had accepted and not delivered.
`recovered` counts items that were sampled out first and kept later (a late error or score); counters only grow, so
they are added on the left instead of being taken back on the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from processors.otlp.signal import Signal
from processors.processor import Report
from processors.transform import Transformed

_MAX_LABEL_VALUES: Final = 200
Gauges = Callable[[], Mapping[tuple[str, str], float]]


class Metrics:
    """Counters are bumped by the pipeline; gauges are read from it at the scrape."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"genai_sidecar_{name}", text, labels, registry=self.registry)

        self._received = counter("received", "Spans, log records and metrics that came in", "signal")
        self._replayed = counter("replayed", "Items an earlier process accepted, taken up again at start", "signal")
        self._recovered = counter("recovered", "Items sampled out first and kept later", "signal")
        self._rejected = counter("rejected", "Items that came in and will never go out", "signal", "reason")
        self._sampled_out = counter("sampled_out", "Items of traces that were not kept", "signal", "policy")
        self._exported = counter("exported", "Items that an exporter delivered", "signal")
        self.requests_refused = counter("requests_refused", "Requests nothing was kept of", "signal", "reason")
        self.traces_kept = counter("traces_kept", "Traces kept, by the policy that kept them", "policy")
        self.traces_dropped = counter("traces_dropped", "Traces not kept, by the policy that said no", "policy")
        self.policy_votes = counter("policy_votes", "Decisions in which a policy would keep the trace", "policy")
        self.policy_errors = counter("sampling_policy_errors", "Policies that failed and so kept a trace", "policy")
        self._findings = counter("scrub_findings", "Findings that were acted on", "entity")
        self._scrub_failures = counter(
            "scrub_failures", "Items whose text was removed because it could not be scrubbed", "reason"
        )
        self._unpriced = counter("unpriced", "Model calls without a price", "model")
        self._unknown_content_keys = counter(
            "unknown_content_keys", "Values that look like content under keys that no dialect knows", "scope"
        )
        self._untagged = counter("untagged", "Model calls that lack a required attribution", "missing")
        self._missing_usage = counter("missing_usage", "Single model calls without token counts", "kind")
        self.new_system_prompts = counter(
            "new_system_prompts", "System prompts that a service sent for the first time", "result"
        )
        self.priced_usd = counter("priced_usd", "Cost of the model calls that were kept, in USD")
        self.storage_events = counter("storage_events", "What went wrong with storage", "store", "event")
        self.worker_restarts = counter("transform_worker_restarts", "Transform workers that died or failed")
        self.policy_reloads = counter("policy_reloads", "Policy files read anew", "result")
        self.policy_loaded_ok = Gauge(
            "genai_sidecar_policy_up_to_date",
            "1 if the running policy is the one in the file, 0 if the file has errors",
            registry=self.registry,
        )
        self.policy_loaded_ok.set(1)
        self.exporter_sent = counter("exporter_sent", "Items delivered", "exporter", "signal")
        self.exporter_refused = counter("exporter_refused", "Items the backend will not take", "exporter", "reason")
        self.exporter_retries = counter("exporter_retries", "Attempts that will be made again", "exporter", "reason")
        self._labels: dict[str, set[str]] = {}
        for signal in Signal:
            # A counter that appears only after its first event makes rates and identities miss that event.
            for family in (self._received, self._replayed, self._recovered, self._exported):
                family.labels(signal.value)

    def gauge(self, name: str, text: str, labels: tuple[str, str], read: Gauges) -> None:
        """A gauge family with two labels whose values are read at every scrape."""
        self.registry.register(_Gauge(f"genai_sidecar_{name}", text, labels, read))

    def received(self, signal: Signal, items: int) -> None:
        self._received.labels(signal.value).inc(items)

    def replayed(self, signal: Signal, items: int) -> None:
        self._replayed.labels(signal.value).inc(items)

    def recovered(self, signal: Signal, items: int) -> None:
        if items:
            self._recovered.labels(signal.value).inc(items)

    def rejected(self, signal: Signal, reason: str, items: int) -> None:
        if items:
            self._rejected.labels(signal.value, reason).inc(items)

    def sampled_out(self, signal: Signal, policy: str, items: int) -> None:
        self._sampled_out.labels(signal.value, policy).inc(items)

    def exported(self, signal: Signal, items: int) -> None:
        self._exported.labels(signal.value).inc(items)

    def transformed(self, signal: Signal, done: Transformed) -> None:
        for reason, items in done.rejected.items():
            self.rejected(signal, reason, items)
        self._report(done.report)

    def _report(self, report: Report) -> None:
        for entity, count in report.pii_findings.items():
            self._findings.labels(self._bounded("entity", entity)).inc(count)
        for reason, count in report.scrub_failures.items():
            self._scrub_failures.labels(self._bounded("scrub", reason)).inc(count)
        for model, count in report.unpriced.items():
            self._unpriced.labels(self._bounded("model", model)).inc(count)
        for scope, count in report.unknown_content_keys.items():
            self._unknown_content_keys.labels(self._bounded("scope", scope)).inc(count)
        for tag, count in report.untagged.items():
            self._untagged.labels(self._bounded("tag", tag)).inc(count)
        for kind, count in report.missing_usage.items():
            self._missing_usage.labels(kind).inc(count)
        self.priced_usd.inc(report.priced_usd)

    def _bounded(self, label: str, value: str) -> str:
        """`other` once a label has taken as many values as telemetry may choose."""
        seen = self._labels.setdefault(label, set())
        if value in seen:
            return value
        if len(seen) >= _MAX_LABEL_VALUES:
            return "other"
        seen.add(value)
        return value


class _Gauge(Collector):
    def __init__(self, name: str, text: str, labels: tuple[str, str], read: Gauges) -> None:
        self._name, self._text, self._labels, self._read = name, text, labels, read

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for labels, value in self._read().items():
            family.add_metric(labels, value)
        yield family
