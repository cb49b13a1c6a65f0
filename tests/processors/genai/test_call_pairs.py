from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.genai.call_pairs import SeenSpan, duplicate_calls
from processors.genai.model_call import read_model_call
from tests.processors.genai.spans import span_of

TRACE = b"t" * 16


def seen(
    span_id: int,
    parent: int = 0,
    tokens: tuple[int, int] | None = (100, 20),
    *,
    model: str = "gpt-4o",
    scope: str = "a",
    operation: str | None = "chat",
    response_id: str | None = None,
    times: tuple[int, int] = (1, 9),
    trace: bytes = TRACE,
    cost: float | None = None,
) -> SeenSpan:
    attributes: dict[str, Any] = {"gen_ai.request.model": model}
    if operation is not None:
        attributes["gen_ai.operation.name"] = operation
    else:
        attributes = {"http.method": "POST"}
    if tokens is not None and operation is not None:
        attributes |= {"gen_ai.usage.input_tokens": tokens[0], "gen_ai.usage.output_tokens": tokens[1]}
    if response_id is not None:
        attributes["gen_ai.response.id"] = response_id
    if cost is not None:
        attributes["gen_ai.usage.cost"] = cost
    span = span_of(attributes)
    span.trace_id, span.span_id = trace, span_id.to_bytes(8)
    span.parent_span_id = parent.to_bytes(8) if parent else b""
    span.start_time_unix_nano, span.end_time_unix_nano = times
    return SeenSpan(span, scope, read_model_call(span))


def duplicates(*spans: SeenSpan) -> set[int]:
    found = duplicate_calls(spans)
    assert duplicate_calls(reversed(spans)) == found
    return {int.from_bytes(span_id) for _, span_id in found}


def test_one_call_alone_is_itself() -> None:
    """So are two different ones, and two alike that follow each other."""
    assert duplicates(seen(1)) == set()
    assert duplicates(seen(1), seen(2, tokens=(7, 7))) == set()
    assert duplicates(seen(1, 9), seen(2, 9, times=(10, 19), scope="b")) == set()
    assert duplicates(seen(1, 9), seen(2, 9)) == set(), "one instrumentation reports each call once"
    assert duplicates(seen(1), seen(2, 1, trace=b"o" * 16)) == set(), "another trace"


def test_a_call_around_the_same_call() -> None:
    """A client before a proxy, a framework around an SDK: the lower one counts, at any depth."""
    assert duplicates(seen(1), seen(2, 1, scope="b")) == {1}
    assert duplicates(seen(1), seen(2, 1, operation=None), seen(3, 2)) == {1}
    assert duplicates(seen(1), seen(2, 1), seen(3, 2)) == {1, 2}
    assert duplicates(seen(1), seen(2, 1, model="openai/gpt-4o-2024-08-06")) == {1}
    assert duplicates(seen(1), seen(2, 1, model="claude")) == set(), "another model"
    assert duplicates(seen(1), seen(2, 1, (100, 21))) == set(), "other usage"


def test_a_call_that_adds_up_those_below_it() -> None:
    """However its span is named."""
    assert duplicates(seen(1, tokens=(30, 3)), seen(2, 1, (10, 1)), seen(3, 1, (20, 2))) == {1}
    assert duplicates(seen(1, tokens=(31, 3)), seen(2, 1, (10, 1)), seen(3, 1, (20, 2))) == set()


def test_a_pair_of_which_one_has_no_usage() -> None:
    """The one with usage counts, wherever it is."""
    assert duplicates(seen(1, tokens=None), seen(2, 1)) == {1}
    assert duplicates(seen(1), seen(2, 1, None)) == {2}
    assert duplicates(seen(1, tokens=None), seen(2, 1, None)) == {2}, "nothing to price, but one call"
    assert duplicates(seen(1), seen(2, 1, None), seen(3, 1, None)) == set(), "which of them would it be?"


def test_two_instrumentations_side_by_side() -> None:
    """Of different scopes, at the same time, alike: the first counts."""
    assert duplicate_calls([seen(1, 9), seen(2, 9, scope="b")]) == {(TRACE, (2).to_bytes(8))}
    assert duplicates(seen(1, 9), seen(2, 8, scope="b")) == set()


def test_one_response_is_one_call() -> None:
    """Wherever its spans are in the trace."""
    assert duplicates(seen(1, 8, response_id="r"), seen(2, 9, (7, 7), response_id="r")) == {2}
    assert duplicates(seen(1, response_id="r"), seen(2, 1, response_id="r")) == {1}
    assert duplicates(seen(1, 8, None, response_id="r"), seen(2, 9, response_id="r")) == {1}
    assert duplicates(seen(1, response_id="r"), seen(2, response_id="s")) == set()


def test_of_two_without_usage_the_upper_one_counts() -> None:
    """Unless only the lower one says which model it was."""
    assert duplicates(seen(1, 0, None), seen(2, 1, None)) == {2}
    assert duplicates(seen(1, 0, None, model=""), seen(2, 1, None)) == {1}
    assert duplicates(seen(1, 0, None, model=""), seen(2, 1, None, model="")) == {2}


def test_the_span_that_came_with_a_cost_counts() -> None:
    """Wherever it is: another price beside it would count the call twice."""
    assert duplicates(seen(1, cost=0.1), seen(2, 1)) == {2}
    assert duplicates(seen(1), seen(2, 1, cost=0.1)) == {1}
    assert duplicates(seen(1, cost=0.1), seen(2, 1, cost=0.2)) == {1}
    assert duplicates(seen(1, cost=0.1), seen(2, 1), seen(3, 2)) == {2, 3}
    assert duplicates(seen(1, 0, None, cost=0.1), seen(2, 1)) == {2}
    assert duplicates(seen(1, 0, None), seen(2, 1, None, cost=0.1)) == {1}
    assert duplicates(seen(1, 8, response_id="r", cost=0.1), seen(2, 9, response_id="r")) == {2}
    assert duplicates(seen(1, 9), seen(2, 9, scope="b", cost=0.1)) == {1}


def test_a_cost_above_several_calls_is_not_that_of_one() -> None:
    """It may sum them up."""
    assert duplicates(seen(1, 0, None, cost=0.1), seen(2, 1), seen(3, 1, (7, 7))) == {1}
    assert duplicates(seen(1, 0, (107, 27), cost=0.1), seen(2, 1), seen(3, 1, (7, 7))) == {1}


def test_pairs_within_what_is_added_up() -> None:
    """Each call below counts once, also for whether the one above adds them up."""
    pairs = seen(2, 1, (10, 1)), seen(3, 2, (10, 1)), seen(4, 1, (20, 2)), seen(5, 4, (20, 2))
    assert duplicates(seen(1, 0, (30, 3)), *pairs) == {1, 2, 4}
    last = seen(2, 1, (10, 1)), seen(3, 1, (20, 2), response_id="r")
    assert duplicates(seen(1, 0, (30, 3), response_id="r", cost=0.1), *last) == {1}


def test_roll_ups_take_no_part() -> None:
    """They are not single, and so are never priced anyway."""
    assert duplicates(seen(1, operation="invoke_agent"), seen(2, 1)) == set()


def test_spans_that_are_their_own_ancestors() -> None:
    """Broken data ends the walk."""
    assert duplicates(seen(1, 2, (1, 1)), seen(2, 1, (2, 2)), seen(3, 3, (3, 3))) == set()


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.integers(0, 6),
            st.sampled_from([None, (1, 1), (2, 2)]),
            st.sampled_from([None, "r", "s"]),
            st.sampled_from([None, 0.1]),
            st.sampled_from("ab"),
        ),
        max_size=8,
        unique_by=lambda each: each[0],
    )
)
def test_of_a_group_something_is_left(tree: list[tuple[int, int, Any, Any, Any, str]]) -> None:
    """Whatever the tree: not all calls are duplicates of each other, every duplicate was there, and order is nothing."""
    spans = [
        seen(span_id, parent, tokens, response_id=response, cost=cost, scope=scope)
        for span_id, parent, tokens, response, cost, scope in tree
    ]
    found = duplicates(*spans)
    ids = {each[0] for each in tree}
    assert found <= ids
    assert not spans or found != ids
