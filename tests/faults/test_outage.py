"""The backend is away for long, and the sidecar does not live through it."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support.backend import Backend, wait_until
from tests.support.bulk import LET_BULK_PASS, bulky_span
from tests.support.chats import request_of
from tests.support.load import Client
from tests.support.sidecar_process import KEEP_ALL, Sidecar, imbalance, total

MIB = 1024 * 1024
SPAN_BYTES = 9_000
REQUEST_SPANS = 100
REQUESTS = 50
"""45 MB, in each half of the outage the half of it."""


def test_a_long_outage_with_a_kill_in_it_loses_nothing_and_takes_no_memory(tmp_path: Path) -> None:
    """45 MB wait for the backend, half of them through a SIGKILL: all arrive once; the main process stays small."""
    rng = random.Random(1)
    sent: set[bytes] = set()
    with (
        Backend() as backend,
        Sidecar(
            tmp_path, backend.port, policy=KEEP_ALL + LET_BULK_PASS, storage=f"directory: {tmp_path / 'storage'}"
        ) as sidecar,
        Client(sidecar.grpc_port, sidecar.http_port, over_grpc=True) as client,
    ):
        backend.available = False

        def send_until(waiting: int) -> list[int]:
            """Sends half of it; the sizes of the main process on the way."""
            sizes = []
            for _ in range(REQUESTS // 2):
                spans = [bulky_span(rng, SPAN_BYTES) for _ in range(REQUEST_SPANS)]
                assert client.send("traces", request_of(spans).SerializeToString()) == "acknowledged"
                sent.update(span.span_id for span in spans)
                sizes.append(sidecar.resident_bytes())
            wait_until("all of it is in the outbox", lambda: in_outbox(sidecar) == waiting)
            return [*sizes, sidecar.resident_bytes()]

        half = REQUEST_SPANS * REQUESTS // 2
        before = send_until(half)
        sidecar.kill()
        sidecar.start()
        at_start = sidecar.resident_bytes()
        assert in_outbox(sidecar) == half
        after = send_until(2 * half)
        assert max(after) < at_start + 60 * MIB
        assert max(*before, *after) < 150 * MIB
        assert total(sidecar.metrics(), "genai_sidecar_storage_bytes", store="outbox", kind="used") > 45_000_000
        backend.available = True
        wait_until("all of it arrives", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        assert imbalance(sidecar.metrics(), "traces") == 0
        assert sidecar.resident_bytes() < 150 * MIB
    arrived = [span.span_id for span in backend.spans()]
    assert len(arrived) == len(sent) == 2 * half
    assert set(arrived) == sent


def in_outbox(sidecar: Sidecar) -> float:
    samples = sidecar.metrics()
    assert imbalance(samples, "traces") == 0
    return total(samples, "genai_sidecar_waiting", stage="outbox")
