from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from processors.values import Secret
from sidecar.exporters.headers import GrpcHeaders, HttpHeaders

KINDS = pytest.mark.parametrize("kind", [GrpcHeaders, HttpHeaders])


@KINDS
def test_names_are_lowered_and_values_hidden(kind: type) -> None:
    """The value is there, but no representation shows it."""
    headers: dict[str, Secret] = TypeAdapter(kind).validate_python({"Authorization": "Bearer s3cret", "x_y": ""})
    assert {key: secret.reveal() for key, secret in headers.items()} == {"authorization": "Bearer s3cret", "x_y": ""}
    assert "s3cret" not in repr(headers)


@KINDS
@pytest.mark.parametrize(
    "headers",
    [{"": "s3cret"}, {"a b": "s3cret"}, {"ä": "s3cret"}, {"a": "s3cret\r\nx: y"}, {"a": "s3crét"}, {"a": " s3cret"},
     {"A": "s3cret", "a": "s3cret"}, {"Content-Type": "s3cret"}, {"content-encoding": "s3cret"}, {"TE": "s3cret"}],
)  # fmt: skip
def test_what_cannot_be_sent(kind: type, headers: dict[str, str]) -> None:
    """Line breaks, bad names, doubles and what is the exporter's own; the error tells no value."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(headers)
    assert "s3c" not in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize("name", ["grpc-timeout", "trace-bin", "User-Agent", "host"])
def test_names_grpc_keeps_for_itself(name: str) -> None:
    """They are fine over HTTP."""
    with pytest.raises(ValidationError):
        TypeAdapter(GrpcHeaders).validate_python({name: "x"})
    assert TypeAdapter(HttpHeaders).validate_python({name: "x"})
