from __future__ import annotations

from collections import Counter

from prometheus_client import generate_latest

from processors.otlp.signal import Signal
from processors.processor import Report
from processors.transform import Transformed
from sidecar.metrics import Metrics


def page(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_the_identity_has_all_its_terms_before_anything_happened() -> None:
    """A scrape right after the start shows zeros rather than nothing."""
    text = page(Metrics())
    for name in ("received", "exported", "recovered"):
        assert f'genai_sidecar_{name}_total{{signal="traces"}} 0.0' in text


def test_what_a_transform_did_is_told_by_entity_reason_and_model() -> None:
    """The worker's report becomes counters."""
    metrics = Metrics()
    report = Report(
        pii_findings=Counter(PERSON=3),
        scrub_failures=Counter(ValueError=1),
        unpriced=Counter({"x/y": 2}),
        priced_usd=0.5,
    )
    metrics.transformed(Signal.TRACES, Transformed([], report, Counter(scrub_failed=4)))
    text = page(metrics)
    assert 'genai_sidecar_scrub_findings_total{entity="PERSON"} 3.0' in text
    assert 'genai_sidecar_scrub_failures_total{reason="ValueError"} 1.0' in text
    assert 'genai_sidecar_unpriced_total{model="x/y"} 2.0' in text
    assert 'genai_sidecar_rejected_total{reason="scrub_failed",signal="traces"} 4.0' in text
    assert "genai_sidecar_priced_usd_total 0.5" in text


def test_telemetry_cannot_make_labels_without_end() -> None:
    """A label that telemetry chooses takes 200 values; the rest counts as `other`."""
    metrics = Metrics()
    for number in range(500):
        report = Report(unpriced=Counter({f"model-{number}": 1}))
        metrics.transformed(Signal.TRACES, Transformed([], report))
    text = page(metrics)
    assert text.count("genai_sidecar_unpriced_total{") == 201
    assert 'genai_sidecar_unpriced_total{model="other"} 300.0' in text


def test_a_gauge_is_read_at_the_scrape() -> None:
    """It shows the state of the moment, not of an event."""
    metrics = Metrics()
    state = {("traces", "outbox"): 1.0}
    metrics.gauge("waiting", "text", ("signal", "stage"), lambda: state)
    assert 'genai_sidecar_waiting{signal="traces",stage="outbox"} 1.0' in page(metrics)
    state["traces", "outbox"] = 5.0
    assert 'genai_sidecar_waiting{signal="traces",stage="outbox"} 5.0' in page(metrics)
