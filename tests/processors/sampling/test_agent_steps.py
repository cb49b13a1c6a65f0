from __future__ import annotations

import random
import time

import pytest

from processors.sampling.agent_steps import MAX_SPANS, AgentStep, AgentSteps


def steps(*entries: AgentStep) -> AgentSteps:
    """Each entry's span id is its place; parents are named by place, too."""
    made = AgentSteps()
    for place, entry in enumerate(entries):
        made.add(bytes([place]), entry)
    return made


def tool(name: str, start: int, arguments: int | None = None, *, failed: bool = False, parent: int = 254) -> AgentStep:
    return AgentStep(bytes([parent]), start, "execute_tool", name, arguments, failed)


def agent(name: str, start: int, parent: int = 255) -> AgentStep:
    return AgentStep(bytes([parent]), start, "invoke_agent", name)


def plain(parent: int) -> AgentStep:
    return AgentStep(bytes([parent]), 0)


@pytest.mark.parametrize(
    ("made", "depth"),
    [
        (steps(), 0),
        (steps(agent("a", 1)), 1),
        (steps(agent("a", 1), plain(0), tool("t", 2, parent=1), agent("b", 3, parent=2)), 2),
        (steps(agent("a", 1), agent("b", 2, parent=0), agent("c", 3, parent=0)), 2),
        (steps(plain(1), plain(0)), 0),
        (steps(agent("a", 1, parent=0)), 1),
        (steps(tool("ask", 1), plain(0), tool("ask", 2, parent=1)), 1),
        (steps(tool("ask_b", 1), plain(0), tool("ask_c", 2, parent=1)), 2),
    ],
)
def test_depth(made: AgentSteps, depth: int) -> None:
    """Agents or tools within one another, whatever lies between; a call and its report are one; circles hang nobody."""
    assert made.depth() == depth


def test_depth_of_a_long_chain_in_any_order() -> None:
    """Ten thousand spans cost time in proportion, and no recursion."""
    made = AgentSteps()
    order = list(range(MAX_SPANS))
    random.Random(1).shuffle(order)
    for place in order:
        made.add(place.to_bytes(8, "big"), AgentStep((place + 1).to_bytes(8, "big"), place, "invoke_agent", "a"))
    assert made.depth() == MAX_SPANS
    made.add(b"one more", AgentStep(b"", 0, "invoke_agent", "a"))
    assert len(made.by_span) == MAX_SPANS


def test_the_same_call_again_and_again() -> None:
    """One tool with the same arguments; what is not recorded is not compared."""
    assert steps(tool("s", 1, 7), tool("s", 2, 7), tool("s", 3, 8), tool("t", 4, 7)).most_repeated_call() == 2
    assert steps(*(tool("s", start) for start in range(9))).most_repeated_call() == 0


def test_failures_in_a_row_by_time() -> None:
    """Whatever the order of arrival; a success ends the row."""
    made = steps(tool("a", 5, failed=True), tool("a", 1, failed=True), tool("b", 2, failed=True), tool("c", 3))
    assert made.most_failures_in_a_row() == 2


@pytest.mark.parametrize(
    ("turns", "handoffs"),
    [("", 0), ("A", 0), ("AB", 1), ("AAB", 1), ("ABAB", 3), ("ABCABC", 1), ("ABACABAB", 3), ("AABBAA", 2)],
)
def test_handoffs(turns: str, handoffs: int) -> None:
    """Two agents and back; a third one between them is a team at work."""
    assert steps(*(agent(name, start) for start, name in enumerate(turns))).most_handoffs() == handoffs


def test_a_span_that_comes_twice_is_one() -> None:
    """At least once is how telemetry is delivered."""
    one = steps(tool("s", 1, 7))
    one.merge(steps(tool("s", 1, 7)))
    assert one.most_repeated_call() == 1


def chat(start: int, end: int, parent: int, *asked: int, to: tuple[str, ...] = ()) -> AgentStep:
    return AgentStep(
        bytes([parent]), start, "chat", "chat", end_unix_nano=end, hands_over=False, hands_to=to, asked=asked
    )


def timed(start: int, end: int) -> AgentStep:
    return AgentStep(b"root", start, "invoke_agent", f"a{start}", end_unix_nano=end)


def test_depth_by_time_where_all_agents_hang_under_the_root() -> None:
    """Whoever begins after another has heard from its model, and ends before it; not those that work side by side."""
    asks = [timed(1, 100), chat(2, 3, 0), timed(4, 90), chat(5, 6, 2), timed(7, 80), chat(8, 9, 4)]
    assert steps(*asks).depth() == 3
    side_by_side = [timed(1, 100), chat(10, 50, 0), timed(2, 90), chat(10, 50, 2), timed(3, 80), chat(10, 50, 4)]
    assert steps(*side_by_side).depth() == 1
    one_after_the_other = [timed(1, 9), chat(2, 3, 0), timed(10, 19), chat(11, 12, 2), timed(20, 29), chat(21, 22, 4)]
    assert steps(*one_after_the_other).depth() == 1


def test_what_two_instrumentations_saw_counts_once() -> None:
    """A tool's span in a tool's span of the same name, as an MCP client's and its server's, with a span between."""
    made = steps(tool("s", 1, 7, failed=True), plain(0), tool("s", 2, 7, failed=True, parent=1), tool("s", 3, 7))
    assert made.most_repeated_call() == 2
    assert made.most_failures_in_a_row() == 1


def test_calls_that_models_ask_for() -> None:
    """Counted beside the tools' spans, never added to them; a report within a report counts once."""
    made = steps(chat(1, 2, 255, 7), chat(3, 4, 255, 7), chat(5, 6, 255, 7, 8), chat(5, 6, 2, 7), tool("s", 9, 7))
    assert made.most_repeated_call() == 3


def test_handing_over_is_no_repeated_call() -> None:
    """It is counted as a handoff: by tools where agents have no spans, or by what models ask for."""
    turns = [
        AgentStep(b"", n, "execute_tool", f"to_{to}", 7, hands_over=True, hands_to=(to,)) for n, to in enumerate("BABA")
    ]
    assert steps(*turns).most_repeated_call() == 0
    assert steps(*turns).most_handoffs() == 4
    assert steps(*(chat(n, n, 255, to=(to,)) for n, to in enumerate("BABA"))).most_handoffs() == 4
    assert steps(*(chat(n, n, 255, to=(to,)) for n, to in enumerate("BCDB"))).most_handoffs() == 2
    assert steps(turns[0]).most_handoffs() == 0


def test_spans_between_steps_cost_time_in_proportion() -> None:
    """Thousands of tools far below an agent, with nothing but plain spans between; a circle of spans ends, too."""
    made = AgentSteps()
    half = MAX_SPANS // 2
    made.add((0).to_bytes(8, "big"), agent("a", 0))
    for place in range(1, half):
        made.add(place.to_bytes(8, "big"), AgentStep((place - 1).to_bytes(8, "big"), place))
    for place in range(half, MAX_SPANS):
        parent = (half - 1).to_bytes(8, "big")
        made.add(place.to_bytes(8, "big"), AgentStep(parent, place, "execute_tool", "s", 7))
    began = time.process_time()
    assert made.most_repeated_call() == half
    assert made.depth() == 1
    assert time.process_time() - began < 5
    assert steps(plain(1), plain(0), tool("s", 1, 7, parent=0)).most_repeated_call() == 1
