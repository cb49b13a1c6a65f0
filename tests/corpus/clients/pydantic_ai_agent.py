"""Pydantic AI: an agent with a tool, and a streamed run."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator"

from __future__ import annotations

import asyncio

import openai
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


def run() -> None:
    client = openai.AsyncOpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client))
    agent = Agent(model, system_prompt=talk.SYSTEM, name="support")

    @agent.tool_plain(name=talk.TOOL_NAME)
    def find_booking(email: str, phone: str) -> dict[str, str]:
        """Finds the booking of a traveller."""
        assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
        return talk.TOOL_RESULT

    asyncio.run(_talk(agent))


async def _talk(agent: Agent) -> None:
    await agent.run(talk.PLAIN.user)
    async with agent.run_stream(talk.STREAM.user) as answer:
        await answer.get_output()
    await agent.run(talk.TOOL_REQUEST.user)
    with refused():
        await agent.run(talk.FAILING.user)
