"""CPU per span of the whole road, 10 % kept, beside a pass-through peer in the same run.

Each row is one load (spans per request, bytes per span). The peer `rotel` receives and forwards everything, and does
nothing else; the sidecar receives, observes, journals, decides, reads a tenth back, transforms and exports: once in
memory, once with `storage.directory` (`fsync: process`), and once in memory with detection. CPU is user + system time of
the processes under test alone, from the kernel, until nothing waits.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import tempfile
import time
from pathlib import Path

import grpc

from benchmarks import processes
from benchmarks.load import requests
from benchmarks.ports import free_ports
from benchmarks.processes import EXPORT, Peer

LOADS = [(spans, size) for spans in (1, 50, 500) for size in (600, 1500, 9000)]
_MAX_LOAD_BYTES = 96 * 1024 * 1024


def _rotel_binary() -> str | None:
    spec = importlib.util.find_spec("rotel")
    if spec is None or spec.origin is None:
        return None
    return str(Path(spec.origin).with_name("rotel-agent"))


def _measure(peer: Peer, payloads: list[bytes], spans: int) -> str:
    """Sends at the peer's own pace, four requests in flight."""
    before = peer.cpu_s()
    with grpc.insecure_channel(f"127.0.0.1:{peer.grpc_port}") as channel:
        export = channel.unary_unary(EXPORT, request_serializer=None, response_deserializer=None)
        flight = []
        for payload in payloads:
            flight.append(export.future(payload, timeout=60, wait_for_ready=True))
            if len(flight) >= 4:
                flight.pop(0).result()
        for call in flight:
            call.result()
    if peer.admin_port:
        peer.until_done(600)
    else:
        time.sleep(2.0)  # the peer has no queue to ask; its batches leave within 200 ms
    used = [after - then for after, then in zip(peer.cpu_s(), before, strict=True)]
    peak = "+".join(f"{mib:.0f}" for mib in peer.peak_mib())
    per_span = [seconds / spans * 1e6 for seconds in used]
    parts = "+".join(f"{value:.1f}" for value in per_span)
    return f"{sum(per_span):8.1f} ({parts}) µs, {peak} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--spans", type=int, default=20_000, help="about how many spans a row sends, detection off")
    parser.add_argument("--spans-detection", type=int, default=2_000, help="the same with detection on")
    parser.add_argument("--rounds", type=int, default=1, help="how often the whole table is measured")
    options = parser.parse_args()
    binary = _rotel_binary()
    if binary is None:
        print("rotel is not installed: no peer in this run (make bench installs it)")
    print("CPU per span (main+worker), peak memory (main+worker); 10 % of the traces kept")
    print(f"{'spans/request':>13} {'B/span':>7}  {'what':<22} cost")
    for spans, size in LOADS * options.rounds:
        _row(spans, size, options, binary)


def _row(spans: int, size: int, options: argparse.Namespace, binary: str | None) -> None:
    seed = random.randrange(2**32)
    for what, total in (
        ("rotel, pass-through", options.spans),
        ("sidecar, in memory", options.spans),
        ("sidecar, on disk", options.spans),
        ("sidecar, detection", options.spans_detection),
    ):
        count = max(4, min(total, _MAX_LOAD_BYTES // size) // spans)
        if spans == 1:
            count = min(count, 5_000)
        payloads = requests(count, spans, size, seed)
        mean = sum(map(len, payloads)) / (count * spans)
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            ports = free_ports(4)
            with processes.sink(directory, ports[3]):
                if what.startswith("rotel"):
                    if binary is None:
                        continue
                    with processes.rotel(directory, ports[0], ports[3], binary) as peer:
                        _warm_up(peer, size)
                        cost = _measure(peer, payloads, count * spans)
                else:
                    with processes.sidecar(
                        directory, ports[:2], ports[3], detection="detection" in what, on_disk="disk" in what
                    ) as peer:
                        _warm_up(peer, size)
                        cost = _measure(peer, payloads, count * spans)
        print(f"{spans:>13} {mean:>7.0f}  {what:<22} {cost}", flush=True)


def _warm_up(peer: Peer, size: int) -> None:
    """Until the worker has its model, its prices and its first batch behind it."""
    with grpc.insecure_channel(f"127.0.0.1:{peer.grpc_port}") as channel:
        for payload in requests(4, 50, size, seed=1):
            channel.unary_unary(EXPORT, request_serializer=None, response_deserializer=None)(payload, timeout=60)
    if peer.admin_port:
        peer.until_done(120)


if __name__ == "__main__":
    main()
