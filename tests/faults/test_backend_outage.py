"""The backend goes away, or was never there."""

from __future__ import annotations

from pathlib import Path

from tests.support.backend import Backend, wait_until
from tests.support.ports import free_ports
from tests.support.sending import send
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total


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
