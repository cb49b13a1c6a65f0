from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.observe import Observer
from tests.processors.sampling.build import TRACE_ID, Attribute, policy, request, section, span
from tests.processors.sampling.policies.llm import decided

LOOPS = section({"name": "loops", "type": "agent_loop"})


def steps(*entries: tuple[str, str, dict[str, Attribute]], nested: bool = False) -> list[Span]:
    """Spans one after the other under a root, or each within the one before."""
    made = []
    for place, (operation, name, attrs) in enumerate(entries, 1):
        key = "gen_ai.tool.name" if operation == "execute_tool" else "gen_ai.agent.name"
        made.append(
            span(
                span_id=place.to_bytes(8, "big"),
                parent=(place - 1 if nested else 999).to_bytes(8, "big"),
                start=place * 1000,
                attrs={"gen_ai.operation.name": operation, key: name, **attrs},
            )
        )
    return made


def tool(name: str, arguments: str, **attrs: Attribute) -> tuple[str, str, dict[str, Attribute]]:
    return "execute_tool", name, {"gen_ai.tool.call.arguments": arguments, **attrs}


def agent(name: str) -> tuple[str, str, dict[str, Attribute]]:
    return "invoke_agent", name, {}


FAILED: dict[str, Any] = {"error.type": "tool_error"}
LOOPING = {
    "the same call": steps(*[tool("search", '{"q": "x"}')] * 5),
    "spelled differently": steps(*[tool("search", '{"q":"x"}'), tool("search", '{ "q": "x" }')] * 3),
    "failures": steps(*[tool("search", f'{{"q": {n}}}', **FAILED) for n in range(4)]),
    "ping-pong": steps(*[agent("a"), agent("b")] * 4),
    "depth": steps(*[agent(f"a{n}") for n in range(11)], nested=True),
}
HEALTHY = {
    "pages": steps(*[tool("search", f'{{"page": {n}}}') for n in range(30)]),
    "a retry": steps(tool("search", "{}", **FAILED), tool("search", "{}", **FAILED), tool("search", "{}")),
    "failures that end": steps(*[tool("s", f"[{n}]", **({} if n % 3 == 0 else FAILED)) for n in range(30)]),
    "a team": steps(*[agent("lead"), agent("x"), agent("lead"), agent("y"), agent("z")] * 5),
    "one agent, many turns": steps(*[agent("a")] * 30),
    "deep, not too deep": steps(*[agent(f"a{n}") for n in range(10)], nested=True),
    "unrecorded arguments": steps(*[("execute_tool", "search", {})] * 30),
}


def one_by_one(spans: Iterable[Span]) -> list[list[Span]]:
    return [[each] for each in spans]


@pytest.mark.parametrize("name", LOOPING)
def test_loops_are_found_across_requests_in_any_order(name: str) -> None:
    """One request a span, the last first."""
    spans = LOOPING[name]
    assert decided(LOOPS, spans).kept
    assert decided(LOOPS, *one_by_one(reversed(spans))).kept
    assert not decided(LOOPS, spans[: len(spans) // 2]).kept


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_work_that_looks_alike_is_no_loop(name: str) -> None:
    """Pages, retries, teams, long runs."""
    assert not decided(LOOPS, HEALTHY[name]).kept


def test_each_limit_can_be_set_or_switched_off() -> None:
    """0 looks for nothing; nothing at all to look for is a mistake."""
    only_depth = section(policy("agent_loop", max_depth=3, same_call=0, failures_in_a_row=0, handoffs=0))
    assert not decided(only_depth, LOOPING["the same call"]).kept
    assert decided(only_depth, LOOPING["depth"][:4]).kept
    with pytest.raises(ValidationError, match="must be above 0"):
        section(policy("agent_loop", max_depth=0, same_call=0, failures_in_a_row=0, handoffs=0))


def test_it_says_what_it_saw() -> None:
    """Numbers, never names or arguments."""
    facts = Observer(LOOPS).traces(request(*LOOPING["ping-pong"])).facts[TRACE_ID]
    (verdict,) = Decider(LOOPS).verdicts(TRACE_ID, facts)
    assert verdict.saw == {"depth": 1, "same_call": 0, "failures_in_a_row": 0, "handoffs": 7}
