from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.config import Config
from sidecar.config_file import load_config
from sidecar.documents import DocumentErrors


def load(directory: Path, text: str) -> Config:
    path = directory / "sidecar.yaml"
    path.write_text(text)
    return load_config(path, {})


@pytest.mark.parametrize(
    "endpoint",
    ["localhost:4317", "127.0.0.1:4317", "[::1]:4317", "0.0.0.0:4317", "127.0.0.1:4318", "LOCALHOST:8888"],
)
def test_an_exporter_must_not_lead_back_to_the_sidecar(tmp_path: Path, endpoint: str) -> None:
    """Whatever loopback is called, and whichever of our own ports it is."""
    with pytest.raises(DocumentErrors) as caught:
        load(tmp_path, f"exporters:\n  otlp:\n    endpoint: '{endpoint}'\n")
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [(3, "exporters.otlp.endpoint")]
    assert "send to itself" in str(caught.value)


@pytest.mark.parametrize("endpoint", ["http://localhost:4318", "http://127.0.0.1:4318/", "http://[::1]:4318/v1/traces"])
def test_urls_that_lead_back_are_recognised(tmp_path: Path, endpoint: str) -> None:
    """With a scheme and a path."""
    with pytest.raises(DocumentErrors, match="send to itself"):
        load(tmp_path, f"exporters: {{otlphttp: {{endpoint: '{endpoint}'}}}}")


@pytest.mark.parametrize("endpoint", ["backend:4317", "localhost:4319", "10.0.0.1:4317", "my-localhost:4317"])
def test_other_places_are_fine(tmp_path: Path, endpoint: str) -> None:
    """Also another port on this machine, and our port on another one."""
    assert load(tmp_path, f"exporters: {{otlp: {{endpoint: '{endpoint}'}}}}").exporters


def test_a_receiver_on_every_address_is_ours_on_loopback_too(tmp_path: Path) -> None:
    """0.0.0.0 includes localhost; a receiver that was moved frees the default port."""
    receivers = "receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:5317'}}}}\n"
    with pytest.raises(DocumentErrors, match="send to itself"):
        load(tmp_path, receivers + "exporters: {otlp: {endpoint: 'localhost:5317'}}")
    assert load(tmp_path, receivers + "exporters: {otlp: {endpoint: 'localhost:4317'}}")


def test_two_listeners_on_one_port_are_an_error(tmp_path: Path) -> None:
    """Port 0 is none: the system chooses."""
    with pytest.raises(DocumentErrors) as caught:
        load(tmp_path, "exporters: {debug: }\nadmin: {endpoint: '0.0.0.0:4318'}\n")
    assert str(caught.value).endswith(
        "2: admin.endpoint: port 4318 is already taken by receivers.otlp.protocols.http.endpoint; allowed: another port"
    )
    zero = "{endpoint: '127.0.0.1:0'}"
    assert load(
        tmp_path,
        f"exporters: {{debug: }}\nadmin: {zero}\nreceivers: {{otlp: {{protocols: {{grpc: {zero}, http: {zero}}}}}}}\n",
    )


def test_files_it_names_must_be_readable(tmp_path: Path) -> None:
    """They are checked together with everything else, and a mistake in the file does not hide them."""
    with pytest.raises(DocumentErrors) as caught:
        load(
            tmp_path,
            "exporters:\n  otlp:\n    endpoint: b:1\n    tls: {ca_file: /none/ca.pem}\nstorage:\n  fsync: never\n",
        )
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (4, "exporters.otlp.tls.ca_file"),
        (6, "storage.fsync"),
    ]
