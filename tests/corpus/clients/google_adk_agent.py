"""Google's Agent Development Kit: an agent with a tool."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.models.google_llm import Gemini
from google.adk.runners import InMemoryRunner
from google.genai import types

from tests.corpus import conversation as talk
from tests.corpus import planted
from tests.corpus.clients.setups import provider, refused


def find_booking(email: str, phone: str) -> dict[str, str]:
    """Finds the booking of a traveller."""
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT


def run() -> None:
    asyncio.run(_run())


async def _run() -> None:
    model = Gemini(model="gemini-2.5-flash", base_url=provider())
    agent = LlmAgent(name="support", model=model, instruction=talk.SYSTEM, tools=[find_booking])

    async def ask(turn: talk.Turn, mode: StreamingMode = StreamingMode.NONE) -> None:
        runner = InMemoryRunner(agent, app_name="corpus")
        session = await runner.session_service.create_session(app_name="corpus", user_id=planted.USER_ID)
        message = types.Content(role="user", parts=[types.Part(text=turn.user)])
        config = RunConfig(streaming_mode=mode)
        async for _ in runner.run_async(
            user_id=planted.USER_ID, session_id=session.id, new_message=message, run_config=config
        ):
            pass

    await ask(talk.PLAIN)
    await ask(talk.STREAM, StreamingMode.SSE)
    await ask(talk.TOOL_REQUEST)
    with refused():
        await ask(talk.FAILING)
