"""CrewAI: a crew, delegation to coworkers, and failing tools."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from typing import Any

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import provider

CANNOT = ("ping_pong", "review", "depth", "three_deep")
"""Its coworkers are asked by a tool and neither hand over nor ask on."""


def run(scenario: str) -> None:
    model = LLM(model="openai/gpt-4o", base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    tools = Tools(scenario)

    @tool("search")
    def search(query: str, page: int = 1) -> str:
        """Searches the web."""
        return tools.search(query, page)

    @tool("read_page")
    def read_page(url: str) -> str:
        """Reads a page."""
        return tools.read_page(url)

    search.cache_function = read_page.cache_function = lambda *_: False
    names = list(SCENARIOS[scenario])
    agents: list[Any] = [
        Agent(
            role=name,
            goal="Answer",
            backstory=prompt(scenario, name),
            llm=model,
            tools=[search, read_page],
            allow_delegation=len(names) > 1 and name in ("lead", "head", "manager"),
            max_iter=20,
        )
        for name in names
    ]
    for turn in range(TURNS if scenario == "long_talk" else 1):
        task = Task(description=f"Question {turn + 1}?", expected_output="An answer", agent=agents[0])
        Crew(agents=agents, tasks=[task], cache=False).kickoff(inputs={})
