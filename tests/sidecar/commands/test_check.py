from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.cli import main
from tests.sidecar.commands.files import CONFIG, POLICY


@pytest.fixture(autouse=True)
def _no_wiring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test sets counts."""
    for name in ("ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_good_files_are_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One line each, exit code 0."""
    monkeypatch.setenv("BACKEND_ENDPOINT", "backend:4317")
    monkeypatch.setenv("BACKEND_TOKEN", "s3cr3t")
    config, policy = write(tmp_path / "sidecar.yaml", CONFIG), write(tmp_path / "policy.yaml", POLICY)
    assert main(["check", "--config", config, "--policy", policy]) == 0
    output = capsys.readouterr()
    assert [line.split(":")[0] for line in output.out.splitlines()] == [f"OK {config}", f"OK {policy}"]
    assert output.err == ""
    assert "s3cr3t" not in output.out


def test_all_errors_of_both_files_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five mistakes, five lines with file, line and key; exit code 1."""
    config = write(
        tmp_path / "sidecar.yaml", "exporters:\n  otlp:\n    endpoint: ${env:UNSET_HERE}\nstorage: {fsync: no}\n"
    )
    policy = write(
        tmp_path / "policy.yaml",
        "version: 1\npii:\n  score_threshold: 4\n  on_failure: pass\n"
        "sampling:\n  policies:\n    - {name: slow, type: latency, latency: {threshold_ms: soon}}\n",
    )
    assert main(["check", "--config", config, "--policy", policy]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert [line.split(": ")[:2] for line in output.err.splitlines()] == [
        [f"{config}:3", "exporters.otlp.endpoint"],
        [f"{config}:4", "storage.fsync"],
        [f"{policy}:3", "pii.score_threshold"],
        [f"{policy}:4", "pii.on_failure"],
        [f"{policy}:7", 'sampling.policies[0 "slow"].latency.threshold_ms'],
    ]


def test_one_bad_file_does_not_hide_that_the_other_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is judged for itself."""
    config = write(tmp_path / "sidecar.yaml", "exporters: {debug: }\n")
    assert main(["check", "--config", config, "--policy", str(tmp_path / "none.yaml")]) == 1
    output = capsys.readouterr()
    assert output.out.startswith(f"OK {config}")
    assert "none.yaml: cannot be read: No such file" in output.err


def test_a_policy_alone_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a build nothing is wired."""
    assert main(["check", "--policy", write(tmp_path / "policy.yaml", "version: 1\n")]) == 0
    assert capsys.readouterr().err == ""


def test_without_files_the_wiring_of_the_environment_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `run` would use it."""
    assert main(["check"]) == 1
    assert "OTEL_EXPORTER_OTLP_ENDPOINT: required" in capsys.readouterr().err
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://backend")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("OK environment: receives on grpc 127.0.0.1:4317, http 127.0.0.1:4318")


def test_a_signal_that_no_exporter_is_sent_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What two exporters take together counts."""
    exporters = "{debug/a: {signals: [traces]}, debug/b: {signals: [metrics, traces]}}"
    config = write(tmp_path / "sidecar.yaml", f"exporters: {exporters}\nstorage: {{directory: {tmp_path}}}\n")
    assert main(["check", "--config", config]) == 0
    expected = "warning: exporters: none is sent logs; what comes in is counted as rejected, no_exporter\n"
    assert capsys.readouterr().err == expected


def test_a_signal_that_there_is_not_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Said with what is allowed, as everywhere; none at all is an error, too."""
    exporters = "\n  debug/a: {signals: [traces, spans]}\n  debug/b: {signals: []}\n"
    config = write(tmp_path / "sidecar.yaml", f"exporters: {exporters}")
    assert main(["check", "--config", config]) == 1
    unknown, empty = capsys.readouterr().err.splitlines()
    assert unknown.startswith(f"{config}:2: exporters.debug/a.signals[1]: not one of the allowed values")
    assert unknown.endswith("(value 'spans'); allowed: traces, logs or metrics")
    assert empty.startswith(f"{config}:3: exporters.debug/b.signals: ")
    assert empty.endswith("at least 1 item")


def test_unscrubbed_data_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is allowed, so the exit code stays 0."""
    policy = write(tmp_path / "policy.yaml", "version: 1\npii: {enabled: false}\n")
    assert main(["check", "--policy", policy]) == 0
    assert capsys.readouterr().err == "warning: pii.enabled is false: personal data leaves unscrubbed\n"


def test_a_price_of_an_unknown_model_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A later price list may know it, so it is no error."""
    prices = "[{provider: azure, model: mine, same_as: openai/no-such-model}]"
    policy = write(tmp_path / "policy.yaml", f"version: 1\ncost: {{prices: {prices}}}\n")
    assert main(["check", "--policy", policy]) == 0
    assert "same_as openai/no-such-model is not in the built-in price list" in capsys.readouterr().err


def test_recognizers_that_cannot_be_made_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is valid YAML, but not what Presidio wants."""
    recognizers = write(tmp_path / "more.yaml", "recognizers: [{name: badge, patterns: []}]")
    policy = write(tmp_path / "policy.yaml", f"version: 1\npii: {{recognizers_file: {recognizers}}}\n")
    assert main(["check", "--policy", policy]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"{policy}: pii.recognizers_file: recognizers[0]: supported_entity is required\n"
