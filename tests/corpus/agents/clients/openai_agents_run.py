"""OpenAI's Agents SDK: handoffs, agents as tools, and failing tools."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio
import os
from typing import Any

import agents
import openai
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import provider

_CHILDREN = {"depth": {"planner": ("planner",)}, "team": {"lead": ("alice", "bob", "carol")}}
_CHILDREN["three_deep"] = {"head": ("manager",), "manager": ("clerk",)}


def run(scenario: str) -> None:
    asyncio.run(_run(scenario))


def finish() -> None:
    agents.flush_traces()


async def _run(scenario: str) -> None:
    client = openai.AsyncOpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    kind = OpenAIResponsesModel if os.environ.get("CORPUS_RESPONSES") else OpenAIChatCompletionsModel
    tools = Tools(scenario)

    @function_tool
    def search(query: str, page: int = 1) -> str:
        """Searches the web."""
        return tools.search(query, page)

    @function_tool
    def read_page(url: str) -> str:
        """Reads a page."""
        return tools.read_page(url)

    made: dict[str, Any] = {
        name: Agent(name, instructions=prompt(scenario, name), model=kind("gpt-4o", client), tools=[search, read_page])
        for name in SCENARIOS[scenario]
    }
    for name, children in _CHILDREN.get(scenario, {}).items():
        made[name].tools = [
            made[child].as_tool(tool_name=f"ask_{child}", tool_description=f"Asks {child}.") for child in children
        ]
    if scenario in ("ping_pong", "review"):
        for name, agent in made.items():
            agent.handoffs = [other for other_name, other in made.items() if other_name != name]
    first = next(iter(made.values()))
    if scenario != "long_talk":
        await Runner.run(first, "Please begin.", max_turns=30)
        return
    with agents.trace("long talk"):
        history: list[Any] = []
        for turn in range(TURNS):
            result = await Runner.run(first, [*history, {"role": "user", "content": f"Question {turn + 1}?"}])
            history = result.to_input_list()
