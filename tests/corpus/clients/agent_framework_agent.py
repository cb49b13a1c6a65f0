"""Microsoft's Agent Framework: an agent with a tool."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio

from agent_framework import Agent, tool
from agent_framework.openai import OpenAIChatCompletionClient

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


@tool(name=talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION)
def find_booking(email: str, phone: str) -> str:
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    asyncio.run(_run())


async def _run() -> None:
    client = OpenAIChatCompletionClient(model="gpt-4o", base_url=f"{provider()}/v1", api_key="corpus")
    agent = Agent(client, talk.SYSTEM, name="support", tools=[find_booking])
    await agent.run(talk.PLAIN.user)
    async for _ in agent.run(talk.STREAM.user, stream=True):
        pass
    await agent.run(talk.TOOL_REQUEST.user)
    with refused():
        await agent.run(talk.FAILING.user)
