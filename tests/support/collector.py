"""A real OpenTelemetry Collector, the one that `make collector` builds, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.json_codec import decode_json
from processors.otlp.signal import Signal
from tests.support.ports import free_ports

CONFIGS = Path(__file__).parents[2] / "collector-config"
_ITEMS = {Signal.TRACES: b'{"resourceSpans"', Signal.LOGS: b'{"resourceLogs"', Signal.METRICS: b'{"resourceMetrics"'}
_QUIET = "yaml:service::telemetry::metrics::level: none"
"""A Collector serves its own metrics on a fixed port, which two of them, or a test and a Collector, would fight for."""


@cache
def binary() -> Path:
    """Where `make collector` puts it, whether it is there or not."""
    where = subprocess.run(  # noqa: S603  # our own script
        [str(CONFIGS / "build.sh"), "--where"], capture_output=True, text=True, check=True
    )
    return Path(where.stdout.strip())


needs_collector = pytest.mark.skipif(not binary().exists(), reason="no Collector is built: make collector")


class Collector:
    """`config` is a file, or the text of one. What it listens on is in OTLP_GRPC_ENDPOINT, OTLP_HTTP_ENDPOINT and
    HEALTH_ENDPOINT, as in the files of `collector-config`; `more` is further configuration, merged over it.
    """

    def __init__(
        self,
        directory: Path,
        config: Path | str,
        environment: Mapping[str, str] | None = None,
        *,
        more: tuple[str, ...] = (),
    ) -> None:
        directory.mkdir(exist_ok=True)
        if isinstance(config, str):
            (directory / "collector.yaml").write_text(config)
            config = directory / "collector.yaml"
        self.grpc_port, self.http_port, self._health_port = free_ports(3)
        self.log_file = directory / "collector.log"
        self._arguments = [f"--config={each}" for each in (config, *more, _QUIET)]
        self._environment = {
            "PATH": os.environ["PATH"],
            "OTLP_GRPC_ENDPOINT": f"127.0.0.1:{self.grpc_port}",
            "OTLP_HTTP_ENDPOINT": f"127.0.0.1:{self.http_port}",
            "HEALTH_ENDPOINT": f"127.0.0.1:{self._health_port}",
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own command
                [str(binary()), *self._arguments], stdout=log, stderr=log, env=self._environment
            )
        deadline = time.monotonic() + 30
        while not self._is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the Collector did not start: " + self.log())
            time.sleep(0.02)

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._health_port}/", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False

    def validate(self) -> None:
        """Raises CalledProcessError unless the Collector takes the configuration."""
        subprocess.run(  # noqa: S603  # our own command
            [str(binary()), "validate", *self._arguments], env=self._environment, check=True, capture_output=True
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> None:
        """Stops it as Kubernetes would: what it holds goes out first."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(30) == 0, self.log()

    def log(self) -> str:
        return self.log_file.read_text()


def exported(path: Path, signal: Signal) -> list[Any]:
    """What a file exporter, the Collector's or the sidecar's, has written of one signal; a line still being written is
    left out.
    """
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [decode_json(signal, line) for line in lines if line.startswith(_ITEMS[signal])]


def exported_spans(path: Path) -> list[Span]:
    return [
        span for request in exported(path, Signal.TRACES) for group in request.resource_spans
        for scope in group.scope_spans for span in scope.spans
    ]  # fmt: skip
