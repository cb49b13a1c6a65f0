"""OpenAI's Agents SDK: an agent with a tool, over chat completions or, where CORPUS_RESPONSES is set, responses."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio
import os

import agents
import openai
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


@function_tool(name_override=talk.TOOL_NAME, description_override=talk.TOOL_DESCRIPTION)
def find_booking(email: str, phone: str) -> str:
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    asyncio.run(_run())
    agents.flush_traces()


async def _run() -> None:
    client = openai.AsyncOpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    kind = OpenAIResponsesModel if os.environ.get("CORPUS_RESPONSES") else OpenAIChatCompletionsModel
    settings = agents.ModelSettings(include_usage=True)
    agent = Agent(
        "support",
        instructions=talk.SYSTEM,
        model=kind("gpt-4o", client),
        tools=[find_booking],
        model_settings=settings,
    )
    await Runner.run(agent, talk.PLAIN.user)
    async for _ in Runner.run_streamed(agent, talk.STREAM.user).stream_events():
        pass
    await Runner.run(agent, talk.TOOL_REQUEST.user)
    with refused():
        await Runner.run(agent, talk.FAILING.user)
