from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sidecar.exporters.endpoint import HttpBaseUrl, HttpUrl, grpc_target


@pytest.mark.parametrize(
    ("endpoint", "scheme", "authority"),
    [
        ("localhost:4317", "", "localhost:4317"),
        ("otel-collector.obs.svc.cluster.local:4317", "", "otel-collector.obs.svc.cluster.local:4317"),
        ("http://127.0.0.1:4317", "http", "127.0.0.1:4317"),
        ("HTTPS://api.example.com:443/", "https", "api.example.com:443"),
        ("https://api.example.com", "https", "api.example.com:443"),
        ("http://api.example.com", "http", "api.example.com:80"),
        ("[::1]:4317", "", "[::1]:4317"),
        ("https://[2001:db8::1]", "https", "[2001:db8::1]:443"),
    ],
)
def test_grpc_endpoints(endpoint: str, scheme: str, authority: str) -> None:
    """host:port with or without a scheme; with one, the port may be left out."""
    assert grpc_target(endpoint) == (scheme, authority)


@pytest.mark.parametrize(
    "endpoint",
    ["", "localhost", "localhost:", "localhost:0", "localhost:65536", "ftp://h:1", "https://h:1/v1/traces", "h:1:2",
     "https://user:hunter2@h:1", "::1:4317", "unix:///run/otel.sock", "h :1", "dns:///h:1"],
)  # fmt: skip
def test_what_is_no_grpc_endpoint(endpoint: str) -> None:
    """Refused with what is allowed, and without the value."""
    with pytest.raises(ValueError, match="allowed: host:port") as caught:
        grpc_target(endpoint)
    assert "hunter2" not in str(caught.value)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    """ValueError or a target that can be connected to."""
    try:
        host, _, port = grpc_target(text).authority.rpartition(":")
    except ValueError:
        return
    assert host
    assert 0 < int(port) < 65536


@pytest.mark.parametrize("url", ["http://h", "https://h:4318", "https://h/otlp/", "http://[::1]:4318/a/b"])
def test_base_urls(url: str) -> None:
    """Taken as they are."""
    assert TypeAdapter(HttpBaseUrl).validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "h:4318", "ftp://h", "http://", "http://h:99999", "http://user:hunter2@h", "http://h/#x", "http://h /", "http://h\n",
     "http://h/ü", "http://h:x", "http://h:"],
)  # fmt: skip
def test_what_is_no_url(url: str) -> None:
    """Refused, and the value is not repeated."""
    for kind in (HttpBaseUrl, HttpUrl):
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(kind).validate_python(url)
        assert "hunter2" not in caught.value.errors()[0]["msg"]


def test_only_verbatim_urls_have_a_query() -> None:
    """A path cannot be appended behind one."""
    url = "https://h/spans?tenant=1"
    assert TypeAdapter(HttpUrl).validate_python(url) == url
    with pytest.raises(ValidationError, match="traces_endpoint"):
        TypeAdapter(HttpBaseUrl).validate_python(url)
