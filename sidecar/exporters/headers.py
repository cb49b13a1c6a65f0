"""Headers that go out with every request. Their values are secrets: no error, log or representation shows one."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from processors.values import Secret

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "te", "transfer-encoding"}
)
_GRPC_OURS: Final = _OURS | {"host", "user-agent"}


def _checked(headers: dict[str, Secret], ours: frozenset[str]) -> dict[str, Secret]:
    lowered: dict[str, Secret] = {}
    for name, secret in headers.items():
        key, value = name.lower(), secret.reveal()
        if not _NAME.fullmatch(name):
            raise ValueError(
                "a header has a name that HTTP does not allow; allowed: letters, digits and !#$%&'*+.^_`|~-"
            )
        if key in ours:
            raise ValueError(f"header {key} is set by the exporter itself")
        if key in lowered:
            raise ValueError(f"header {key} is there twice; upper and lower case make no difference")
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise ValueError(f"header {key} has a value with line breaks, outer blanks or characters outside ASCII")
        lowered[key] = secret
    return lowered


def _check_http(headers: dict[str, Secret]) -> dict[str, Secret]:
    return _checked(headers, _OURS)


def _check_grpc(headers: dict[str, Secret]) -> dict[str, Secret]:
    for name in map(str.lower, headers):
        if name.startswith("grpc-") or name.endswith("-bin"):
            raise ValueError("gRPC keeps header names that begin with grpc- or end with -bin for itself")
    return _checked(headers, _GRPC_OURS)


HttpHeaders = Annotated[dict[str, Secret], AfterValidator(_check_http)]
"""Name to value; names in lower case."""

GrpcHeaders = Annotated[dict[str, Secret], AfterValidator(_check_grpc)]
"""Sent as metadata; names in lower case, as HTTP/2 wants them."""
