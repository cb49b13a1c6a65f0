"""The sidecar as its users run it: a process of its own with a config and a policy file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from tests.support.ports import free_ports

FAST_POLICY = """
version: 1
sampling:
  decision_wait: 1s
  decision_wait_after_root_received: 300ms
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
    - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
"""
KEEP_ALL = """
version: 1
sampling:
  decision_wait: 500ms
  decision_wait_after_root_received: 100ms
  policies: [{name: all, type: always_sample}]
"""

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Sidecar:
    """`exporter` is more YAML under `exporters`, `storage` the inside of that section in flow style; `within` goes
    before the command, and `environment` over this process's own.
    """

    def __init__(
        self,
        directory: Path,
        backend_port: int,
        *,
        policy: str = FAST_POLICY,
        exporter: str = "",
        storage: str = "",
        shutdown_timeout: str = "20s",
        within: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.grpc_port, self.http_port, self.admin_port = free_ports(3)
        self.config_file = directory / "sidecar.yaml"
        self.policy_file = directory / "policy.yaml"
        self.log_file = directory / "sidecar.log"
        self._backend_port = backend_port
        self._exporter = exporter
        self._shutdown_timeout = shutdown_timeout
        self._within = within
        self._environment = environment or {}
        self.policy_file.write_text(policy)
        self.configure(storage)
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, storage: str) -> None:
        """For the next start."""
        self.config_file.write_text(f"""
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: 127.0.0.1:{self.grpc_port}}}
      http: {{endpoint: 127.0.0.1:{self.http_port}}}
exporters:
  otlp/backend:
    endpoint: 127.0.0.1:{self._backend_port}
    tls: {{insecure: true}}
    retry_on_failure: {{initial_interval: 100ms, max_interval: 300ms}}
{self._exporter}
storage: {{{storage}}}
admin: {{endpoint: 127.0.0.1:{self.admin_port}}}
shutdown_timeout: {self._shutdown_timeout}
""")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def start(self) -> float:
        """Seconds until it was ready."""
        began = time.monotonic()
        self.spawn()
        self.wait_until_ready()
        return time.monotonic() - began

    def spawn(self) -> None:
        """Without waiting for anything."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own command
                [
                    *self._within,
                    *(sys.executable, "-m", "sidecar.cli", "run"),
                    *("--config", str(self.config_file), "--policy", str(self.policy_file)),
                ],
                stderr=log,
                stdout=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment},
            )

    def wait_until_ready(self, timeout_s: float = 20.0) -> None:
        assert self.process is not None
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.log()}")
            try:
                if self.get("/readyz") == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("not ready: " + self.log())

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def metrics_text(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def metrics(self) -> Samples:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(self.metrics_text())
            for sample in family.samples
        }

    def log(self) -> str:
        return self.log_file.read_text()

    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def resident_bytes(self) -> int:
        """Of the main process."""
        status = Path(f"/proc/{self.pid()}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def children(self) -> list[int]:
        """Its transform worker, as a rule."""
        return [int(pid) for pid in Path(f"/proc/{self.pid()}/task/{self.pid()}/children").read_text().split()]

    def kill(self) -> None:
        """SIGKILL, as the kernel would when memory is short."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def refuses_to_start(self, timeout_s: float = 20.0) -> tuple[int, str]:
        """The exit code, and what this start added to the log."""
        said = len(self.log()) if self.log_file.exists() else 0
        self.spawn()
        assert self.process is not None
        return self.process.wait(timeout_s), self.log()[said:]

    def terminate(self, timeout_s: float = 40.0) -> int:
        """The exit code after SIGTERM."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum over all samples of that name that have these labels."""
    return sum(
        value for (sample, given), value in samples.items() if sample == name and labels.items() <= dict(given).items()
    )


def imbalance(samples: Samples, signal_name: str) -> float:
    """0 where received + replayed + recovered = exported + sampled_out + rejected + waiting (`sidecar/metrics.py`)."""

    def of(name: str) -> float:
        return total(samples, f"genai_sidecar_{name}", signal=signal_name)

    came = of("received_total") + of("replayed_total") + of("recovered_total")
    went = of("exported_total") + of("sampled_out_total") + of("rejected_total") + of("waiting")
    return came - went
