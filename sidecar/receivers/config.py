"""`receivers.otlp` of sidecar.yaml, in the Collector's spelling, and the limits both receivers share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from processors.section import StrictModel
from processors.values import Duration, Secret

_MIB: Final = 1024 * 1024
_ENDPOINT: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>\d{1,5})")


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """Host (IPv6 without its brackets) and port. Raises ValueError unless it is `host:port` or `[address]:port`."""
    match = _ENDPOINT.fullmatch(endpoint)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("not an endpoint; allowed: host:port, such as 127.0.0.1:4317, 0.0.0.0:4317 or [::1]:4317")
    return match["v6"] or match["host"], int(match["port"])


def _check_endpoint(endpoint: str) -> str:
    split_endpoint(endpoint)
    return endpoint


Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
"""Where to listen: `host:port`. Port 0 lets the system choose."""


class ServerTls(StrictModel):
    """TLS 1.2 at least. The files are read again when they change."""

    cert_file: Path
    """PEM: the server's certificate, then its chain."""
    key_file: Path
    """PEM: the private key of `cert_file`."""
    client_ca_file: Path | None = None
    """PEM: if it is given, clients must show a certificate signed by one of these (mutual TLS)."""


class BearerAuth(StrictModel):
    """What clients must send to be let in. Exactly one of the two keys is needed."""

    bearer_token: Secret | None = None
    """Clients must send `authorization: Bearer <token>`."""
    bearer_token_file: Path | None = None
    """File with tokens, one a line, each of which is accepted. Read again when it changes."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.bearer_token is None) == (self.bearer_token_file is None):
            raise ValueError("either bearer_token or bearer_token_file is needed")
        if self.bearer_token is not None and not self.bearer_token.reveal().strip():
            raise ValueError("bearer_token is empty")
        return self


class KeepaliveServerParameters(StrictModel):
    max_connection_idle: Duration | None = None
    """A connection without requests for so long is closed. Absent, as for the other keys here: gRPC's own default."""
    max_connection_age: Duration | None = None
    """A connection this old is closed, once its requests are answered."""
    max_connection_age_grace: Duration | None = None
    """How long requests in flight have to end on a connection that is too old."""
    time: Duration | None = None
    """A connection that is silent for so long is pinged."""
    timeout: Duration | None = None
    """A ping unanswered for so long closes the connection."""


class KeepaliveEnforcementPolicy(StrictModel):
    min_time: Duration | None = None
    """Clients that ping more often are disconnected."""
    permit_without_stream: bool = False
    """true: clients may ping while no request is in flight."""


class Keepalive(StrictModel):
    server_parameters: KeepaliveServerParameters = KeepaliveServerParameters()
    enforcement_policy: KeepaliveEnforcementPolicy = KeepaliveEnforcementPolicy()


class GrpcReceiverConfig(StrictModel):
    """OTLP over gRPC."""

    endpoint: Endpoint = "127.0.0.1:4317"
    """Where to listen: `host:port`; `[::1]:4317` for IPv6. Port 0: the system chooses."""
    max_recv_msg_size_mib: int = Field(default=64, gt=0, le=2047)
    """The largest request, after decompression (OTLP 1.11 recommends 64)."""
    max_concurrent_streams: int = Field(default=100, gt=0)
    """Requests in flight on one connection."""
    keepalive: Keepalive = Keepalive()
    tls: ServerTls | None = None
    auth: BearerAuth | None = None


class HttpReceiverConfig(StrictModel):
    """OTLP over HTTP, and `POST /v1/scores`."""

    endpoint: Endpoint = "127.0.0.1:4318"
    """Where to listen: `host:port`; `[::1]:4318` for IPv6. Port 0: the system chooses."""
    max_request_body_size: int = Field(default=64 * _MIB, gt=0)
    """The largest request in bytes, after decompression too (OTLP 1.11 recommends 64 MiB)."""
    read_header_timeout: Duration = 10.0
    """From the first byte of a request, or from the connection, to the end of the headers."""
    read_timeout: Duration = 30.0
    """From the end of the headers to the end of the body, however it trickles."""
    idle_timeout: Duration = 60.0
    """How long a connection may wait for its next request."""
    max_connections: int = Field(default=1024, gt=0)
    """Connections above it are closed at once."""
    tls: ServerTls | None = None
    auth: BearerAuth | None = None


class GuardConfig(StrictModel):
    """What one request, and all requests in flight together, may cost in memory."""

    max_request_bytes: int = Field(default=64 * _MIB, gt=0)
    """Of one decompressed request. Not below what the receivers let in, or theirs never counts."""
    max_items_per_request: int = Field(default=200_000, gt=0)
    """Spans, log records or metrics: a million empty spans fit into 2 MB and take 190 MB once parsed."""
    max_in_flight_bytes: int = Field(default=256 * _MIB, gt=0)
    """Of all requests that are being received or wait to be kept."""

    @model_validator(mode="after")
    def _one_request_fits(self) -> Self:
        if self.max_in_flight_bytes < self.max_request_bytes:
            raise ValueError("max_in_flight_bytes is below max_request_bytes: the largest request could never pass")
        return self
