"""Wiring without a sidecar.yaml: the variables every OpenTelemetry SDK reads.

OpenTelemetry specification, protocol/exporter.md ("Configuration Options") and configuration/common.md (an empty
variable is an unset one; a timeout is a whole number of milliseconds; only `true` is true). Two things differ:

 - There is no default endpoint. The specification's, localhost:4317, is where the sidecar itself listens.
 - A timeout under 100 is an error. The Python SDK alone counts this variable in seconds, and 10 ms would never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote

from sidecar.config import Config
from sidecar.config_file import config_from
from sidecar.documents import Document, DocumentErrors, Problem
from sidecar.documents.node import MappingNode, Node, ScalarNode

_SOURCE: Final = "environment"
_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_PER_SIGNAL: Final = re.compile(rf"{_PREFIX}(?:TRACES|METRICS|LOGS)_\w+")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MIN_TIMEOUT_MS: Final = 100
_GRPC_PORT: Final = re.compile(r":4317/?$")

_VARIABLES: Final = {
    "endpoint": "ENDPOINT",
    "compression": "COMPRESSION",
    "timeout": "TIMEOUT",
    "headers": "HEADERS",
    "tls.insecure": "INSECURE",
    "tls.ca_file": "CERTIFICATE",
    "tls.cert_file": "CLIENT_CERTIFICATE",
    "tls.key_file": "CLIENT_KEY",
}
"""Configuration key of the exporter to the end of the variable's name."""


def config_from_env(environ: Mapping[str, str]) -> Config:
    """Both receivers on loopback, storage in memory, one exporter. Raises DocumentErrors that name the variables."""
    wiring = _Wiring({key.removeprefix(_PREFIX): value.strip() for key, value in environ.items() if value.strip()})
    exporter = wiring.exporter()
    if wiring.problems:
        raise DocumentErrors(wiring.problems)
    document = Document(_SOURCE, _node({"exporters": {wiring.exporter_type: exporter}}))
    try:
        return config_from(document)
    except DocumentErrors as error:
        raise DocumentErrors(_named_by_variable(problem) for problem in error.problems) from None


def ignored_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables for one signal only, which are not supported: one exporter takes them all."""
    return sorted(name for name, value in environ.items() if _PER_SIGNAL.fullmatch(name) and value.strip())


class _Wiring:
    """The variables, by the end of their names, and what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[Problem] = []
        self.exporter_type = "otlp" if self._protocol() == "grpc" else "otlphttp"

    def exporter(self) -> dict[str, Any]:
        endpoint = self._values.get("ENDPOINT", "")
        if not endpoint:
            self._report("ENDPOINT", "required without --config; set it to the backend, such as https://collector:4318")
        tls: dict[str, Any] = {
            "ca_file": self._values.get("CERTIFICATE"),
            "cert_file": self._values.get("CLIENT_CERTIFICATE"),
            "key_file": self._values.get("CLIENT_KEY"),
        }
        if self.exporter_type == "otlp":
            scheme, separator, rest = endpoint.partition("://")
            insecure = self._boolean("INSECURE")
            tls["insecure"] = scheme.lower() == "http" if separator else insecure
            if separator:
                if scheme.lower() not in ("http", "https"):
                    self._report("ENDPOINT", "unknown scheme; allowed: http://, https:// or host:port")
                endpoint = rest.rstrip("/")
        elif not endpoint.lower().startswith(("http://", "https://")) and endpoint:
            self._report("ENDPOINT", "not a URL; allowed: http://… or https://…, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc")
        settings = {
            "endpoint": endpoint,
            "headers": dict(self._headers()) or None,
            "compression": self._values.get("COMPRESSION", "none"),
            "timeout": self._timeout(),
            "tls": {key: value for key, value in tls.items() if value is not None} or None,
        }
        return {key: value for key, value in settings.items() if value is not None}

    def _report(self, variable: str, what: str) -> None:
        self.problems.append(Problem(_SOURCE, 0, _PREFIX + variable, what))

    def _protocol(self) -> str:
        protocol = self._values.get("PROTOCOL")
        if protocol is None:
            # The specification's default is http/protobuf; 4317 is the port registered for OTLP over gRPC.
            return "grpc" if _GRPC_PORT.search(self._values.get("ENDPOINT", "")) else "http/protobuf"
        if protocol not in ("grpc", "http/protobuf"):
            self._report("PROTOCOL", f"not supported (value {protocol!r}); allowed: grpc, http/protobuf")
        return protocol

    def _boolean(self, variable: str) -> bool:
        value = self._values.get(variable, "false")
        if value.lower() not in ("true", "false"):
            self._report(variable, f"not a truth value (value {value!r}); allowed: true or false")
        return value.lower() == "true"

    def _timeout(self) -> str:
        value = self._values.get("TIMEOUT", "10000")
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < _MIN_TIMEOUT_MS:
            allowed = (
                f"a whole number of milliseconds, at least {_MIN_TIMEOUT_MS}, as the OpenTelemetry specification says"
            )
            self._report("TIMEOUT", f"out of range (value {value!r}); allowed: {allowed}")
        return f"{value}ms"

    def _headers(self) -> Iterator[tuple[str, str]]:
        """`key=value,key=value`, values percent-encoded (W3C Baggage without properties)."""
        for position, member in enumerate(self._values.get("HEADERS", "").split(","), start=1):
            name, separator, value = (part.strip() for part in member.partition("="))
            if not member.strip():
                continue
            if not separator or not _HEADER_NAME.fullmatch(name):
                self._report(
                    "HEADERS", f"entry {position} cannot be read; allowed: key=value,key=value, percent-encoded"
                )
                continue
            yield name.lower(), unquote(value)


def _named_by_variable(problem: Problem) -> Problem:
    """What the exporter's model has to say, under the name of the variable that said it."""
    parts = problem.key.split(".", 2)
    key = parts[2] if len(parts) > 2 else ""
    ending = _VARIABLES.get(key) or _VARIABLES.get(key.split(".")[0])
    return replace(problem, line=0, key=_PREFIX + ending if ending else problem.key)


def _node(data: Any) -> Node:
    if isinstance(data, dict):
        return MappingNode(0, {key: _node(value) for key, value in data.items()}, dict.fromkeys(data, 0))
    text = str(data)
    return ScalarNode(0, data, text, text)
