"""`exporters` of sidecar.yaml, in the Collector's spelling (exporterhelper, configgrpc, confighttp, configretry)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from annotated_types import MinLen
from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from processors.otlp.signal import Signal
from processors.section import StrictModel
from processors.values import Duration
from sidecar.exporters.endpoint import GrpcEndpoint, HttpBaseUrl, HttpUrl, grpc_target
from sidecar.exporters.headers import GrpcHeaders, HttpHeaders


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("must be more than 0")
    return seconds


PositiveDuration = Annotated[Duration, AfterValidator(_positive)]


class RetryConfig(StrictModel):
    """When an attempt that failed for a reason that may pass is made again."""

    enabled: bool = True
    """false: what the first attempt does not deliver is dropped, and counted."""
    initial_interval: PositiveDuration = 5.0
    """Wait after the first failure."""
    max_interval: PositiveDuration = 30.0
    """The longest wait, but for one the backend asks for."""
    max_elapsed_time: Duration = 0.0
    """From a batch's first attempt to giving it up. 0: never give up."""
    multiplier: float = Field(default=1.5, ge=1, le=100)
    """Each wait is so many times the one before."""
    randomization_factor: float = Field(default=0.5, ge=0, le=1)
    """Each wait is drawn from ± this share of it, so that sidecars do not come back all at once."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.max_interval < self.initial_interval:
            raise ValueError("max_interval is below initial_interval")
        return self


class QueueConfig(StrictModel):
    """What waits for one exporter, apart from what waits for the others."""

    enabled: Literal[True] = True
    """Only true: what was acknowledged has to wait somewhere."""
    queue_size_mib: int = Field(default=1024, gt=0)
    """How much may wait. Above it nothing more is transformed; data waits where it came in."""
    num_consumers: int = Field(default=4, ge=1, le=64)
    """Requests in flight at once. One, while the backend is failing."""


class ClientTls(StrictModel):
    """How the backend is recognised, and how it recognises the sidecar. TLS 1.2 at least."""

    insecure: bool = False
    """true: no TLS at all. Only where the endpoint does not say otherwise."""
    ca_file: Path | None = None
    """PEM: the backend's certificate must lead to one of these. Absent: the system's authorities."""
    cert_file: Path | None = None
    """PEM: the sidecar's own certificate, then its chain (mutual TLS). With `key_file`."""
    key_file: Path | None = None
    """PEM: the private key of `cert_file`."""
    server_name_override: str | None = Field(default=None, min_length=1)
    """The name the backend's certificate must bear, where it is not the endpoint's."""
    insecure_skip_verify: bool = False
    """`otlphttp` only. true: whoever answers is believed. For tests."""

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        return self

    def check_against(self, scheme: str) -> None:
        """Raises ValueError where the endpoint and this section contradict each other: nothing falls back to plain text."""
        if scheme == "https" and self.insecure:
            raise ValueError("the endpoint says https and tls.insecure says no TLS")
        plain = scheme == "http" or (not scheme and self.insecure)
        if scheme == "http" and not self.insecure and "insecure" in self.model_fields_set:
            raise ValueError("the endpoint says http and tls.insecure: false says TLS")
        if plain and (self.ca_file or self.cert_file):
            raise ValueError("certificates are given for a connection without TLS; use https:// or insecure: false")


def _once_each(signals: list[Signal]) -> list[Signal]:
    if len(set(signals)) < len(signals):
        raise ValueError("names a signal twice")
    return signals


_Signal = Annotated[Signal, WithJsonSchema({"type": "string", "enum": [signal.value for signal in Signal]})]
_Signals = Annotated[list[_Signal], MinLen(1), AfterValidator(_once_each)]


class _Common(StrictModel):
    signals: _Signals = Field(default=list(Signal))
    """What it is sent. A signal that no exporter is sent is counted as rejected, `no_exporter`; scores in log records count all the same."""
    retry_on_failure: RetryConfig = RetryConfig()
    sending_queue: QueueConfig = QueueConfig()


class _Remote(_Common):
    compression: Literal["gzip", "none"] = "gzip"
    """How requests are compressed."""
    timeout: PositiveDuration = 10.0
    """Of one attempt, from connecting to the end of the answer."""
    tls: ClientTls = ClientTls()
    max_request_size_mib: int = Field(default=4, ge=1, le=64)
    """The largest request, before compression. Larger batches are split; one span above it is dropped and counted. gRPC servers take 4 by
    default; where the backend takes more, say so here (OTLP 1.11 recommends 64)."""


class OtlpExporterConfig(_Remote):
    """OTLP over gRPC."""

    endpoint: GrpcEndpoint
    """`host:port`, `http://host:port` (no TLS) or `https://host:port`."""
    headers: GrpcHeaders = Field(default_factory=dict)
    """Sent with every request, as metadata."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.tls.check_against(grpc_target(self.endpoint).scheme)
        if self.tls.insecure_skip_verify:
            raise ValueError("tls.insecure_skip_verify does not exist over gRPC; give tls.ca_file, or use otlphttp")
        return self

    @property
    def plain_text(self) -> bool:
        return self.tls.insecure or grpc_target(self.endpoint).scheme == "http"


class OtlpHttpExporterConfig(_Remote):
    """OTLP over HTTP/1.1, as protobuf."""

    endpoint: HttpBaseUrl | None = None
    """`http://` or `https://` URL, to which `/v1/traces`, `/v1/logs` or `/v1/metrics` is appended. Needed, unless those of
    the three below are given that `signals` has."""
    traces_endpoint: HttpUrl | None = None
    """URL for traces, taken as it is."""
    logs_endpoint: HttpUrl | None = None
    """URL for log records, taken as it is."""
    metrics_endpoint: HttpUrl | None = None
    """URL for metrics, taken as it is."""
    headers: HttpHeaders = Field(default_factory=dict)
    """Sent with every request."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for signal in Signal:
            if signal not in self.signals and self._own_url(signal) is not None:
                raise ValueError(f"{signal.value}_endpoint is given, but signals does not name {signal.value}")
        for url in map(self._url, self.signals):
            if url is None:
                needed = ", ".join(f"{signal.value}_endpoint" for signal in Signal if signal in self.signals)
                raise ValueError(f"endpoint is missing; without it this is needed: {needed}")
            self.tls.check_against(urlsplit(url).scheme)
        return self

    def url(self, signal: Signal) -> str:
        return self._url(signal) or ""

    def _url(self, signal: Signal) -> str | None:
        own = self._own_url(signal)
        if own is not None or self.endpoint is None:
            return own
        return f"{self.endpoint.rstrip('/')}/v1/{signal.value}"

    def _own_url(self, signal: Signal) -> str | None:
        return {
            Signal.TRACES: self.traces_endpoint,
            Signal.LOGS: self.logs_endpoint,
            Signal.METRICS: self.metrics_endpoint,
        }[signal]


class FileExporterConfig(_Common):
    """OTLP JSON in a file, one batch a line."""

    max_request_size_mib: ClassVar[int] = 1024
    path: Path
    """File to write. Made with mode 0600 where it is missing; its directory is not made."""
    append: bool = True
    """false: what is in the file at the start is dropped."""
    fsync: bool = False
    """true: a batch counts as delivered once the disk has it, not only the kernel."""


class DebugExporterConfig(_Common):
    """What goes out, on standard error."""

    max_request_size_mib: ClassVar[int] = 1024
    verbosity: Literal["basic", "normal", "detailed"] = "basic"
    """basic: counts. normal: a line an item. detailed: all there is."""


ExporterConfig: TypeAlias = OtlpExporterConfig | OtlpHttpExporterConfig | FileExporterConfig | DebugExporterConfig

EXPORTER_CONFIGS: Final[dict[str, type[ExporterConfig]]] = {
    "otlp": OtlpExporterConfig,
    "otlp_grpc": OtlpExporterConfig,
    "otlphttp": OtlpHttpExporterConfig,
    "otlp_http": OtlpHttpExporterConfig,
    "file": FileExporterConfig,
    "debug": DebugExporterConfig,
}
"""Component type to what configures it; an exporter's id is `type` or `type/name`."""
