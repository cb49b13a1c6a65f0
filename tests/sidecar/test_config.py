from __future__ import annotations

import pytest

from sidecar.config import Config
from sidecar.documents import DocumentErrors, parse, validate
from sidecar.exporters.config import EXPORTER_CONFIGS

DEBUG = "exporters: {debug: }\n"


def read(text: str) -> Config:
    return validate(parse(text.encode(), "sidecar.yaml", {}), Config)


def messages(text: str) -> list[str]:
    with pytest.raises(DocumentErrors) as caught:
        read(text)
    return caught.value.messages


@pytest.mark.parametrize("text", [DEBUG, DEBUG + "receivers:\n", DEBUG + "receivers: {otlp: {}}\n"])
def test_without_receivers_both_protocols_listen_on_loopback(text: str) -> None:
    """On the ports OTLP has registered."""
    protocols = read(text).receivers.otlp.protocols
    assert protocols.grpc is not None
    assert protocols.http is not None
    assert (protocols.grpc.endpoint, protocols.http.endpoint) == ("127.0.0.1:4317", "127.0.0.1:4318")


def test_a_protocol_that_is_not_named_is_not_started() -> None:
    """As in the Collector; one without a body has its defaults."""
    protocols = read(DEBUG + "receivers: {otlp: {protocols: {grpc: }}}").receivers.otlp.protocols
    assert protocols.grpc is not None
    assert protocols.http is None


def test_a_receiver_without_any_protocol_is_an_error() -> None:
    """It would start a sidecar that hears nothing."""
    (message,) = messages(DEBUG + "receivers:\n  otlp:\n    protocols: {}\n")
    assert message == "sidecar.yaml:4: receivers.otlp.protocols: no protocol is named; allowed: grpc, http or both"


@pytest.mark.parametrize("name", ["otlp", "otlp_grpc", "otlphttp", "otlp_http", "file", "debug"])
def test_the_collectors_names_of_exporter_types_are_known(name: str) -> None:
    """The old and the new spelling of the OTLP exporters alike."""
    assert name in EXPORTER_CONFIGS


def test_an_exporter_is_read_as_its_type_says() -> None:
    """The part after the slash only tells exporters of a type apart."""
    exporters = read("exporters: {otlp/a: {endpoint: 'a:1'}, otlp/b: {endpoint: 'b:1'}, debug/x: {}}").exporters
    assert [(name, type(exporter)) for name, exporter in exporters.items()] == [
        ("otlp/a", EXPORTER_CONFIGS["otlp"]),
        ("otlp/b", EXPORTER_CONFIGS["otlp"]),
        ("debug/x", EXPORTER_CONFIGS["debug"]),
    ]


def test_mistakes_in_exporters_lead_to_their_lines() -> None:
    """Through the choice of the type."""
    found = messages("exporters:\n  otlp/a:\n    endpoint: a:1\n    timeuot: 1s\n  otpl:\n    x: 1\n  file:\n")
    assert [message.split(";")[0].split(" (")[0] for message in found] == [
        "sidecar.yaml:4: exporters.otlp/a.timeuot: unknown key",
        "sidecar.yaml:5: exporters.otpl: unknown exporter type, did you mean otlp?",
        "sidecar.yaml:7: exporters.file.path: required, but missing",
    ]


@pytest.mark.parametrize("text", ["", "exporters: {}", "exporters:"])
def test_at_least_one_exporter_is_needed(text: str) -> None:
    """Data that can go nowhere would only fill the storage."""
    (message,) = messages(text)
    assert message.startswith("sidecar.yaml:1: exporters: ")


def test_storage_size_defaults_depend_on_where_it_is() -> None:
    """2 GiB on disk, 256 MiB in memory."""
    assert read(DEBUG).storage.max_bytes == 256 << 20
    assert read(DEBUG + "storage: {directory: /data}").storage.max_bytes == 2048 << 20
    assert read(DEBUG + "storage: {max_size_mib: 64}").storage.max_bytes == 64 << 20


def test_sections_without_a_body_have_their_defaults() -> None:
    """So has a file in which they are commented out."""
    assert read(DEBUG + "storage:\nadmin:\n") == read(DEBUG)
