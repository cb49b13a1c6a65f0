"""Start, stop, outage and reload of the real process."""

from __future__ import annotations

import random
from pathlib import Path

import grpc
import pytest

from tests.support.backend import Backend, attributes, wait_until
from tests.support.chats import chat_trace, request_of
from tests.support.ports import free_ports
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total

TRACE_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def send(sidecar: Sidecar, traces: int, *, seed: int = 1, error: bool = False) -> None:
    rng = random.Random(seed)
    with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
        export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
        for _ in range(traces):
            export(request_of(chat_trace(rng, error=error, planted=False)).SerializeToString(), timeout=10)


def test_it_accepts_data_within_two_seconds_of_its_start_and_stays_small(tmp_path: Path) -> None:
    """The detection model is loaded in the worker alone; nobody waits for it."""
    sidecar = Sidecar(tmp_path, 1)
    with sidecar:
        pass
    began = Sidecar(tmp_path, 1)
    try:
        # Twice the promise: a loaded machine makes this no timed test of speed, only of what start waits for.
        assert began.start() < 4.0
        send(began, 1)
        resident_kib = next(
            int(line.split()[1])
            for line in Path(f"/proc/{began.pid()}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        )
        assert resident_kib < 120 * 1024
    finally:
        began.__exit__(None, None, None)


def test_sigterm_decides_and_delivers_what_waits(tmp_path: Path) -> None:
    """Traces in their decision wait are decided at once, delivered, and the exit code is 0."""
    policy = KEEP_ALL.replace("500ms", "600s").replace("100ms", "600s")
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=policy) as sidecar:
        send(sidecar, 10)
        assert total(sidecar.metrics(), "genai_sidecar_waiting", stage="undecided") == 20
        assert sidecar.terminate() == 0
        assert len(backend.spans()) == 20


def test_an_outage_of_the_backend_loses_nothing_and_does_not_make_the_sidecar_unready(tmp_path: Path) -> None:
    """What was kept waits in the outbox and arrives once the backend is back."""
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=KEEP_ALL) as sidecar:
        backend.available = False
        send(sidecar, 10)
        wait_until(
            "all of it waits in the outbox",
            lambda: total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox") == 20,
        )
        assert sidecar.get("/readyz") == 200
        assert imbalance(sidecar.metrics(), "traces") == 0
        backend.available = True
        wait_until("it arrives", lambda: len(backend.spans()) == 20)
        wait_until("it is counted", lambda: total(sidecar.metrics(), "genai_sidecar_exported_total") == 20)


def test_a_backend_that_comes_late_is_found(tmp_path: Path) -> None:
    """Nothing listens at first: no data is lost, and no restart is needed."""
    port = free_ports(1)[0]
    with Sidecar(tmp_path, port, policy=KEEP_ALL) as sidecar:
        send(sidecar, 3)
        wait_until("all of it waits", lambda: total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox") == 6)
        with Backend(port) as backend:
            wait_until("it arrives", lambda: len(backend.spans()) == 6)


@pytest.mark.timeout(120)
def test_a_policy_is_reloaded_and_a_broken_one_is_not(tmp_path: Path) -> None:
    """The new policy names itself on the spans; the broken one leaves it in force and is told of."""
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=KEEP_ALL) as sidecar:
        sidecar.policy_file.write_text(KEEP_ALL.replace("name: all", "name: renamed"))
        wait_until(
            "the policy is applied",
            lambda: total(sidecar.metrics(), "genai_sidecar_policy_reloads_total", result="applied") == 1,
        )
        send(sidecar, 1)
        wait_until("the trace arrives", lambda: len(backend.spans()) == 2)
        assert {attributes(span)["genai_sidecar.sampling.policy"] for span in backend.spans()} == {"renamed"}
        sidecar.policy_file.write_text("version: 1\nsampling: {decision_wiat: 1s}\n")
        wait_until(
            "the broken policy is refused",
            lambda: total(sidecar.metrics(), "genai_sidecar_policy_up_to_date") == 0,
        )
        assert "policy.yaml:2" in sidecar.log()
        send(sidecar, 1, seed=2)
        wait_until("the running policy still works", lambda: len(backend.spans()) == 4)


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    """SIGKILL of the transform worker between jobs: the next trace is scrubbed by a new one."""
    import os  # noqa: PLC0415  # only here
    import signal  # noqa: PLC0415  # only here

    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=KEEP_ALL) as sidecar:
        send(sidecar, 1)
        wait_until("the first arrives", lambda: len(backend.spans()) == 2)
        children = Path(f"/proc/{sidecar.pid()}/task/{sidecar.pid()}/children").read_text().split()
        assert children
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        send(sidecar, 1, seed=2)
        wait_until("the second arrives", lambda: len(backend.spans()) == 4)
        assert all("genai_sidecar.sampling.policy" in attributes(span) for span in backend.spans())
