from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from sidecar.exporters.backoff import MAX_THROTTLE_S, Backoff, Gate, throttle_s
from sidecar.exporters.config import RetryConfig


def config(**settings: object) -> RetryConfig:
    return RetryConfig.model_validate({"randomization_factor": 0, **settings})


@given(
    seed=st.integers(0, 1000),
    initial=st.integers(1, 1000),
    factor=st.floats(1, 10),
    spread=st.floats(0, 1),
    maximum=st.integers(1000, 5000),
)
def test_every_wait_is_within_the_spread_of_its_interval(
    seed: int, initial: int, factor: float, spread: float, maximum: int
) -> None:
    """Interval · (1 ± randomization_factor), the interval growing by the multiplier up to max_interval."""
    retry = RetryConfig.model_validate(
        {
            "initial_interval": f"{initial}ms",
            "max_interval": f"{maximum}ms",
            "multiplier": factor,
            "randomization_factor": spread,
        }
    )
    backoff = Backoff(retry, random.Random(seed))
    interval_s = initial / 1000
    for _ in range(20):
        wait_s = backoff.next_s()
        assert interval_s * (1 - spread) - 1e-9 <= wait_s <= interval_s * (1 + spread) + 1e-9
        interval_s = min(interval_s * factor, maximum / 1000)


@given(st.one_of(st.none(), st.floats()))
def test_what_a_backend_asks_for_is_bounded(after_s: float | None) -> None:
    """Whatever is in the answer, NaN and infinity too, becomes a wait of 0 to 300 s."""
    assert 0 <= throttle_s(after_s) <= MAX_THROTTLE_S


def test_the_first_failure_narrows_and_does_not_block() -> None:
    """The next attempt, of another batch, may go at once; the second failure in a row blocks, the third for longer."""
    gate = Gate(config(), random.Random(1))
    assert not gate.narrow
    waits: list[float] = []
    for _ in range(4):
        gate.failed(gate.begin(), 100.0, None)
        assert gate.narrow
        waits.append(gate.blocked_until - 100.0)
    assert waits == [0.0, 5.0, 7.5, 11.25]


def test_attempts_that_began_before_the_failure_change_nothing() -> None:
    """Four requests in flight that fail together are one failure; one of them that succeeds is no return."""
    gate = Gate(config(), random.Random(1))
    marks = [gate.begin() for _ in range(5)]
    for mark in marks[:4]:
        gate.failed(mark, 0.0, None)
    assert gate.blocked_until == 0.0
    assert not gate.answered(marks[4])
    assert gate.narrow


def test_an_answer_opens_the_gate_and_forgets() -> None:
    """The next outage begins with the first wait."""
    gate = Gate(config(), random.Random(1))
    for _ in range(5):
        gate.failed(gate.begin(), 0.0, None)
    assert gate.answered(gate.begin())
    assert not gate.narrow
    gate.failed(gate.begin(), 0.0, None)
    gate.failed(gate.begin(), 0.0, None)
    assert gate.blocked_until == 5.0


def test_a_wait_the_backend_asks_for_blocks_at_the_first_failure() -> None:
    """Also if the attempt began before another failure."""
    gate = Gate(config(), random.Random(1))
    early, late = gate.begin(), gate.begin()
    gate.failed(early, 0.0, None)
    gate.failed(late, 0.0, 60.0)
    assert gate.blocked_until == 60.0
