from __future__ import annotations

import subprocess
import sys
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from processors.otlp.signal import Signal
from sidecar.exporters import make_exporter
from sidecar.exporters.config import (
    EXPORTER_CONFIGS,
    DebugExporterConfig,
    ExporterConfig,
    FileExporterConfig,
    OtlpExporterConfig,
    OtlpHttpExporterConfig,
    RetryConfig,
)
from tests.support.clock import FakeClock

HTTP = {"endpoint": "http://h:4318"}
HTTPS = {"endpoint": "https://h:4318"}


def test_the_collectors_spelling_is_read() -> None:
    """A block copied from a Collector configuration means the same."""
    config = OtlpExporterConfig.model_validate(
        {
            "endpoint": "collector:4317",
            "headers": {"authorization": "x"},
            "compression": "gzip",
            "tls": {"insecure": True},
            "timeout": "30s",
            "retry_on_failure": {
                "enabled": True,
                "initial_interval": "1s",
                "max_interval": "1m",
                "max_elapsed_time": "5m",
            },
            "sending_queue": {"enabled": True, "num_consumers": 10},
        }
    )
    assert (config.timeout, config.retry_on_failure.max_interval, config.sending_queue.num_consumers) == (
        30.0,
        60.0,
        10,
    )
    assert config.plain_text


def test_defaults() -> None:
    """Never give up, gzip, 4 MiB a request, TLS."""
    config = OtlpExporterConfig(endpoint="h:1")
    assert config.retry_on_failure == RetryConfig(
        enabled=True, initial_interval="5s", max_interval="30s", max_elapsed_time="0s", multiplier=1.5,
        randomization_factor=0.5,
    )  # fmt: skip
    assert (config.compression, config.timeout, config.max_request_size_mib) == ("gzip", 10.0, 4)
    assert (config.sending_queue.queue_size_mib, config.sending_queue.num_consumers) == (1024, 4)
    assert not config.plain_text


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (OtlpExporterConfig, {}),
        (OtlpExporterConfig, {"endpoint": "h:1", "timeout": "0s"}),
        (OtlpExporterConfig, {"endpoint": "h:1", "timeout": 5}),
        (OtlpExporterConfig, {"endpoint": "h:1", "compression": "zstd"}),
        (OtlpExporterConfig, {"endpoint": "h:1", "max_request_size_mib": 65}),
        (OtlpExporterConfig, {"endpoint": "h:1", "sending_queue": {"enabled": False}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "sending_queue": {"num_consumers": 0}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "retry_on_failure": {"initial_interval": "40s"}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "retry_on_failure": {"randomization_factor": 1.5}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "retry_on_failure": {"multiplier": 0.5}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "tls": {"cert_file": "c.pem"}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "tls": {"insecure_skip_verify": True}}),
        (OtlpExporterConfig, {"endpoint": "h:1", "tls": {"insecure": True, "ca_file": "c.pem"}}),
        (OtlpExporterConfig, {"endpoint": "https://h:1", "tls": {"insecure": True}}),
        (OtlpExporterConfig, {"endpoint": "http://h:1", "tls": {"insecure": False}}),
        (OtlpExporterConfig, {"endpoint": "http://h:1", "tls": {"ca_file": "c.pem"}}),
        (OtlpHttpExporterConfig, {}),
        (OtlpHttpExporterConfig, {"traces_endpoint": "http://h/t", "logs_endpoint": "http://h/l"}),
        (OtlpHttpExporterConfig, HTTPS | {"tls": {"insecure": True}}),
        (OtlpHttpExporterConfig, HTTP | {"tls": {"insecure": False}}),
        (OtlpHttpExporterConfig, HTTP | {"tls": {"ca_file": "c.pem"}}),
        (OtlpHttpExporterConfig, HTTPS | {"logs_endpoint": "http://h/l", "tls": {"ca_file": "c.pem"}}),
        (OtlpHttpExporterConfig, {"signals": ["traces", "logs"], "traces_endpoint": "http://h/t"}),
        (OtlpHttpExporterConfig, HTTP | {"signals": ["traces"], "logs_endpoint": "http://h/l"}),
        (OtlpExporterConfig, {"endpoint": "h:1", "signals": []}),
        (OtlpExporterConfig, {"endpoint": "h:1", "signals": ["spans"]}),
        (DebugExporterConfig, {"signals": ["logs", "logs"]}),
        (FileExporterConfig, {}),
        (FileExporterConfig, {"path": "x", "rotation": {}}),
        (DebugExporterConfig, {"verbosity": "loud"}),
    ],
)
def test_what_is_refused(model: type[ExporterConfig], settings: dict[str, Any]) -> None:
    """Contradictions above all: nothing falls back to plain text, and nothing that was written is without effect."""
    with pytest.raises(ValidationError):
        model.model_validate(settings)


def test_urls_of_the_signals() -> None:
    """The base with its path appended, or the signal's own as it is."""
    config = OtlpHttpExporterConfig(endpoint="https://h/otlp/", logs_endpoint="https://logs/in")
    assert [config.url(signal) for signal in Signal] == [
        "https://h/otlp/v1/traces", "https://logs/in", "https://h/otlp/v1/metrics",
    ]  # fmt: skip


def test_a_url_is_needed_for_the_signals_that_are_sent_only() -> None:
    """And no certificate of one that is not."""
    config = OtlpHttpExporterConfig(signals=["traces"], traces_endpoint="http://h/t")
    assert config.url(Signal.TRACES) == "http://h/t"
    assert make_exporter("otlphttp", config, FakeClock()).credentials == []


@pytest.mark.parametrize("model", dict.fromkeys(EXPORTER_CONFIGS.values()))
def test_every_exporter_is_sent_all_signals_unless_told_otherwise(model: type[ExporterConfig]) -> None:
    """In the order in which they are written."""
    settings: dict[str, Any] = SETTINGS[model]
    assert model.model_validate(settings).signals == list(Signal)
    assert model.model_validate(settings | {"signals": ["logs", "traces"]}).signals == [Signal.LOGS, Signal.TRACES]


SETTINGS: dict[type[ExporterConfig], dict[str, str]] = {
    OtlpExporterConfig: {"endpoint": "h:1"},
    OtlpHttpExporterConfig: HTTP,
    FileExporterConfig: {"path": "x"},
    DebugExporterConfig: {},
}


@pytest.mark.parametrize("kind", EXPORTER_CONFIGS)
def test_every_type_makes_its_exporter(kind: str) -> None:
    """Each name of the registry, the configuration it is bound to, and an exporter of that name."""
    config = EXPORTER_CONFIGS[kind].model_validate(SETTINGS[EXPORTER_CONFIGS[kind]])
    assert make_exporter(f"{kind}/mine", config, FakeClock()).name == f"{kind}/mine"


def test_the_registry_names_every_configuration_in_order() -> None:
    """The union's order is the registry's: the JSON Schema of sidecar.yaml is put together from both."""
    assert tuple(dict.fromkeys(EXPORTER_CONFIGS.values())) == get_args(ExporterConfig)


def test_clients_are_imported_only_where_they_are_used() -> None:
    """Reading the configuration loads neither gRPC nor an HTTP client."""
    code = "import sys, sidecar.exporters.config; print({'grpc', 'httpx2'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # ours
    assert found.stdout.strip() == "set()"
