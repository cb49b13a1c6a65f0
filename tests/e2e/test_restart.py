"""What a restart must not change: deadlines, decisions, late scores, and what is owed to the backend.

`SIDECAR_TEST_PAUSE_S=60` lets that many seconds pass before late scores are sent.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.backend import Backend, attributes, wait_until
from tests.support.chats import PLANTED
from tests.support.load import REASONS, Client, Piece, Way, encode, evaluation, low_score, make_spans
from tests.support.sidecar_process import Samples, Sidecar, imbalance, total

PAUSE_S = float(os.environ.get("SIDECAR_TEST_PAUSE_S", "0"))
ERRORS_AND_LOW_SCORES = """
version: 1
sampling:
  decision_wait: 1s
  decision_wait_after_root_received: 300ms
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
"""
LATE = "genai_sidecar.sampling.late"
POLICY = "genai_sidecar.sampling.policy"


@dataclass
class Sent:
    """Sends, over gRPC and HTTP in turn, and looks at what became of it."""

    sidecar: Sidecar
    backend: Backend

    def send(self, way: Way, *pieces: Piece) -> None:
        ports = self.sidecar.grpc_port, self.sidecar.http_port
        with Client(*ports, over_grpc=len(pieces) % 2 == 1) as client:
            assert client.send(way, encode(way, pieces)) == "acknowledged"

    def spans(self, *traces: list[Span]) -> None:
        self.send("traces", *(Piece("traces", tuple(trace)) for trace in traces))

    def save(self, trace: list[Span], reason: str) -> int:
        """Sends, for a trace that was dropped, what it should be kept for; the spans that added."""
        trace_id = trace[0].trace_id
        match reason:
            case "error":
                self.spans([late_span(trace[1], error=True)])
                return 1
            case "span event":
                self.spans([late_span(trace[1], score=0.1)])
                return 1
            case "log record":
                self.send("logs", Piece("logs", log=evaluation(trace_id, 0.1, 1)))
            case _:
                self.send("scores", Piece("scores", score=low_score(reason, trace_id)))
        return 0

    def arrived(self) -> dict[bytes, list[Span]]:
        by_trace = defaultdict(list)
        for span in self.backend.spans():
            by_trace[span.trace_id].append(span)
        return by_trace

    def wait_for_metrics(self, what: str, is_true: Callable[[Samples], bool], timeout_s: float = 15.0) -> None:
        def look() -> bool:
            samples = self.sidecar.metrics()
            assert imbalance(samples, "traces") == imbalance(samples, "logs") == 0
            return is_true(samples)

        wait_until(what, look, timeout_s)

    def wait_for_all_done(self) -> None:
        self.wait_for_metrics("nothing waits", lambda samples: total(samples, "genai_sidecar_waiting") == 0)


def storage_in(directory: Path) -> str:
    return f"directory: {directory / 'storage'}"


def dropped(samples: Samples) -> float:
    return total(samples, "genai_sidecar_traces_dropped_total")


@pytest.mark.timeout(60 + 3 * PAUSE_S)
def test_a_late_error_or_score_brings_a_dropped_trace_back_whole_also_after_a_restart(tmp_path: Path) -> None:
    """By a late span, a span event, a log record and three kinds of score; once, scrubbed, marked late.

    Half of them come before a SIGKILL and half after the restart. A late span of a kept trace bears its trace's stamp.
    """
    rng = random.Random(3)
    first = {reason: make_spans(rng, tools=2) for reason in REASONS}
    second = {reason: make_spans(rng, tools=2) for reason in REASONS}
    kept, never = make_spans(rng, error=True), make_spans(rng)
    kept += [late_span(kept[0]) for _ in range(2)]
    expected = Counter[bytes]()
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=ERRORS_AND_LOW_SCORES, storage=storage_in(tmp_path)) as sidecar,
    ):
        sent = Sent(sidecar, backend)
        sent.spans(*first.values(), *second.values(), never)
        sent.spans(kept[:2])
        sent.wait_for_metrics("they are dropped", lambda samples: dropped(samples) == 13)
        wait_until("the error is delivered", lambda: len(backend.spans()) == 2)
        time.sleep(PAUSE_S)
        for reason, trace in first.items():
            expected[trace[0].trace_id] = len(trace) + sent.save(trace, reason)
        sent.spans(kept[2:3])
        expected[kept[0].trace_id] = 3
        wait_until("the first half is back", lambda: len(backend.spans()) == sum(expected.values()))

        sidecar.kill()
        sidecar.start()
        sent.wait_for_metrics("it is replayed", lambda samples: total(samples, "genai_sidecar_traces") >= 14)
        time.sleep(PAUSE_S)
        for reason, trace in second.items():
            expected[trace[0].trace_id] = len(trace) + sent.save(trace, reason)
        sent.spans(kept[3:])
        expected[kept[0].trace_id] = 4
        wait_until("the second half is back", lambda: len(backend.spans()) >= sum(expected.values()))
        sent.wait_for_all_done()
        samples = sidecar.metrics()
        assert total(samples, "genai_sidecar_recovered_total") == sum(map(len, second.values()))
        assert dropped(samples) == 0, "decided again"
        assert total(samples, "genai_sidecar_traces_kept_total") == len(second)
        assert sidecar.terminate() == 0

    arrived = sent.arrived()
    assert Counter({trace_id: len(spans) for trace_id, spans in arrived.items()}) == expected
    assert all(len({span.span_id for span in spans}) == len(spans) for spans in arrived.values())
    stamps = {trace_id: {stamp(span) for span in spans} for trace_id, spans in arrived.items()}
    assert stamps.pop(kept[0].trace_id) == {("errors", False, "ot=th:0")}
    for reason, trace in [*first.items(), *second.items()]:
        policy = "errors" if reason == "error" else "low-score"
        assert stamps[trace[0].trace_id] == {(policy, True, "ot=th:0")}, reason
    everything = backend.all_bytes()
    assert [planted for planted in PLANTED if planted.encode() in everything] == []
    assert b"<EMAIL_ADDRESS>" in everything


def late_span(of: Span, *, error: bool = False, score: float | None = None) -> Span:
    """One more span of a trace; it says nothing that would keep it, unless told to."""
    span = make_spans(random.Random(9), error=error, score=score)[1]
    span.trace_id, span.parent_span_id, span.span_id = of.trace_id, of.span_id, secrets.token_bytes(8)
    return span


def stamp(span: Span) -> tuple[str, bool, str]:
    had = attributes(span)
    return had[POLICY], had.get(LATE, False), span.trace_state


def test_deadlines_outlive_a_kill(tmp_path: Path) -> None:
    """What waits is decided when it would have been; what is due already, at once; what is decided, not again."""
    wait_s = 5
    policy = ERRORS_AND_LOW_SCORES.replace("decision_wait: 1s", f"decision_wait: {wait_s}s")
    rng = random.Random(4)
    delivered, due, waiting = (make_spans(rng, error=True) for _ in range(3))
    del waiting[0]  # without its root it waits as long as it may
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=policy, storage=storage_in(tmp_path)) as sidecar,
    ):
        sent = Sent(sidecar, backend)
        sent.spans(delivered)
        wait_until("the first is delivered", lambda: len(backend.spans()) == 2)
        sent.wait_for_all_done()
        began = time.monotonic()
        sent.spans(waiting)
        sent.spans(due)
        sidecar.kill()
        time.sleep(max(0.0, began + 1.0 - time.monotonic()))
        restarted = time.monotonic()
        sidecar.start()
        sent.wait_for_metrics("one is due", lambda samples: total(samples, "genai_sidecar_traces_kept_total") == 1)
        samples = sidecar.metrics()
        assert total(samples, "genai_sidecar_replayed_total", signal="traces") == 3
        assert total(samples, "genai_sidecar_waiting", stage="undecided") == 1
        assert time.monotonic() < began + wait_s, "too slow a machine to tell"
        sent.wait_for_metrics("one has waited", lambda samples: total(samples, "genai_sidecar_traces_kept_total") == 2)
        decided = time.monotonic()
        assert began + wait_s - 0.1 <= decided < restarted + wait_s
        wait_until("both arrive", lambda: len(backend.spans()) == 5)
        sent.wait_for_all_done()
    assert Counter(span.trace_id for span in backend.spans()) == {
        delivered[0].trace_id: 2, due[0].trace_id: 2, waiting[0].trace_id: 1,
    }  # fmt: skip


def test_what_sigterm_leaves_undelivered_is_delivered_by_the_next_start(tmp_path: Path) -> None:
    """The backend is away at the stop: undecided, transformed and waiting items all arrive once it is back, once."""
    rng = random.Random(5)
    with (
        Backend() as backend,
        Sidecar(
            tmp_path, backend.port, policy=ERRORS_AND_LOW_SCORES, storage=storage_in(tmp_path), shutdown_timeout="1s"
        ) as sidecar,
    ):
        sent = Sent(sidecar, backend)
        backend.available = False
        before = [make_spans(rng, error=True) for _ in range(10)]
        sent.spans(*before)
        sent.send("logs", Piece("logs", log=evaluation(rng.randbytes(16), 0.9, 1)))
        sent.wait_for_metrics(
            "they wait for the backend",
            lambda samples: (
                total(samples, "genai_sidecar_waiting", stage="outbox", signal="traces") == 20
                and total(samples, "genai_sidecar_waiting", stage="outbox", signal="logs") == 1
            ),
        )
        undecided = [make_spans(rng, error=True) for _ in range(10)]
        sent.spans(*undecided)
        assert sidecar.terminate() == 0
        assert "stay in storage until the next start" in sidecar.log()
        backend.available = True
        sidecar.start()
        wait_until("all of it arrives", lambda: len(backend.spans()) >= 40 and len(backend.log_requests()) >= 1)
        sent.wait_for_all_done()
    counted = Counter(span.trace_id for span in backend.spans())
    assert counted == {trace[0].trace_id: 2 for trace in [*before, *undecided]}
    assert len(backend.log_requests()) == 1


def test_storage_that_cannot_be_used_is_left_alone_and_the_error_says_what_to_do(tmp_path: Path) -> None:
    """A second process, a missing key, another key and half a key: exit code 1, no traceback, no byte changed."""
    other = tmp_path / "other"
    other.mkdir()
    with Backend() as backend:
        backend.available = False
        with Sidecar(tmp_path, backend.port, policy=ERRORS_AND_LOW_SCORES, storage=storage_in(tmp_path)) as sidecar:
            sent = Sent(sidecar, backend)
            sent.spans(make_spans(random.Random(6), error=True))
            sent.wait_for_metrics(
                "it waits for the backend", lambda samples: total(samples, "genai_sidecar_waiting", stage="outbox") == 2
            )
            code, said = Sidecar(other, backend.port, storage=storage_in(tmp_path)).refuses_to_start()
            assert (code, "in use by another process" in said, "Traceback" in said) == (1, True, False)
            # One that is killed leaves a log for its database, which a wrong start must not touch either.
            sidecar.kill()
            key_file = tmp_path / "storage" / "encryption.key"
            key = key_file.read_bytes()
            for other_key, advice in (
                (None, "put the key back"),
                (secrets.token_hex(32).encode(), "put that key back"),
                (key[:20], "too short"),
            ):
                key_file.unlink(missing_ok=True)
                if other_key is not None:
                    key_file.write_bytes(other_key)
                before = contents(tmp_path / "storage")
                code, said = sidecar.refuses_to_start()
                assert (code, advice in said, "Traceback" in said) == (1, True, False), said
                assert contents(tmp_path / "storage") == before
            key_file.write_bytes(key)
            backend.available = True
            sidecar.start()
            wait_until("with its key it delivers", lambda: len(backend.spans()) == 2)


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}
