"""Addresses of backends, as the exporters' configurations spell them. Nothing is resolved here."""

from __future__ import annotations

import re
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator

_AUTHORITY: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::(?P<port>\d{1,5}))?")
_GRPC_ALLOWED: Final = "allowed: host:port, http://host:port (no TLS) or https://host:port"
_HTTP_ALLOWED: Final = "allowed: http://host[:port][/path] or https://host[:port][/path]"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class GrpcTarget(NamedTuple):
    scheme: str
    """`http`, `https`, or empty where the endpoint does not say."""
    authority: str
    """`host:port`, IPv6 in brackets."""


def grpc_target(endpoint: str) -> GrpcTarget:
    """Takes a gRPC endpoint apart. Raises ValueError, which never repeats the endpoint: it may hold a password."""
    scheme, separator, rest = endpoint.partition("://")
    scheme, rest = (scheme.lower(), rest.removesuffix("/")) if separator else ("", endpoint)
    if separator and scheme not in _DEFAULT_PORTS:
        raise ValueError(f"unknown scheme; {_GRPC_ALLOWED}")
    match = _AUTHORITY.fullmatch(rest)
    if match is None:
        raise ValueError(f"not a gRPC endpoint; {_GRPC_ALLOWED}")
    port = int(match["port"] or _DEFAULT_PORTS.get(scheme, 0))
    if not 0 < port <= 65535:
        raise ValueError(f"no usable port; {_GRPC_ALLOWED}")
    host = f"[{match['v6']}]" if match["v6"] else match["host"]
    return GrpcTarget(scheme, f"{host}:{port}")


def _check_grpc(endpoint: str) -> str:
    grpc_target(endpoint)
    return endpoint


def _check_url(url: str) -> str:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"not a URL; {_HTTP_ALLOWED}")
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"not a URL; {_HTTP_ALLOWED}")
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong into a URL, where they end up in logs; use headers")
    match = _AUTHORITY.fullmatch(parts.netloc)
    if match is None or (match["port"] and not 0 < int(match["port"]) <= 65535) or parts.fragment:
        raise ValueError(f"not a URL; {_HTTP_ALLOWED}")
    return url


def _check_base_url(url: str) -> str:
    _check_url(url)
    if urlsplit(url).query:
        raise ValueError("a base endpoint has no query; use traces_endpoint, logs_endpoint and metrics_endpoint")
    return url


GrpcEndpoint = Annotated[str, AfterValidator(_check_grpc)]
"""`host:port`, `http://host:port` (no TLS) or `https://host:port`."""

HttpUrl = Annotated[str, AfterValidator(_check_url)]
"""An http or https URL without credentials, taken as it is."""

HttpBaseUrl = Annotated[str, AfterValidator(_check_base_url)]
"""The same without a query: `/v1/traces` and its like are appended."""
