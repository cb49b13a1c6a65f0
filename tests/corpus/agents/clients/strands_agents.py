"""Strands: agents with tools, agents as tools, and a swarm that hands over. It always streams."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from typing import Any

from strands import Agent, tool
from strands.models.openai import OpenAIModel
from strands.multiagent import Swarm

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import provider

_CHILDREN = {"depth": {"planner": ("planner",)}, "team": {"lead": ("alice", "bob", "carol")}}
_CHILDREN["three_deep"] = {"head": ("manager",), "manager": ("clerk",)}


def run(scenario: str) -> None:
    client: dict[str, Any] = {"base_url": f"{provider()}/v1", "api_key": "corpus", "max_retries": 0}
    tools = Tools(scenario)

    @tool
    def search(query: str, page: int = 1) -> str:
        """Searches the web."""
        return tools.search(query, page)

    @tool
    def read_page(url: str) -> str:
        """Reads a page."""
        return tools.read_page(url)

    def make(name: str) -> Any:
        asked = [ask(child) for child in _CHILDREN.get(scenario, {}).get(name, ())]
        return Agent(
            OpenAIModel(client_args=client, model_id="gpt-4o"),
            name=name,
            system_prompt=prompt(scenario, name),
            tools=asked or [search, read_page],
            callback_handler=None,
        )

    def ask(name: str) -> Any:
        @tool(name=f"ask_{name}", description=f"Asks {name}.")
        def asked(input: str) -> str:  # noqa: A002  # the name that the model sees
            return str(make(name)(input))

        return asked

    if scenario in ("ping_pong", "review"):
        Swarm([make(name) for name in SCENARIOS[scenario]], max_handoffs=30)("Please begin.")
        return
    first = make(next(iter(SCENARIOS[scenario])))
    for turn in range(TURNS if scenario == "long_talk" else 1):
        first(f"Question {turn + 1}?")
