from __future__ import annotations

import random

import pytest

from processors.sampling.agent_steps import MAX_SPANS, AgentStep, AgentSteps


def steps(*entries: AgentStep) -> AgentSteps:
    """Each entry's span id is its place; parents are named by place, too."""
    made = AgentSteps()
    for place, entry in enumerate(entries):
        made.add(bytes([place]), entry)
    return made


def tool(name: str, start: int, arguments: int | None = None, *, failed: bool = False, parent: int = 0) -> AgentStep:
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
        (steps(agent("a", 1), plain(0), tool("t", 2, parent=1), agent("b", 3, parent=2)), 3),
        (steps(agent("a", 1), agent("b", 2, parent=0), agent("c", 3, parent=0)), 2),
        (steps(plain(1), plain(0)), 0),
        (steps(agent("a", 1, parent=0)), 1),
    ],
)
def test_depth(made: AgentSteps, depth: int) -> None:
    """Steps within one another, whatever lies between them; parents in a circle hang nobody."""
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
