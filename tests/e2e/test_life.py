"""Start, stop and reload of the real process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sidecar.app import App
from sidecar.config import Config
from sidecar.pipeline import Pipeline
from sidecar.policy_file import load_policy
from sidecar.transform.transformer import Transformer
from tests.support.backend import Backend, attributes, wait_until
from tests.support.clock import FakeClock, settle
from tests.support.sending import send
from tests.support.sidecar_process import KEEP_ALL, Sidecar, total

_QUOTED = "what a user said"


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


@pytest.mark.timeout(120)
def test_a_change_of_another_section_leaves_budgets_as_they_are(tmp_path: Path) -> None:
    """A limit that is spent stays spent; a changed limit would begin anew."""
    limit = "{name: some, type: rate_limiting, rate_limiting: {spans_per_second: 1, burst_capacity: 100}}"
    policy = KEEP_ALL[: KEEP_ALL.index("policies:")] + f"policies: [{limit}]\n"
    with Backend() as backend, Sidecar(tmp_path, backend.port, policy=policy) as sidecar:
        send(sidecar, 50)
        wait_until("all are kept", lambda: len(backend.spans()) == 100)
        sidecar.policy_file.write_text(policy + "cost: {attributes: [langfuse]}\n")
        wait_until(
            "the policy is applied",
            lambda: total(sidecar.metrics(), "genai_sidecar_policy_reloads_total", result="applied") == 1,
        )
        send(sidecar, 50, seed=2)
        wait_until("all is decided", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        assert total(sidecar.metrics(), "genai_sidecar_sampled_out_total", policy="some") > 50


def test_a_policy_that_cannot_be_put_in_force_leaves_all_of_the_old_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its transform neither: half of a policy is none. The log does not quote what it stumbled over."""

    async def scenario() -> None:
        app = App(Config.model_validate({"exporters": {"debug": {}}}), load_policy(None), FakeClock())
        replaced: list[object] = []
        monkeypatch.setattr(Pipeline, "replace_sampling", _fails)
        monkeypatch.setattr(Transformer, "replace", lambda _, setup: replaced.append(setup))
        app.policy_changed(load_policy(None))
        await settle()
        assert replaced == []
        assert app.metrics.registry.get_sample_value("genai_sidecar_policy_reloads_total", {"result": "refused"}) == 1
        assert app.metrics.registry.get_sample_value("genai_sidecar_policy_up_to_date") == 0
        assert app.pipeline.not_live_reason() is None
        assert "the running policy stays: ValueError at" in caplog.text
        assert _QUOTED not in caplog.text

    asyncio.run(scenario())


async def _fails(*_: object) -> bool:
    raise ValueError(_QUOTED)


def test_it_leaves_no_core_dump(tmp_path: Path) -> None:
    """A dump would write content and keys to a disk that nobody thinks of; the worker inherits the limit."""
    with Sidecar(tmp_path, 1) as sidecar:
        limits = Path(f"/proc/{sidecar.pid()}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert line.split()[4:6] == ["0", "0"]
