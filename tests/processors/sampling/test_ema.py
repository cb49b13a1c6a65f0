from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.ema import EmaRates, shared_rates


@given(
    st.dictionaries(st.text(max_size=4), st.floats(0.5, 1e6), min_size=1, max_size=30),
    st.floats(1, 1000),
)
def test_shares_add_up(traffic: dict[str, float], goal_rate: float) -> None:
    """No key's rate is below 1, and about as many traces are kept as the goal asks for, rare keys alone exceeding it."""
    rates = shared_rates(traffic, goal_rate)
    assert rates.keys() == traffic.keys()
    assert min(rates.values()) >= 1
    amounts = {key: max(1.0, amount) for key, amount in traffic.items()}
    kept = sum(amounts[key] / rates[key] for key in amounts)
    goal = sum(amounts.values()) / goal_rate
    assert kept <= max(goal, 0) + len(amounts) + 1e-6
    assert kept >= min(goal, sum(amounts.values())) * (1 - 1e-9) - len(amounts)


def test_a_rare_key_is_kept_whole_and_a_frequent_one_pays() -> None:
    """Ten of a kind beside ten thousand of another."""
    rates = shared_rates({"rare": 10, "frequent": 10_000}, 10)
    assert rates["rare"] == 1
    assert rates["frequent"] > 10
    assert 10 + 10_000 / rates["frequent"] == pytest.approx(1001)


def steady(rates: EmaRates, per_interval: dict[str, int], intervals: int) -> dict[str, float]:
    for interval in range(intervals):
        for key, count in per_interval.items():
            for _ in range(count):
                rates.count(key, float(interval))
    return {key: rates.rate(key) for key in per_interval}


def test_rates_follow_the_traffic() -> None:
    """At first the goal's rate for all; then by kind; a key never seen before is kept."""
    rates = EmaRates(10.0, interval_s=1.0, weight=0.5, max_keys=10)
    assert rates.count("a", 0.0) == 10.0
    seen = steady(rates, {"a": 1000, "b": 5}, 8)
    assert seen["b"] == 1
    assert 1000 / seen["a"] + 5 == pytest.approx(1005 / 10, rel=0.15)
    assert rates.rate("new") == 1


def test_a_key_that_is_gone_is_forgotten() -> None:
    """Its share goes to the others."""
    rates = EmaRates(4.0, interval_s=1.0, weight=0.5, max_keys=10)
    steady(rates, {"a": 100, "b": 100}, 3)
    before = rates.rate("a")
    for interval in range(3, 20):
        for _ in range(100):
            rates.count("a", float(interval))
    assert rates.rate("a") > before or math.isclose(rates.rate("a"), 4.0, rel_tol=0.1)
    assert rates.rate("b") == 1


def test_no_more_keys_are_followed_than_allowed() -> None:
    """A field with a value a trace would fill the memory; what is not followed is kept at the goal's rate."""
    rates = EmaRates(7.0, interval_s=1e9, weight=0.5, max_keys=3)
    assert [rates.count(str(number), 0.0) for number in range(5)] == [7.0] * 5
    rates = EmaRates(7.0, interval_s=1.0, weight=0.5, max_keys=3)
    for number in range(100):
        rates.count(str(number % 50), number / 10)
    assert rates.count("yet another", 10.0) in {1.0, 7.0}


def test_a_burst_is_answered_before_the_interval_is_over() -> None:
    """Ten times the traffic would otherwise be kept at yesterday's rate for a whole interval."""
    rates = EmaRates(10.0, interval_s=100.0, weight=0.5, max_keys=10)
    for number in range(200):
        rates.count("a", number / 2)
    rates.count("a", 101.0)
    before = rates.rate("b")
    for _ in range(1000):
        rates.count("b", 102.0)
    assert before == 1
    assert rates.rate("b") > 1
