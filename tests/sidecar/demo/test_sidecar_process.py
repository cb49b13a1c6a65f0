from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.demo.sidecar_process import DemoError, Numbers, SidecarProcess, clean_environment, read_numbers

EXPOSITION = """\
# TYPE genai_sidecar_received_total counter
genai_sidecar_received_total{signal="traces"} 10.0
genai_sidecar_received_total{signal="logs"} 7.0
# TYPE genai_sidecar_sampled_out_total counter
genai_sidecar_sampled_out_total{policy="routine",signal="traces"} 5.0
genai_sidecar_sampled_out_total{policy="other",signal="traces"} 1.0
# TYPE genai_sidecar_rejected_total counter
genai_sidecar_rejected_total{reason="invalid_id",signal="traces"} 1.0
# TYPE genai_sidecar_exported_total counter
genai_sidecar_exported_total{signal="traces"} 5.0
genai_sidecar_exported_total{signal="logs"} 7.0
# TYPE genai_sidecar_recovered_total counter
genai_sidecar_recovered_total{signal="traces"} 2.0
# TYPE genai_sidecar_waiting gauge
genai_sidecar_waiting{signal="traces",stage="undecided"} 0.0
genai_sidecar_waiting{signal="logs",stage="outbox"} 0.0
"""


def test_numbers_are_summed_over_labels() -> None:
    """Reasons and policies are added up, signals are not mixed."""
    numbers = read_numbers(EXPOSITION)
    assert numbers == Numbers(
        received=10, recovered=2, exported=5, sampled_out=6, rejected=1, waiting=0, logs_exported=7
    )  # fmt: skip
    assert numbers.settled


def test_what_waits_is_not_settled() -> None:
    """One record of any signal that still waits is enough."""
    assert not read_numbers(EXPOSITION.replace('stage="outbox"} 0.0', 'stage="outbox"} 1.0')).settled


def test_a_missing_span_is_not_settled() -> None:
    """Nothing waits, but the account does not add up."""
    assert not read_numbers(EXPOSITION.replace("10.0", "11.0")).settled


def test_an_empty_exposition_is_all_zeros() -> None:
    """As long as nothing answers there are no numbers, and no error."""
    assert read_numbers("").received == 0


def test_the_environment_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and the user's own OpenTelemetry and OpenAI settings stay out of the demo."""
    for name in ("HTTPS_PROXY", "grpc_proxy", "OTEL_EXPORTER_OTLP_HEADERS", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    environment = clean_environment({"OTEL_EXPORTER_OTLP_ENDPOINT": "here"})
    assert "elsewhere" not in environment.values()
    assert environment["KEPT"] == "yes"
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "here"


def test_a_sidecar_that_cannot_start_is_explained(tmp_path: Path) -> None:
    """The error has the end of the sidecar's own log, and no process is left."""
    process = SidecarProcess(tmp_path, "127.0.0.1:1")
    (tmp_path / "sidecar.yaml").write_text("recievers: {}\n")
    with pytest.raises(DemoError, match="ended with status 1") as caught, process:
        raise AssertionError("it must not start")
    assert "recievers" in str(caught.value)
