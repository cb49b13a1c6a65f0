"""`receivers.otlp`: the Collector's spelling, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sidecar.receivers.config import GrpcReceiverConfig, GuardConfig, HttpReceiverConfig, split_endpoint


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("127.0.0.1:4317", ("127.0.0.1", 4317)),
        ("0.0.0.0:4317", ("0.0.0.0", 4317)),  # noqa: S104  # parsed, not bound
        ("localhost:0", ("localhost", 0)),
        ("[::1]:4317", ("::1", 4317)),
        ("collector.my-ns_1.svc:65535", ("collector.my-ns_1.svc", 65535)),
    ],
)
def test_endpoints(endpoint: str, expected: tuple[str, int]) -> None:
    """Names, IPv4, bracketed IPv6; port 0 lets the system choose."""
    assert split_endpoint(endpoint) == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "4317",
        ":4317",
        "host",
        "host:",
        "host:port",
        "host:65536",
        "::1:4317",
        "http://h:1",
        "h:1/v1",
        "h:-1",
        " h:1",
    ],
)
@pytest.mark.parametrize("model", [GrpcReceiverConfig, HttpReceiverConfig])
def test_what_is_no_endpoint_is_refused(model: Any, endpoint: str) -> None:
    """With what would be allowed in the message."""
    with pytest.raises(ValidationError, match="allowed: host:port"):
        model(endpoint=endpoint)


def test_defaults_are_loopback_and_64_mib() -> None:
    """Nothing is open to the network unless asked for; OTLP 1.11 recommends the size."""
    assert GrpcReceiverConfig().endpoint == "127.0.0.1:4317"
    assert HttpReceiverConfig().endpoint == "127.0.0.1:4318"
    assert (
        GrpcReceiverConfig().max_recv_msg_size_mib * 1024 * 1024
        == HttpReceiverConfig().max_request_body_size
        == 67108864
    )


def test_a_collector_configuration_works_unchanged() -> None:
    """Keepalive and TLS keys are the Collector's."""
    config = GrpcReceiverConfig.model_validate(
        {
            "endpoint": "0.0.0.0:4317",
            "max_recv_msg_size_mib": 20,
            "max_concurrent_streams": 16,
            "keepalive": {
                "server_parameters": {
                    "max_connection_idle": "11s",
                    "max_connection_age": "12s",
                    "max_connection_age_grace": "13s",
                    "time": "30s",
                    "timeout": "5s",
                },
                "enforcement_policy": {"min_time": "10s", "permit_without_stream": True},
            },
            "tls": {"cert_file": "server.crt", "key_file": "server.key", "client_ca_file": "client.pem"},
        }
    )
    assert config.keepalive.server_parameters.time == 30.0
    assert config.keepalive.enforcement_policy.permit_without_stream


@pytest.mark.parametrize(
    "tree",
    [
        {"cors": {}},
        {"max_recv_msg_size_mib": 0},
        {"max_recv_msg_size_mib": 4096},
        {"tls": {"cert_file": "a"}},
        {"auth": {"bearer_token": " "}},
        {"auth": {}},
        {"auth": {"bearer_token": "t", "bearer_token_file": "token"}},
    ],
)
def test_unknown_keys_and_senseless_values_are_refused(tree: dict[str, Any]) -> None:
    """A typo must not silently open or unbound anything."""
    with pytest.raises(ValidationError):
        GrpcReceiverConfig.model_validate(tree)


def test_the_token_is_never_shown() -> None:
    """Neither by repr nor in a dump."""
    config = HttpReceiverConfig.model_validate({"auth": {"bearer_token": "planted"}})
    assert "planted" not in repr(config)
    assert "planted" not in config.model_dump_json()


def test_the_budget_must_hold_the_largest_request() -> None:
    """Otherwise that request would be told to come back for ever."""
    with pytest.raises(ValidationError, match="max_in_flight_bytes"):
        GuardConfig(max_request_bytes=10, max_in_flight_bytes=9)
