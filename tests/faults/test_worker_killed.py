"""The transform worker is killed from outside."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.backend import Backend, attributes, wait_until
from tests.support.sending import send
from tests.support.sidecar_process import KEEP_ALL, Sidecar


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    """SIGKILL of the transform worker between jobs: the next trace is scrubbed by a new one."""
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
