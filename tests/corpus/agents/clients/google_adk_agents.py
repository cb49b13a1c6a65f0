"""Google's Agent Development Kit: sub-agents that hand over, agents as tools, tools that say that they failed."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.models.google_llm import Gemini
from google.adk.plugins import ReflectAndRetryToolPlugin
from google.adk.runners import InMemoryRunner
from google.adk.tools.agent_tool import AgentTool
from google.genai import types

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import provider

_CHILDREN = {"depth": {"planner": ("planner",)}, "team": {"lead": ("alice", "bob", "carol")}}
_CHILDREN["three_deep"] = {"head": ("manager",), "manager": ("clerk",)}


def run(scenario: str) -> None:
    asyncio.run(_run(scenario))


async def _run(scenario: str) -> None:
    model = Gemini(model="gemini-2.5-flash", base_url=provider())
    tools = Tools(scenario)

    def search(query: str, page: int = 1) -> dict[str, str]:
        """Searches the web."""
        return {"result": tools.search(query, page)}

    def read_page(url: str) -> dict[str, str]:
        """Reads a page."""
        return {"result": tools.read_page(url)}

    made: dict[str, Any] = {
        name: LlmAgent(
            name=name,
            model=model,
            description=f"Answers as {name}.",
            instruction=prompt(scenario, name),
            tools=[search, read_page],
        )
        for name in SCENARIOS[scenario]
    }
    for name, children in _CHILDREN.get(scenario, {}).items():
        made[name].tools = [AgentTool(made[child]) for child in children]
    first = next(iter(made.values()))
    if scenario in ("ping_pong", "review"):
        first.sub_agents = [made["critic"]]
        made["critic"].parent_agent = first
    runner = InMemoryRunner(first, app_name="corpus", plugins=[ReflectAndRetryToolPlugin(max_retries=9)])
    session = await runner.session_service.create_session(app_name="corpus", user_id="user")
    for turn in range(TURNS if scenario == "long_talk" else 1):
        message = types.Content(role="user", parts=[types.Part(text=f"Question {turn + 1}?")])
        async for _ in runner.run_async(user_id="user", session_id=session.id, new_message=message):
            pass
