"""Pydantic AI: agents that ask agents, tools that ask for another try, and an application that hands over."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator"

from __future__ import annotations

import asyncio
from typing import Any

import openai
from pydantic_ai import Agent, ModelRetry, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import provider

_CHILDREN = {"depth": {"planner": ("planner",)}, "team": {"lead": ("alice", "bob", "carol")}}
_CHILDREN["three_deep"] = {"head": ("manager",), "manager": ("clerk",)}
_HANDOVERS = {"ping_pong": 9, "review": 3}


def run(scenario: str) -> None:
    asyncio.run(_run(scenario))


async def _run(scenario: str) -> None:
    client = openai.AsyncOpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client))
    tools = Tools(scenario)
    made: dict[str, Any] = {}
    for name in SCENARIOS[scenario]:
        made[name] = Agent(model, system_prompt=prompt(scenario, name), name=name, retries=9)
        made[name].tool_plain(name="search")(tools.search)
        made[name].tool_plain(name="read_page")(_read_page(tools))
    for name, children in _CHILDREN.get(scenario, {}).items():
        for child in children:
            made[name].tool_plain(name=f"ask_{child}", description=f"Asks {child}.")(_ask(made[child]))
    if scenario in _HANDOVERS:
        for turn in range(_HANDOVERS[scenario]):
            agent, other = list(made.values())[turn % 2], list(made)[1 - turn % 2]
            await agent.run("Your turn.", output_type=[ToolOutput(_noted, name=f"transfer_to_{other}"), str])
        return
    first = next(iter(made.values()))
    if scenario != "long_talk":
        await first.run("Please begin.")
        return
    history: list[Any] = []
    for turn in range(TURNS):
        result = await first.run(f"Question {turn + 1}?", message_history=history)
        history = result.all_messages()


def _read_page(tools: Tools) -> Any:
    def read_page(url: str) -> str:
        try:
            return tools.read_page(url)
        except TimeoutError as error:
            raise ModelRetry(str(error)) from error

    return read_page


def _ask(agent: Any) -> Any:
    async def ask(input: str) -> str:  # noqa: A002  # the name that the model sees
        return str((await agent.run(input)).output)

    return ask


def _noted() -> str:
    return "Noted."
