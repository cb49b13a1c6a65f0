"""Where telemetry goes out: one exporter a destination, and the delivery loop that drains its queue.

    type in sidecar.yaml     configuration          exporter
    otlp, otlp_grpc          OtlpExporterConfig     otlp_grpc.OtlpGrpcExporter
    otlphttp, otlp_http      OtlpHttpExporterConfig otlp_http.OtlpHttpExporter
    file                     FileExporterConfig     file.FileExporter
    debug                    DebugExporterConfig    debug.DebugExporter

The names are bound to their configurations in `config.EXPORTER_CONFIGS`.
"""

from __future__ import annotations

from typing import assert_never

from sidecar.clock import Clock
from sidecar.exporters.config import (
    DebugExporterConfig,
    ExporterConfig,
    FileExporterConfig,
    OtlpExporterConfig,
    OtlpHttpExporterConfig,
)
from sidecar.exporters.exporter import Exporter


def make_exporter(name: str, config: ExporterConfig, clock: Clock) -> Exporter:
    """The exporter for a `type` or `type/name` of sidecar.yaml. Opens nothing: that is `start`'s."""
    # Each kind is imported only where it is used: httpx2 and grpc take a few MB and a tenth of a second each.
    if isinstance(config, OtlpExporterConfig):
        from sidecar.exporters.otlp_grpc import OtlpGrpcExporter  # noqa: PLC0415  # see above

        return OtlpGrpcExporter(name, config)
    if isinstance(config, OtlpHttpExporterConfig):
        from sidecar.exporters.otlp_http import OtlpHttpExporter  # noqa: PLC0415  # see above

        return OtlpHttpExporter(name, config, clock)
    if isinstance(config, FileExporterConfig):
        from sidecar.exporters.file import FileExporter  # noqa: PLC0415  # see above

        return FileExporter(name, config)
    if isinstance(config, DebugExporterConfig):
        from sidecar.exporters.debug import DebugExporter  # noqa: PLC0415  # see above

        return DebugExporter(name, config)
    assert_never(config)


__all__ = ["Exporter", "make_exporter"]
