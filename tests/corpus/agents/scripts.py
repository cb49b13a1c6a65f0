"""What the models of the recorded agents answer: loops, and healthy work that looks like them.

Needs nothing but the standard library: it is imported in the environments of the frameworks as well. A system prompt
holds `[scenario/agent]`, by which the endpoint knows whose turn it is; how often an agent was asked says what it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

MARKER: Final = re.compile(r"\[(\w+)/(\w+)\]")


class Call(NamedTuple):
    tool: str
    arguments: dict[str, Any]


class Handoff(NamedTuple):
    """By whatever tool the framework offers for it."""

    to: str


class Ask(NamedTuple):
    """Another agent that is offered as a tool."""

    agent: str
    question: str


Answer: TypeAlias = str | list[Call | Handoff | Ask]
Script: TypeAlias = Callable[[int], Answer]
"""From how often the agent was asked before to its answer."""

DEPTH: Final = 12
PAGES: Final = 8
TURNS: Final = 8
CITIES: Final = ("Paris", "Rome", "Oslo", "Bern", "Riga", "Kyiv")


def _same_call(asked: int) -> Answer:
    return [Call("search", {"query": "weather in Paris"})] if asked < 6 else "It is sunny."


def _failing(asked: int) -> Answer:
    return [Call("read_page", {"url": f"https://example.com/{asked}"})] if asked < 5 else "None of them can be read."


def _hand_to(other: str, turns: int) -> Script:
    return lambda asked: [Handoff(other)] if asked < turns else "We are done."


def _deeper(asked: int) -> Answer:
    return [Ask("planner", f"Plan part {asked + 1}.")] if asked < DEPTH else "Planned."


def _pages(asked: int) -> Answer:
    return (
        [Call("search", {"query": "hotels in Paris", "page": asked + 1})] if asked < PAGES else "There are 80 hotels."
    )


def _retry(asked: int) -> Answer:
    return [Call("read_page", {"url": "https://example.com/slow"})] if asked < 3 else "It says hello."


def _lead(asked: int) -> Answer:
    workers = ("alice", "bob", "carol")
    return [Ask(workers[asked % 3], f"Question {asked + 1}?")] if asked < 6 else "All three agree."


def _parallel(asked: int) -> Answer:
    return [Call("search", {"query": f"weather in {city}"}) for city in CITIES] if not asked else "Sunny everywhere."


def _long(asked: int) -> Answer:
    if asked % 2 == 0:
        return [Call("search", {"query": f"question {asked // 2 + 1}"})]
    return f"Answer {asked // 2 + 1}."


def _ask_once(agent: str) -> Script:
    return lambda asked: [Ask(agent, "Please look into it.")] if not asked else "I was told it is fine."


def _done(asked: int) -> Answer:
    return f"Result {asked + 1}."


LOOPS: Final[dict[str, dict[str, Script]]] = {
    "same_call": {"researcher": _same_call},
    "failing": {"reader": _failing},
    "ping_pong": {"writer": _hand_to("critic", 4), "critic": _hand_to("writer", 9)},
    "depth": {"planner": _deeper},
}
LOOK_ALIKES: Final[dict[str, dict[str, Script]]] = {
    "pages": {"researcher": _pages},
    "retry": {"reader": _retry},
    "team": {"lead": _lead, "alice": _done, "bob": _done, "carol": _done},
    "parallel": {"researcher": _parallel},
    "long_talk": {"researcher": _long},
    "three_deep": {"head": _ask_once("manager"), "manager": _ask_once("clerk"), "clerk": _done},
    "review": {"writer": _hand_to("critic", 1), "critic": _hand_to("writer", 1)},
}
SCENARIOS: Final = {**LOOPS, **LOOK_ALIKES}


def prompt(scenario: str, agent: str) -> str:
    return f"You are {agent}. [{scenario}/{agent}]"


class Tools:
    """What the tools of a scenario do, whatever framework calls them."""

    def __init__(self, scenario: str) -> None:
        self._scenario = scenario
        self._reads = 0

    def search(self, query: str, page: int = 1) -> str:
        return f"Result {page} for {query}."

    def read_page(self, url: str) -> str:
        """Raises TimeoutError in the scenario `failing` always, in `retry` twice."""
        self._reads += 1
        if self._scenario == "failing" or self._reads < 3:
            raise TimeoutError(f"no answer from {url}")
        return "Hello."
