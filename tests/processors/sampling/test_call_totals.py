from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.sampling.call_totals import NO_COST, CallCost, CallTotals

costs = st.builds(CallCost, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9).map(float))
calls = st.lists(st.tuples(st.none() | st.sampled_from("abc"), costs, st.none() | st.floats(0, 9)), max_size=6)


def totals(*groups: list[tuple[str | None, CallCost, float | None]]) -> CallTotals:
    whole = CallTotals()
    for group in groups:
        part = CallTotals()
        for response, cost, first_chunk in group:
            part.add(response, cost)
            part.add_first_chunk(first_chunk)
        whole.merge(part)
    return whole


@given(calls, calls, calls)
def test_it_does_not_matter_how_the_calls_were_split_over_requests(
    one: list[tuple[str | None, CallCost, float | None]],
    two: list[tuple[str | None, CallCost, float | None]],
    three: list[tuple[str | None, CallCost, float | None]],
) -> None:
    """Nor in what order they came."""
    assert totals(one, two, three) == totals(three, [*two, *one]) == totals([*one, *two, *three])


def test_a_response_that_two_spans_report_counts_once() -> None:
    """A gateway and its client, or two instrumentations; the report that has the usage counts."""
    whole = totals([("r", CallCost(10, 5, 0.1), 1.0)], [("r", NO_COST, None), (None, CallCost(1, 1, 0.01), 0.5)])
    assert whole.total() == CallCost(11, 6, 0.11)
    assert whole.slowest_first_chunk_s == 1.0
