from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.genai.call_pairs import OneCall
from processors.sampling import call_totals
from processors.sampling.call_totals import NO_COST, CallCost, CallTotals

Call = tuple[OneCall, CallCost]


def one(
    span_id: int,
    cost: CallCost,
    *,
    parent: int = 0,
    response: int | None = None,
    scope: str = "a",
    has_cost: bool = False,
    times: tuple[int, int] = (1, 9),
) -> Call:
    usage = (cost.input_tokens, cost.output_tokens) if cost.input_tokens or cost.output_tokens else None
    parent_id = parent.to_bytes(8) if parent else b""
    start, end = times
    call = OneCall(start, span_id.to_bytes(8), parent_id, end, scope, ("gpt-4o",), response, usage, has_cost)
    return call, cost


def totals(*groups: list[Call], condensed: bool = False) -> CallTotals:
    whole = CallTotals()
    for group in groups:
        part = CallTotals()
        for call, cost in group:
            part.add(call, cost)
        whole.merge(part)
        if condensed:
            whole.condense()
    return whole


costs = st.builds(CallCost, st.integers(0, 2), st.integers(0, 2), st.integers(0, 9).map(float))
calls = st.lists(
    st.builds(
        one,
        st.integers(1, 6),
        costs,
        parent=st.integers(0, 6),
        response=st.none() | st.integers(1, 3),
        scope=st.sampled_from("ab"),
        has_cost=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each[0].span_id,
)


@given(st.data())
def test_it_does_not_matter_how_the_calls_were_split_over_requests(data: st.DataObject) -> None:
    """Nor in what order they came."""
    these = data.draw(calls)
    shuffled = data.draw(st.permutations(these))
    cut = data.draw(st.integers(0, len(these)))
    whole, split = totals(these), totals(shuffled[:cut], shuffled[cut:])
    assert whole == split
    assert whole.total() == split.total()


@given(calls)
def test_what_is_condensed_adds_up_to_the_same(these: list[Call]) -> None:
    """Only what comes later is no longer compared with it."""
    whole = totals(these)
    total = whole.total()
    whole.condense()
    assert whole.total() == total
    assert not whole.calls
    assert not whole.parents


def test_a_response_that_two_spans_report_counts_once() -> None:
    """A gateway and its client, or two instrumentations; also where the first was condensed when the second came."""
    first, second = one(1, CallCost(10, 5, 0.1), response=7), one(2, NO_COST, response=7)
    other = one(3, CallCost(1, 1, 0.01), times=(20, 30))
    for condensed in (False, True):
        whole = totals([first], [second, other], condensed=condensed)
        assert whole.total() == CallCost(11, 6, 0.11)


def test_a_framework_and_the_sdk_below_it_are_one_call() -> None:
    """In whatever request each of them comes, and with spans between them that are no calls."""
    upper, lower = one(1, CallCost(10, 5, 0.1)), one(3, CallCost(10, 5, 0.1), parent=2)
    assert totals([lower], [upper]).total() == CallCost(20, 10, 0.2), "nothing says that one lies below the other"
    with_parents = totals([lower], [upper])
    with_parents.add_parent((2).to_bytes(8), (1).to_bytes(8))
    assert with_parents.total() == CallCost(10, 5, 0.1)
    between = CallTotals()
    between.add_parent((2).to_bytes(8), (1).to_bytes(8))
    merged = totals([upper])
    merged.merge(between)
    merged.merge(totals([lower]))
    assert merged.total() == CallCost(10, 5, 0.1)


def test_what_two_spans_of_one_call_say_is_taken_together() -> None:
    """The tokens of the one and the cost of the other."""
    paid = one(1, CallCost(0, 0, 0.3), has_cost=True)
    counted = one(2, CallCost(10, 5, 0.1), parent=1)
    assert totals([counted], [paid]).total() == CallCost(10, 5, 0.3)


def test_a_span_that_comes_twice_counts_once() -> None:
    """A request that the client sent again; not so two calls to which somebody gave the same id."""
    assert totals([one(1, CallCost(1, 1, 0.1))], [one(1, CallCost(1, 1, 0.1))]).total() == CallCost(1, 1, 0.1)
    assert totals([one(1, CallCost(1, 1, 0.1))], [one(1, CallCost(2, 2, 0.1))]).total() == CallCost(3, 3, 0.2)


def test_the_slowest_first_chunk() -> None:
    """Of all spans, whatever they count."""
    whole, part = CallTotals(), CallTotals()
    part.add_first_chunk(1.5)
    whole.add_first_chunk(None)
    whole.merge(part)
    whole.add_first_chunk(0.5)
    assert whole.slowest_first_chunk_s == 1.5


def test_memory_of_a_trace_is_bounded() -> None:
    """Beyond the limits calls still count, each by itself, and parents are not remembered."""
    many = call_totals.MAX_CALLS + 10
    whole = totals([one(number, CallCost(1, 0, 0.0), times=(number, number)) for number in range(1, many + 1)])
    assert whole.total().input_tokens == many
    assert len(whole.calls) == call_totals.MAX_CALLS
    for number in range(call_totals.MAX_PARENTS + 10):
        whole.add_parent(number.to_bytes(8), b"p" * 8)
    whole.merge(whole)
    assert len(whole.parents) == call_totals.MAX_PARENTS * 16
