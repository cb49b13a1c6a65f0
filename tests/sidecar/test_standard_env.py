from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sidecar.documents import DocumentErrors
from sidecar.exporters.config import EXPORTER_CONFIGS
from sidecar.standard_env import config_from_env, ignored_variables


def environ(**variables: str) -> dict[str, str]:
    return {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in variables.items()} | {"PATH": "/bin"}


def exporter(**variables: str) -> Any:
    (found,) = config_from_env(environ(**variables)).exporters.values()
    return found


def problems(**variables: str) -> list[str]:
    with pytest.raises(DocumentErrors) as caught:
        config_from_env(environ(**variables))
    return caught.value.messages


def test_it_receives_on_loopback_and_keeps_in_memory() -> None:
    """Only the exporter comes from the variables."""
    config = config_from_env(environ(ENDPOINT="https://backend"))
    assert config.receivers.otlp.protocols.grpc is not None
    assert config.receivers.otlp.protocols.http is not None
    assert config.storage.directory is None


@pytest.mark.parametrize("endpoint", [None, "", " "])
def test_there_is_no_default_endpoint(endpoint: str | None) -> None:
    """The specification's default is the sidecar itself."""
    (message,) = problems() if endpoint is None else problems(ENDPOINT=endpoint)
    assert message.startswith("environment: OTEL_EXPORTER_OTLP_ENDPOINT: required")


@pytest.mark.parametrize("endpoint", ["http://localhost:4317", "http://127.0.0.1:4318"])
def test_the_sidecar_is_not_its_own_backend(endpoint: str) -> None:
    """An app's own setting, inherited by the sidecar, is an error."""
    (message,) = problems(ENDPOINT=endpoint)
    assert message.startswith("environment: OTEL_EXPORTER_OTLP_ENDPOINT: the sidecar would send to itself")


@pytest.mark.parametrize(
    ("endpoint", "protocol", "kind"),
    [
        ("https://b", "", "otlphttp"),
        ("https://b:4318", "", "otlphttp"),
        ("http://b:4317", "", "otlp"),
        ("http://b:4317/", "", "otlp"),
        ("http://b:4317", "http/protobuf", "otlphttp"),
        ("https://b:443", "grpc", "otlp"),
        ("b:9999", "grpc", "otlp"),
    ],
)
def test_the_protocol_chooses_the_exporter(endpoint: str, protocol: str, kind: str) -> None:
    """Without one it is http/protobuf, the specification's default, but for the port registered for gRPC."""
    assert type(exporter(ENDPOINT=endpoint, PROTOCOL=protocol)) is EXPORTER_CONFIGS[kind]


@pytest.mark.parametrize(
    ("endpoint", "insecure", "expected"),
    [
        ("http://b:4317", "", True),
        ("https://b:4317", "", False),
        ("https://b:4317", "true", False),
        ("b:4317", "", False),
        ("b:4317", "TRUE", True),
        ("b:4317", "false", False),
    ],
)
def test_the_scheme_decides_on_tls_before_insecure_does(endpoint: str, insecure: str, expected: bool) -> None:  # noqa: FBT001  # a table's column
    """OTLP exporter specification, "Configuration Options": `insecure` counts without a scheme only."""
    found = exporter(ENDPOINT=endpoint, INSECURE=insecure, PROTOCOL="grpc")
    assert (found.tls.insecure, found.endpoint) == (expected, "b:4317")


def test_headers_are_percent_decoded_pairs() -> None:
    """W3C Baggage form; an `=` may be part of a value, and names are lower case as gRPC wants them."""
    found = exporter(ENDPOINT="https://b", HEADERS="Authorization=Bearer%20a%2Cb==, x-team = ml ,")
    assert {name: secret.reveal() for name, secret in found.headers.items()} == {
        "authorization": "Bearer a,b==",
        "x-team": "ml",
    }


def test_timeout_is_in_milliseconds() -> None:
    """As the specification has it; the default is 10 s."""
    assert exporter(ENDPOINT="https://b", TIMEOUT="2500").timeout == 2.5
    assert exporter(ENDPOINT="https://b").timeout == 10


def test_compression_is_off_unless_asked_for() -> None:
    """As the specification has it."""
    assert exporter(ENDPOINT="https://b").compression == "none"
    assert exporter(ENDPOINT="https://b", COMPRESSION="gzip").compression == "gzip"


def test_certificates_are_files(tmp_path: Path) -> None:
    """Their variables name the files for the exporter."""
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text("x" * 40)
    found = exporter(
        ENDPOINT="https://b",
        CERTIFICATE=f"{tmp_path}/ca",
        CLIENT_CERTIFICATE=f"{tmp_path}/cert",
        CLIENT_KEY=f"{tmp_path}/key",
    )
    assert [str(found.tls.ca_file), str(found.tls.cert_file), str(found.tls.key_file)] == [
        f"{tmp_path}/ca",
        f"{tmp_path}/cert",
        f"{tmp_path}/key",
    ]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PROTOCOL": "http/json"}, "PROTOCOL: not supported (value 'http/json'); allowed: grpc, http/protobuf"),
        (
            {"TIMEOUT": "10"},
            "TIMEOUT: out of range (value '10'); allowed: a whole number of milliseconds, at least 100",
        ),
        ({"TIMEOUT": "10s"}, "TIMEOUT: out of range (value '10s')"),
        ({"HEADERS": "s3cr3t"}, "HEADERS: entry 1 cannot be read"),
        ({"HEADERS": "a=1,b c=s3cr3t"}, "HEADERS: entry 2 cannot be read"),
        ({"COMPRESSION": "zstandard"}, "COMPRESSION: not one of the allowed values (value 'zstandard')"),
        ({"CERTIFICATE": "/none/ca.pem"}, "CERTIFICATE: cannot be read: No such file"),
        ({"PROTOCOL": "grpc", "INSECURE": "1"}, "INSECURE: not a truth value (value '1'); allowed: true or false"),
        ({"ENDPOINT": "backend:4318"}, "ENDPOINT: not a URL"),
        ({"ENDPOINT": "ftp://b:1", "PROTOCOL": "grpc"}, "ENDPOINT: unknown scheme"),
    ],
)
def test_errors_name_the_variable(variables: dict[str, str], message: str) -> None:
    """And never show a header."""
    (found,) = problems(**{"ENDPOINT": "https://b", **variables})
    assert found.startswith(f"environment: OTEL_EXPORTER_OTLP_{message}")
    assert "s3cr3t" not in found


def test_all_errors_come_at_once() -> None:
    """One start, one list."""
    assert len(problems(PROTOCOL="http/json", TIMEOUT="x", HEADERS="x")) == 4


def test_variables_for_one_signal_are_named_as_ignored() -> None:
    """One exporter takes all signals."""
    found = ignored_variables(environ(TRACES_ENDPOINT="https://b", LOGS_HEADERS="", ENDPOINT="https://b"))
    assert found == ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
