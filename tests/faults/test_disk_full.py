"""No room: on the disk, and within `max_size_mib`."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import grpc
import httpx2
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.backend import Backend, wait_until
from tests.support.bulk import LET_BULK_PASS, bulky_span
from tests.support.chats import request_of
from tests.support.load import SERVICES
from tests.support.sidecar_process import Sidecar, imbalance, total

MIB = 1024 * 1024
SPAN_BYTES = 100_000
POLICY = f"""
version: 1
sampling:
  decision_wait: 600s
  decision_wait_after_root_received: 200ms
  policies:
    - {{name: errors, type: status_code, status_code: {{status_codes: [ERROR]}}}}
    - {{name: low-score, type: score, score: {{below: 0.5}}}}
{LET_BULK_PASS}
"""


class Sender:
    """Sends spans and notes those that were acknowledged; a refusal must be one that clients try again after."""

    def __init__(self, sidecar: Sidecar) -> None:
        self.acknowledged: set[bytes] = set()
        self._sidecar = sidecar
        self._channel = grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}")
        self._export = self._channel.unary_unary(
            SERVICES["traces"], request_serializer=None, response_deserializer=None
        )
        self._client = httpx2.Client(trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._client.close()

    def grpc(self, *spans: Span) -> bool:
        """Whether they were acknowledged."""
        try:
            self._export(request_of(list(spans)).SerializeToString(), timeout=10)
        except grpc.RpcError as error:
            check_retryable(error)
            return False
        self.acknowledged |= {span.span_id for span in spans}
        return True

    def http(self, *spans: Span) -> bool:
        answer = self._client.post(
            f"http://127.0.0.1:{self._sidecar.http_port}/v1/traces",
            content=request_of(list(spans)).SerializeToString(),
            headers={"content-type": "application/x-protobuf"},
        )
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
            return False
        assert answer.status_code == 200
        self.acknowledged |= {span.span_id for span in spans}
        return True

    def value(self, name: str, **labels: str) -> float:
        samples = self._sidecar.metrics()
        assert imbalance(samples, "traces") == 0
        return total(samples, f"genai_sidecar_{name}", **labels)


def check_retryable(error: grpc.RpcError) -> None:
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    trailing = {item.key: item.value for item in error.trailing_metadata() or ()}
    advice = RetryInfo()
    assert any(detail.Unpack(advice) for detail in Status.FromString(trailing["grpc-status-details-bin"]).details)
    assert advice.retry_delay.seconds >= 1


def on_tmpfs(directory: Path, size_mib: int) -> tuple[str, ...]:
    """Goes before a command: it sees a file system of that size there, and nobody else does."""
    mount = f'mount -t tmpfs -o size={size_mib}m,mode=700 tmpfs "$0" && exec "$@"'
    return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(directory))


@pytest.fixture
def small_disk(tmp_path: Path) -> Sequence[str]:
    directory = tmp_path / "storage"
    directory.mkdir()
    within = on_tmpfs(directory, 24)
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare` to mount a small file system with")
    tried = subprocess.run((*within, "true"), capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    if tried.returncode:
        pytest.skip(f"user and mount namespaces are not to be had here: {tried.stderr.strip()}")
    return within


@contextmanager
def filled(directory: Path) -> Iterator[None]:
    """Other data takes all that the file system has left."""
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (MIB, 4096):
            try:
                while True:
                    file.write(b"\xaa" * size)
            except OSError:
                pass
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.parametrize("fsync", ["process", "always"])
def test_a_full_disk_refuses_and_recovers_without_a_restart(
    tmp_path: Path, small_disk: Sequence[str], fsync: str
) -> None:
    """Clients are told to come back; what was acknowledged arrives, the errors that came before and after; no restart."""
    rng = random.Random(1)
    storage = tmp_path / "storage"
    with (
        Backend() as backend,
        Sidecar(
            tmp_path, backend.port, policy=POLICY, storage=f"directory: {storage}, fsync: {fsync}", within=small_disk
        ) as sidecar,
        Sender(sidecar) as sender,
    ):
        backend.available = False
        for _ in range(10):
            assert sender.grpc(bulky_span(rng, SPAN_BYTES, error=True))
            assert sender.http(bulky_span(rng, SPAN_BYTES, error=True, root=False))
        wait_until("some wait for the backend", lambda: sender.value("waiting", stage="outbox") == 10)
        with filled(Path(f"/proc/{sidecar.pid()}/root{storage}")):
            refused = 0
            for _ in range(30):
                refused += not sender.grpc(bulky_span(rng, SPAN_BYTES, error=True))
                refused += not sender.http(bulky_span(rng, SPAN_BYTES, error=True))
            assert refused > 10
            assert sidecar.get("/readyz") == 503
            assert sidecar.get("/livez") == 200
            assert sender.value("requests_refused_total", signal="traces") == refused
            assert sender.value("storage_events_total") > 0
            assert not sender.value("waiting", stage="undecided"), "what waits is decided before anything is refused"
        backend.available = True
        last = bulky_span(rng, SPAN_BYTES, error=True)
        wait_until("there is room again", lambda: sender.grpc(last))
        wait_until(
            "all that was acknowledged is delivered",
            lambda: sender.acknowledged <= {span.span_id for span in backend.spans()},
        )
        wait_until("it is written down", lambda: sender.value("waiting") == 0)
        assert sender.value("rejected_total") == 0


def test_a_full_storage_gives_up_dropped_traces_then_decides_early_then_refuses(tmp_path: Path) -> None:
    """Within `max_size_mib`, with the backend away: no error is given up, and nothing is refused before its turn."""
    rng = random.Random(2)
    with (
        Backend() as backend,
        Sidecar(
            tmp_path, backend.port, policy=POLICY, storage=f"directory: {tmp_path / 'storage'}, max_size_mib: 16"
        ) as sidecar,
        Sender(sidecar) as sender,
    ):
        backend.available = False
        for _ in range(40):
            assert sender.grpc(bulky_span(rng, SPAN_BYTES))
        wait_until("they are dropped", lambda: sender.value("traces_dropped_total") == 40)
        assert sender.value("traces", state="all") == 40
        errors: set[bytes] = set()

        def send(*, error: bool) -> bool:
            span = bulky_span(rng, SPAN_BYTES, error=error, root=False)
            accepted = sender.http(span)
            if accepted and error:
                errors.add(span.span_id)
            return accepted

        # First the dropped traces go. What waits goes on waiting.
        waiting = 0
        while sender.value("traces", state="all") > waiting:
            assert send(error=waiting % 10 != 0)
            waiting += 1
            assert sender.value("waiting", stage="undecided") == waiting
        assert waiting > 10
        # Then what waits is decided.
        while sender.value("traces_kept_total") == 0:
            assert sender.value("waiting", stage="undecided") == waiting
            if send(error=waiting % 10 != 0):
                waiting += 1
        assert waiting > 60
        assert sender.value("traces_kept_total") + 1 >= len(errors)
        # Then, with the outbox and the journal full of errors, nothing is taken.
        wait_until(
            "the outbox is at its limit",
            lambda: not send(error=True) and sender.value("exporter_queue", unit="bytes") >= 8 * MIB - SPAN_BYTES,
        )
        wait_until(
            "the journal is at its limit",
            lambda: not send(error=True) and sender.value("storage_bytes", store="journal", kind="used") > 6 * MIB,
        )
        assert sidecar.get("/readyz") == 503
        assert sender.value("requests_refused_total", signal="traces") > 0
        assert sender.value("storage_bytes", kind="used") < 24 * MIB
        backend.available = True
        # With its root: nothing presses any more, so that the others would wait as long as the policy says.
        wait_until("it takes data again", lambda: sender.grpc(bulky_span(rng, SPAN_BYTES, error=True)))
        wait_until("all errors are delivered", lambda: errors <= {span.span_id for span in backend.spans()})
        wait_until("nothing waits", lambda: sender.value("waiting", stage="outbox") == 0)
        assert sender.value("rejected_total") == 0
