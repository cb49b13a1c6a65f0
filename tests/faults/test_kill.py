"""SIGKILL at random instants under load, against the senders' own ledger of what was acknowledged.

`SIDECAR_TEST_KILLS=200` asks for more kills than a suite can wait for, `SIDECAR_TEST_SEED` for another run.
"""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.signal import Signal
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.section import SamplingSection
from tests.support.backend import Backend, attributes, wait_until
from tests.support.chats import PLANTED
from tests.support.load import App, Client, Plan, sequence_of
from tests.support.sidecar_process import Sidecar, imbalance, total

KILLS = int(os.environ.get("SIDECAR_TEST_KILLS", "6"))
SEED = int(os.environ.get("SIDECAR_TEST_SEED", "1"))
POLICY = """
version: 1
sampling:
  decision_wait: 1s
  decision_wait_after_root_received: 300ms
  late_window: 40s
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
    - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
"""
LATE_S = 20.0
"""Half of the late window. A trace of which something comes later than that is nobody's promise, and left out."""
INSTANTS = ("starting", "young", "delivering", "draining", "young", "delivering")
"""When a life ends: while it starts and replays, soon after, when batches come out of the worker, after SIGTERM."""
SETTLING_S = 3.0
"""From the backend's answer until the outbox has written it down, on a busy machine."""


class Lives:
    """Kills and starts a sidecar, and notes when."""

    def __init__(self, sidecar: Sidecar, backend: Backend, storage: str, rng: random.Random) -> None:
        self.kills_s: list[float] = []
        self.ready_s: list[float] = []
        self.workers: set[int] = set()
        self._sidecar, self._backend, self._storage, self._rng = sidecar, backend, storage, rng

    def live(self, instant: str) -> None:
        """One life, to its end."""
        sidecar, rng = self._sidecar, self._rng
        self._backend.available = rng.random() < 0.75
        self._backend.delay_s = rng.choice((0.0, 0.0, 0.3))
        sidecar.configure(f"{self._storage}, fsync: {rng.choice(('process', 'always'))}")
        if instant == "starting":
            sidecar.spawn()
            time.sleep(rng.uniform(0.0, 2.0))
        else:
            self.start()
            if instant == "delivering":
                self._wait_for_the_worker()
            time.sleep(rng.uniform(0.0, 0.5))
            self.check_books()
            self.workers.update(sidecar.children())
        if instant == "draining":
            assert sidecar.process is not None
            sidecar.process.terminate()
            time.sleep(rng.uniform(0.0, 0.7))
        sidecar.kill()
        self.kills_s.append(time.monotonic())

    def start(self) -> None:
        self.ready_s.append(self._sidecar.start())
        self.check_books()

    def _wait_for_the_worker(self) -> None:
        """Until it has made something: the outbox takes it, or the backend has it already."""
        before, delivered = self._in_outbox(), len(self._backend.raw["traces"])
        wait_until(
            "the worker works",
            lambda: self._in_outbox() != before or len(self._backend.raw["traces"]) > delivered + 1,
        )

    def _in_outbox(self) -> float:
        return total(self._sidecar.metrics(), "genai_sidecar_waiting", stage="outbox")

    def check_books(self) -> None:
        samples = self._sidecar.metrics()
        assert total(samples, "genai_sidecar_rejected_total") == 0
        assert {signal: imbalance(samples, signal.value) for signal in Signal} == dict.fromkeys(Signal, 0)


def instants(rng: random.Random) -> Iterable[str]:
    for start in range(0, KILLS, len(INSTANTS)):
        yield from rng.sample(INSTANTS, len(INSTANTS))[: KILLS - start]


@pytest.mark.timeout(120 + 8 * KILLS)
def test_nothing_acknowledged_is_lost_however_often_the_sidecar_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every acknowledged span of an error, of a low score and of a sampled trace arrives; nothing else, nothing planted.

    A span comes twice only if its first delivery was under way at a kill; all spans of a trace bear one decision.
    The books balance at every scrape, and no killed process leaves another behind.
    """
    rng = random.Random(SEED)
    with ExitStack() as stack:
        backend = stack.enter_context(Backend())
        storage = f"directory: {tmp_path / 'storage'}"
        sidecar = Sidecar(tmp_path, backend.port, policy=POLICY, storage=storage)
        stack.push(sidecar)
        clients = [
            stack.enter_context(Client(sidecar.grpc_port, sidecar.http_port, over_grpc=over_grpc))
            for over_grpc in (True, False)
        ]
        apps = [
            stack.enter_context(App(client, seed=2 * SEED + number, traces_per_s=25))
            for number, client in enumerate(clients)
        ]
        lives = Lives(sidecar, backend, storage, rng)
        for instant in instants(rng):
            lives.live(instant)
        backend.available, backend.delay_s = True, 0.0
        lives.start()
        for app in apps:
            app.finish()
        plans = [plan for app in apps for plan in app.plans]
        delivered = Delivered(backend, lives.kills_s)

        def done() -> bool:
            lives.check_books()
            delivered.look()
            return total(sidecar.metrics(), "genai_sidecar_waiting") == 0 and not delivered.missing(plans)

        try:
            wait_until("all that was acknowledged is delivered", done, 60 + KILLS)
        finally:
            with capsys.disabled():
                print(f"\n{report(plans, delivered, lives)}")  # noqa: T201  # figures to quote
        assert sidecar.terminate() == 0
        wait_until("no worker has outlived its sidecar", lambda: not any(map(is_worker, lives.workers)))
        delivered.look()

    assert delivered.missing(plans) == []
    assert delivered.missing_logs(plans) == set()
    assert delivered.not_to_be_kept(plans) == []
    assert delivered.unexplained_duplicates() == []
    assert delivered.of_two_minds() == []
    everything = backend.all_bytes() + sidecar.log_file.read_bytes()
    assert [planted for planted in PLANTED if planted.encode() in everything] == []
    # Twice the promise: a loaded machine makes this no timed test of speed.
    assert median(lives.ready_s) < 4.0


def is_worker(pid: int) -> bool:
    try:
        return b"sidecar.transform" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class Delivered:
    """What the backend has, span by span."""

    def __init__(self, backend: Backend, kills_s: list[float]) -> None:
        self.spans: dict[bytes, list[Span]] = {}
        self._times_s: dict[tuple[bytes, bytes], list[float]] = {}
        self._backend = backend
        self._kills_s = kills_s
        rules = yaml.safe_load(POLICY)["sampling"]
        self._decide = Decider(SamplingSection.model_validate(rules)).decide

    def look(self) -> None:
        spans, times = defaultdict(list), defaultdict(list)
        for request, arrived_s in zip(self._backend.requests(), self._backend.arrived_s["traces"], strict=False):
            for span in (s for group in request.resource_spans for scope in group.scope_spans for s in scope.spans):
                spans[span.trace_id].append(span)
                times[span.trace_id, span.span_id].append(arrived_s)
        self.spans, self._times_s = spans, times

    def by_chance(self, plan: Plan) -> bool:
        return self._decide(plan.trace_id, TraceFacts()).kept

    def missing(self, plans: Iterable[Plan]) -> list[str]:
        """Traces of which something was acknowledged, had to be kept and is not here; with what is known of them."""
        found = []
        for plan in plans:
            if plan.spread_s < LATE_S and (plan.must_be_kept or self.by_chance(plan)):
                here = {span.span_id for span in self.spans.get(plan.trace_id, ())}
                if gone := plan.acknowledged_spans() - here:
                    found.append(f"{plan.trace_id.hex()} ({plan.reason}): {self._history(plan, gone)}")
        return found

    def _history(self, plan: Plan, gone: set[bytes]) -> str:
        told = []
        for index, answered_s in sorted(plan.answered_s.items(), key=lambda item: item[1]):
            piece = plan.pieces[index]
            state = "acknowledged" if index in plan.acknowledged else "in doubt"
            missing = sum(span.span_id in gone for span in piece.spans)
            next_kill_s = min((kill_s - answered_s for kill_s in self._kills_s if kill_s > answered_s), default=None)
            told.append(
                f"{piece.way} {state} at {answered_s:.3f}, next kill {next_kill_s} s later, "
                f"{missing} of {len(piece.spans)} spans missing, needed {index in plan.proof}"
            )
        return "; ".join(told)

    def missing_logs(self, plans: Iterable[Plan]) -> set[int]:
        here = {
            sequence_of(record)
            for request in self._backend.log_requests()
            for group in request.resource_logs for scope in group.scope_logs for record in scope.log_records
        }  # fmt: skip
        return set().union(*(plan.acknowledged_logs() for plan in plans)) - here

    def not_to_be_kept(self, plans: Iterable[Plan]) -> list[str]:
        """Routine traces that chance did not choose; and those it did with the stamp of another policy, or a late one."""
        found = []
        for plan in plans:
            for span in self.spans.get(plan.trace_id, ()):
                policy, late, _ = decision_of(span)
                if plan.reason == "routine" and (not self.by_chance(plan) or policy != "routine" or late):
                    found.append(plan.trace_id.hex())
        return found

    @property
    def duplicates(self) -> int:
        return sum(len(times) - 1 for times in self._times_s.values())

    def unexplained_duplicates(self) -> list[tuple[str, list[float]]]:
        """Spans that came again although no kill fell between the first delivery and the time it takes to note it."""
        return [
            (f"{trace_id.hex()} {span_id.hex()}", times)
            for (trace_id, span_id), times in self._times_s.items()
            if not all(self._under_way(first, second) for first, second in pairwise(times))
        ]

    def _under_way(self, first_s: float, second_s: float) -> bool:
        latest = first_s + 0.3 + SETTLING_S
        return any(first_s - SETTLING_S <= kill_s <= latest and kill_s <= second_s for kill_s in self._kills_s)

    def of_two_minds(self) -> list[tuple[str, set[tuple[str, bool, str]]]]:
        """Traces whose spans do not all bear one decision."""
        decisions = {trace_id.hex(): {decision_of(span) for span in spans} for trace_id, spans in self.spans.items()}
        return [(trace_id, found) for trace_id, found in decisions.items() if len(found) > 1]


def decision_of(span: Span) -> tuple[str, bool, str]:
    """(policy, late, tracestate)."""
    had = attributes(span)
    policy, late = had["genai_sidecar.sampling.policy"], had.get("genai_sidecar.sampling.late", False)
    return policy, late, span.trace_state


def report(plans: list[Plan], delivered: Delivered, lives: Lives) -> str:
    lost = "".join(f"\n  lost: {entry}" for entry in delivered.missing(plans))
    must = [plan for plan in plans if plan.must_be_kept]
    late = sum(decision_of(spans[0])[1] for spans in delivered.spans.values())
    return (
        f"kills {len(lives.kills_s)}; traces sent {len(plans)}, with an acknowledged error or low score {len(must)} "
        f"({sum(len(plan.acknowledged_spans()) for plan in must)} spans), requests in doubt hit "
        f"{sum(bool(plan.in_doubt) for plan in plans)} traces; delivered {len(delivered.spans)} traces "
        f"({sum(map(len, delivered.spans.values()))} spans), {late} of them late; "
        f"left out {sum(plan.spread_s >= LATE_S for plan in plans)}; lost {len(delivered.missing(plans))}; "
        f"duplicate spans {delivered.duplicates}; ready after {min(lives.ready_s):.2f} to {max(lives.ready_s):.2f} s, "
        f"median {median(lives.ready_s):.2f} s{lost}"
    )
