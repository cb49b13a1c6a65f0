"""sidecar.yaml from disk, with the checks that take more than one key to make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sidecar.config import Config
from sidecar.documents import Document, DocumentErrors, KeyPath, parse, read_bytes, validate
from sidecar.documents.files import named_paths, problems_of, read_named
from sidecar.receivers.config import split_endpoint

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_ANY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # recognised, not bound
_MADE_IF_MISSING: Final = ("storage", "encryption_key_file")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def load_config(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration in `path`. Raises DocumentErrors with every mistake in it and in the files it names."""
    return config_from(parse(read_bytes(path), str(path), environ))


def config_from(document: Document) -> Config:
    """Raises DocumentErrors."""
    named = [(key, path) for key, path in named_paths(document) if key != _MADE_IF_MISSING or Path(path).exists()]
    config = validate(document, Config, problems_of(document, read_named(named)))
    if problems := [document.problem(key, what) for key, what in conflicts(config)]:
        raise DocumentErrors(problems)
    return config


def conflicts(config: Config) -> Iterator[tuple[KeyPath, str]]:
    """Endpoints that cannot be right together: two that listen on one port, and an exporter that sends to ourselves."""
    listening: dict[KeyPath, tuple[str, int]] = {}
    for key, endpoint in _listeners(config):
        host, port = split_endpoint(endpoint)
        for other_key, (other_host, other_port) in listening.items():
            if port and port == other_port and _meet(host, other_host):
                yield key, f"port {port} is already taken by {'.'.join(map(str, other_key))}; allowed: another port"
        listening[key] = (host, port)
    for key, endpoint in exporter_endpoints(config):
        host, port = _target(endpoint)
        for other_key, (other_host, other_port) in listening.items():
            if port and port == other_port and _meet(host, other_host):
                yield (
                    key,
                    (
                        f"the sidecar would send to itself: {'.'.join(map(str, other_key))} listens there"
                        "; allowed: the backend's endpoint, or another port for the receiver"
                    ),
                )


def exporter_endpoints(config: Config) -> Iterator[tuple[KeyPath, str]]:
    """Every place the configuration sends to."""
    for name, exporter in config.exporters.items():
        for field in type(exporter).model_fields:
            value = getattr(exporter, field)
            if field.endswith("endpoint") and isinstance(value, str):
                yield ("exporters", name, field), value


def _listeners(config: Config) -> Iterator[tuple[KeyPath, str]]:
    protocols = config.receivers.otlp.protocols
    for name, protocol in (("grpc", protocols.grpc), ("http", protocols.http)):
        if protocol is not None:
            yield ("receivers", "otlp", "protocols", name, "endpoint"), protocol.endpoint
    if config.admin.enabled:
        yield ("admin", "endpoint"), config.admin.endpoint


def _target(endpoint: str) -> tuple[str, int]:
    """Host and port an exporter's endpoint leads to, with or without a scheme and a path; port 0 if it has none."""
    scheme, separator, rest = endpoint.partition("://")
    authority = (rest if separator else endpoint).lstrip("/").partition("/")[0]
    host, colon, port = authority.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = authority, str(_DEFAULT_PORTS.get(scheme.lower(), 0) if separator else 0)
    return host.strip("[]").lower(), int(port)


def _meet(host: str, other: str) -> bool:
    """Whether both can mean one address of this machine."""
    local = _ANY | _LOOPBACK
    return host.lower() == other.lower() or (host.lower() in local and other.lower() in local)
