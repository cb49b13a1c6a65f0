"""The byte budget: never above its limit, always given back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.intake import Overloaded
from sidecar.receivers.budget import ByteBudget


@given(st.lists(st.lists(st.integers(0, 60), max_size=4), max_size=4))
def test_open_holds_add_up_and_end_at_zero(growth: list[list[int]]) -> None:
    """Also when some growth was refused."""
    budget = ByteBudget(100)
    holds = [budget.hold() for _ in growth]
    expected = 0
    for hold, sizes in zip(holds, growth, strict=True):
        for size in sizes:
            if expected + size > 100:
                with pytest.raises(Overloaded):
                    hold.grow(size)
            else:
                hold.grow(size)
                expected += size
            assert budget.used == expected
    for hold in holds:
        with hold:
            pass
    assert budget.used == 0


def test_an_error_gives_back_too() -> None:
    """Whatever ends the request."""
    budget = ByteBudget(10)
    with pytest.raises(KeyError), budget.hold(10):
        raise KeyError
    assert budget.used == 0


def test_a_full_budget_refuses_at_once() -> None:
    """And holds nothing for the one refused."""
    budget = ByteBudget(10)
    with budget.hold(8):
        with pytest.raises(Overloaded):
            budget.hold(3)
        assert budget.used == 8
