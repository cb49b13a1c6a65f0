"""sidecar.yaml as typed models: where telemetry comes from and where it goes, in the Collector's spelling."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, Self, TypeAlias

from annotated_types import MinLen
from pydantic import BeforeValidator, Field, TypeAdapter, model_validator
from typing_extensions import TypedDict

from processors.otlp.signal import Signal
from processors.section import StrictModel
from processors.values import Duration
from sidecar.exporters.config import EXPORTER_CONFIGS, ExporterConfig
from sidecar.receivers.config import Endpoint, GrpcReceiverConfig, HttpReceiverConfig
from sidecar.storage.config import StorageConfig


class ProtocolsConfig(StrictModel):
    """One of them at least. One that is not named is not started; one without a body has its defaults."""

    grpc: GrpcReceiverConfig | None = None
    """OTLP/gRPC."""
    http: HttpReceiverConfig | None = None
    """OTLP/HTTP, and `POST /v1/scores`."""

    @model_validator(mode="before")
    @classmethod
    def _no_body_is_the_default(cls, data: Any) -> Any:
        return _empty_for_none(data)

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if self.grpc is None and self.http is None:
            raise ValueError("no protocol is named; allowed: grpc, http or both")
        return self


def _both_protocols() -> ProtocolsConfig:
    return ProtocolsConfig(grpc=GrpcReceiverConfig(), http=HttpReceiverConfig())


class OtlpReceiverConfig(StrictModel):
    """OTLP, over gRPC and HTTP."""

    protocols: ProtocolsConfig = Field(default_factory=_both_protocols)
    """Absent: both, on loopback. Otherwise the named ones; one without a body has its defaults."""


class ReceiversConfig(StrictModel):
    """Where telemetry comes in."""

    otlp: OtlpReceiverConfig = Field(default_factory=OtlpReceiverConfig)
    """The one receiver there is."""


class AdminConfig(StrictModel):
    """Serves `/livez`, `/readyz` and `/metrics`."""

    enabled: bool = True
    """false: nothing listens."""
    endpoint: Endpoint = "127.0.0.1:8888"
    """Where to listen: `host:port`."""


def exporter_type(name: str) -> str:
    """`otlp` for `otlp/backend`."""
    return name.partition("/")[0]


def _model_of(name: str) -> Any:
    """What the exporter of that name is configured by; for an unknown type, something that refuses whatever comes."""
    known = EXPORTER_CONFIGS.get(exporter_type(name))
    if known is not None:
        return known

    def refuse(_: Any) -> NoReturn:
        close = difflib.get_close_matches(exporter_type(name), EXPORTER_CONFIGS, n=1)
        suggestion = f", did you mean {close[0]}?" if close else ""
        allowed = f"{', '.join(EXPORTER_CONFIGS)}, each also as type/name"
        raise ValueError(f"unknown exporter type{suggestion}; allowed: {allowed}")

    return Annotated[Any, BeforeValidator(refuse)]


def _by_type(data: Any) -> Any:
    """Reads each exporter as what the type in its key says."""
    if not isinstance(data, Mapping):
        return data
    models: dict[str, Any] = {name: _model_of(name) for name in data}
    shape: Any = TypedDict("Exporters", models)  # type: ignore[misc]  # its keys are known only now
    return TypeAdapter(shape).validate_python(_empty_for_none(data))


def _schema_by_type(schema: dict[str, Any]) -> None:
    """Editors are told which keys an exporter of each type has, and which types need none."""
    inner = schema.pop("additionalProperties")
    schemas = dict(zip(dict.fromkeys(EXPORTER_CONFIGS.values()), inner.get("anyOf", [inner]), strict=True))
    schema["patternProperties"] = {
        f"^{name}(/.+)?$": schemas[model] if _needs_body(model) else {"anyOf": [schemas[model], {"type": "null"}]}
        for name, model in EXPORTER_CONFIGS.items()
    }
    schema["additionalProperties"] = False


def _needs_body(model: type[StrictModel]) -> bool:
    return any(field.is_required() for field in model.model_fields.values())


Exporters: TypeAlias = Annotated[
    dict[str, ExporterConfig],
    MinLen(1),
    BeforeValidator(_by_type),
    Field(json_schema_extra=_schema_by_type),
]


class Config(StrictModel):
    """Where telemetry comes from and where it goes."""

    receivers: ReceiversConfig = Field(default_factory=ReceiversConfig)
    """Where telemetry comes in."""
    exporters: Exporters
    """Where it goes: `type` or `type/name` to settings. Each has its own queue, so that none waits for another."""
    storage: StorageConfig = StorageConfig()
    """Where it waits in between."""
    admin: AdminConfig = AdminConfig()
    """Health and the sidecar's own metrics."""
    shutdown_timeout: Duration = 20.0
    """How long a stop may take to deliver what waits. What is left then waits in storage."""

    @property
    def unsent(self) -> list[Signal]:
        """The signals that no exporter is sent."""
        return [signal for signal in Signal if not any(signal in each.signals for each in self.exporters.values())]

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_the_default(cls, data: Any) -> Any:
        """`storage:` with nothing under it, or with all of it commented out."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None or key == "exporters"}


def _empty_for_none(data: Any) -> Any:
    return {key: {} if value is None else value for key, value in data.items()} if isinstance(data, Mapping) else data
