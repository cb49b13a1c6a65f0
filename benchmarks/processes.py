"""The processes under test, and what the kernel says they used."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Peer:
    """A receiver of OTLP/gRPC. `admin_port` is 0 where it has no metrics to ask for what still waits."""

    name: str
    process: subprocess.Popen[bytes]
    grpc_port: int
    admin_port: int = 0

    def pids(self) -> list[int]:
        pids = [self.process.pid]
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += [int(child) for child in (task / "children").read_text().split()]
        return pids

    def cpu_s(self) -> list[float]:
        """User and system seconds so far: the main process, then its children."""
        return [_cpu_s(pid) for pid in self.pids()]

    def peak_mib(self) -> list[float]:
        return [_status_kib(pid, "VmHWM") / 1024 for pid in self.pids()]

    def waiting(self) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("genai_sidecar_waiting{"))

    def until_done(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            time.sleep(0.5)
            if self.waiting() == 0:
                return
        raise SystemExit(f"{self.name}: not done within {timeout_s} s")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status_kib(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return 0


@contextlib.contextmanager
def running(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(env or {})})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def wait_for_port(port: int, timeout_s: float = 20.0) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        grpc.channel_ready_future(channel).result(timeout_s)


@contextlib.contextmanager
def sink(directory: Path, port: int) -> Iterator[None]:
    with running([sys.executable, "-m", "benchmarks.sink", str(port)], directory / "sink.log"):
        wait_for_port(port)
        yield


@contextlib.contextmanager
def sidecar(
    directory: Path, ports: list[int], sink_port: int, *, detection: bool = False, on_disk: bool = False,
    decision_wait: str = "1s", late_window: str = "1s",
) -> Iterator[Peer]:  # fmt: skip
    storage = f"directory: {directory / 'storage'}, " if on_disk else ""
    config, policy = directory / "sidecar.yaml", directory / "policy.yaml"
    config.write_text(f"""
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: 127.0.0.1:{ports[0]}}}}}}}}}
exporters: {{otlp/sink: {{endpoint: 127.0.0.1:{sink_port}, tls: {{insecure: true}}, compression: none}}}}
storage: {{{storage}max_size_mib: 4096}}
admin: {{endpoint: 127.0.0.1:{ports[1]}}}
""")
    policy.write_text(f"""
version: 1
pii: {{enabled: {str(detection).lower()}}}
sampling:
  decision_wait: {decision_wait}
  decision_wait_after_root_received: {decision_wait}
  late_window: {late_window}
  policies:
    - {{name: errors, type: status_code, status_code: {{status_codes: [ERROR]}}}}
    - {{name: low-score, type: score, score: {{below: 0.5}}}}
    - {{name: routine, type: probabilistic, probabilistic: {{sampling_percentage: 10}}}}
""")
    command = [sys.executable, "-m", "sidecar.cli", "run", "--config", str(config), "--policy", str(policy)]
    with running(command, directory / "sidecar.log") as process:
        wait_for_port(ports[0])
        yield Peer("sidecar", process, ports[0], ports[1])


@contextlib.contextmanager
def rotel(directory: Path, port: int, sink_port: int, binary: str) -> Iterator[Peer]:
    command = [binary, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{port}", "--otlp-http-endpoint", "127.0.0.1:0"]
    command += ["--otlp-grpc-max-recv-msg-size-mib", "64", "--exporter", "otlp"]
    command += ["--otlp-exporter-endpoint", f"http://127.0.0.1:{sink_port}", "--otlp-exporter-protocol", "grpc"]
    command += ["--otlp-exporter-compression", "none"]
    with running(command, directory / "rotel.log") as process:
        wait_for_port(port)
        yield Peer("rotel", process, port)
