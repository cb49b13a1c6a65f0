from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.token_bucket import TokenBucket


def test_a_quiet_time_saves_up_to_the_burst() -> None:
    """At first and after any rest the burst can be taken at once, and then the rate."""
    bucket = TokenBucket(rate=10, burst=20)
    assert [bucket.take(10, 0.0) for _ in range(3)] == [True, True, False]
    assert bucket.take(10, 1.0)
    assert not bucket.take(1, 1.0)
    assert [bucket.take(10, 100.0) for _ in range(3)] == [True, True, False]


def test_a_trace_larger_than_the_burst_passes_and_is_paid_for_afterwards() -> None:
    """The Collector refuses it for ever; here it waits for a full bucket and leaves a debt."""
    bucket = TokenBucket(rate=10, burst=20)
    assert bucket.take(50, 0.0)
    assert not bucket.take(1, 3.0)
    assert bucket.take(1, 3.2)
    assert not bucket.take(50, 4.0)


@pytest.mark.parametrize("cost", [0, 1, 1000])
def test_an_empty_budget_keeps_nothing(cost: int) -> None:
    """`spans_per_second: 0` is no traces, not all of them."""
    assert not TokenBucket(rate=0, burst=0).take(cost, 0.0)


def test_looking_takes_nothing() -> None:
    """`has` may be asked as often as one likes."""
    bucket = TokenBucket(rate=1, burst=1)
    assert all(bucket.has(1, 0.0) for _ in range(5))
    assert bucket.take(1, 0.0)
    assert not bucket.has(1, 0.5)


def test_a_clock_that_goes_back_fills_nothing() -> None:
    """Time that was counted once is not counted again."""
    bucket = TokenBucket(rate=10, burst=10)
    assert bucket.take(10, 5.0)
    assert not bucket.take(10, 4.0)
    assert not bucket.take(10, 5.5)
    assert bucket.take(10, 6.0)


@given(
    st.integers(1, 50),
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 40)), max_size=60),
)
def test_the_rate_holds(rate: int, burst: int, steps: list[tuple[float, int]]) -> None:
    """Over all time no more than burst + rate * time is taken, but for what was larger than the burst."""
    bucket = TokenBucket(rate, burst)
    now, taken, largest = 0.0, 0, 0
    for wait, cost in steps:
        now += wait
        if bucket.take(cost, now):
            taken += cost
            largest = max(largest, cost - burst)
    assert taken <= burst + rate * now + max(largest, 0) + 1e-6
    assert bucket.tokens <= burst
