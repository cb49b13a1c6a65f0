"""The sidecar as a process of its own, started and configured as a user would, and asked as a monitor would."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from prometheus_client.parser import text_string_to_metric_families

from sidecar.clock import SystemClock

POLICY: Final = """\
version: 1
sampling:
  decision_wait: 2s
  decision_wait_after_root_received: 500ms
  late_window: 10m
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
    - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
"""

_CONFIG: Final = """\
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: 127.0.0.1:{grpc}}}
      http: {{endpoint: 127.0.0.1:{http}}}
exporters:
  otlp/backend:
    endpoint: {backend}
    tls: {{insecure: true}}
admin: {{endpoint: 127.0.0.1:{admin}}}
"""

_READY_TIMEOUT_S: Final = 60.0
_STOP_TIMEOUT_S: Final = 15.0
_POLL_S: Final = 0.05
_LOG_LINES: Final = 20


class DemoError(Exception):
    """The demo cannot go on; the message says why and is for the user."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The sidecar's own account of the spans, from /metrics."""

    received: int
    recovered: int
    exported: int
    sampled_out: int
    rejected: int
    waiting: int
    logs_exported: int

    @property
    def settled(self) -> bool:
        """Nothing waits, and everything that came in is accounted for."""
        done = self.exported + self.sampled_out + self.rejected
        return self.waiting == 0 and self.received + self.recovered == done


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment without proxies and OTEL_ settings, which would lead the demo elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("OTEL_", "OPENAI_"))
    }
    return {**kept, **extra}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class SidecarProcess:
    """`genai-sidecar run` while the context lasts. Its files and its log are in `directory`."""

    def __init__(self, directory: Path, backend_address: str) -> None:
        self._directory = directory
        self._log = directory / "sidecar.log"
        self._clock = SystemClock()
        self._grpc, http, self._admin = _free_ports(3)
        config = directory / "sidecar.yaml"
        config.write_text(_CONFIG.format(grpc=self._grpc, http=http, admin=self._admin, backend=backend_address))
        policy = directory / "policy.yaml"
        policy.write_text(POLICY)
        self._command = [sys.executable, "-m", "sidecar.cli", "run", "--config", str(config), "--policy", str(policy)]

    @property
    def otlp_endpoint(self) -> str:
        """What the app's OTEL_EXPORTER_OTLP_ENDPOINT is set to."""
        return f"http://127.0.0.1:{self._grpc}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self._admin}/metrics"

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment({})
            )
        try:
            self.wait_until(lambda: self._get("/readyz")[0] == 200, _READY_TIMEOUT_S, "ready")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Raises DemoError if the process ends first, or the condition has not come true in time."""
        deadline = self._clock.monotonic() + timeout_s
        while not condition():
            try:
                status = self._process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if self._clock.monotonic() > deadline:
                    raise DemoError(f"the sidecar was not {what} after {timeout_s:g} s\n{self._log_end()}") from None
            else:
                raise DemoError(f"the sidecar ended with status {status}\n{self._log_end()}")

    def _log_end(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:])

    def _get(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 while nothing listens yet. Plain HTTP, past any proxy."""
        connection = HTTPConnection("127.0.0.1", self._admin, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, HTTPException):
            return 0, ""
        finally:
            connection.close()

    def numbers(self) -> Numbers:
        return read_numbers(self._get("/metrics")[1])


def read_numbers(exposition: str) -> Numbers:
    """The account of the spans in a Prometheus text exposition; absent families count as 0."""
    sums: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            key = (sample.name, sample.labels.get("signal", ""))
            sums[key] = sums.get(key, 0) + sample.value

    def number(name: str, signal: str = "traces") -> int:
        return int(sums.get((f"genai_sidecar_{name}", signal), 0))

    return Numbers(
        received=number("received_total"),
        recovered=number("recovered_total"),
        exported=number("exported_total"),
        sampled_out=number("sampled_out_total"),
        rejected=number("rejected_total"),
        waiting=sum(number("waiting", signal) for signal in ("traces", "logs", "metrics")),
        logs_exported=number("exported_total", "logs"),
    )
