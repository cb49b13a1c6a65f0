"""Memory of the main process while much waits: a steady load for a minute, long decision wait and late window.

Every span is a trace of its own, the hardest case for the ledger. The journal is on disk.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks import processes
from benchmarks.load import requests
from benchmarks.ports import free_ports
from benchmarks.processes import EXPORT

_SPANS_PER_REQUEST = 50
_DIFFERENT = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--spans-per-second", type=int, default=1_000)
    parser.add_argument("--span-bytes", type=int, default=9_000)
    parser.add_argument("--decision-wait", default="30s")
    parser.add_argument("--late-window", default="10m")
    options = parser.parse_args()
    ports = free_ports(3)
    waits = {"decision_wait": options.decision_wait, "late_window": options.late_window}
    with (
        tempfile.TemporaryDirectory() as name,
        processes.sink(Path(name), ports[2]),
        processes.sidecar(Path(name), ports[:2], ports[2], on_disk=True, **waits) as peer,
    ):
        sent = _load(peer.grpc_port, options)
        print(f"{sent} spans of {options.span_bytes} B sent in {options.seconds} s; waiting: {peer.waiting():.0f}")
        main_mib, *others = peer.peak_mib()
        print(f"peak of the main process {main_mib:.0f} MiB, of the others {[f'{mib:.0f}' for mib in others]} MiB")


def _load(port: int, options: argparse.Namespace) -> int:
    """Requests come evenly; each trace id once."""
    rng = random.Random(1)
    payloads = requests(_DIFFERENT, _SPANS_PER_REQUEST, options.span_bytes, seed=1)
    total: int = options.seconds * options.spans_per_second // _SPANS_PER_REQUEST
    began = time.monotonic()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        export = channel.unary_unary(EXPORT, request_serializer=None, response_deserializer=None)
        for number in range(total):
            due = began + number * _SPANS_PER_REQUEST / options.spans_per_second
            time.sleep(max(0.0, due - time.monotonic()))
            export(_renamed(payloads[number % _DIFFERENT], rng), timeout=60)
    return total * _SPANS_PER_REQUEST


def _renamed(payload: bytes, rng: random.Random) -> bytes:
    """The same spans in traces of their own."""
    request = ExportTraceServiceRequest.FromString(payload)
    for span in request.resource_spans[0].scope_spans[0].spans:
        span.trace_id = rng.randbytes(16)
    return request.SerializeToString()


if __name__ == "__main__":
    main()
