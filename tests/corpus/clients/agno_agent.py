"""Agno: an agent with a tool."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from agno.agent import Agent
from agno.models.openai import OpenAIChat

from tests.corpus import conversation as talk
from tests.corpus import planted
from tests.corpus.clients.setups import provider, refused


def find_booking(email: str, phone: str) -> str:
    """Finds the booking of a traveller."""
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    model = OpenAIChat("gpt-4o", base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)

    def agent() -> Agent:
        about = {"user_id": planted.USER_ID, "session_id": talk.SESSION_ID}
        return Agent(model=model, system_message=talk.SYSTEM, tools=[find_booking], telemetry=False, **about)

    agent().run(talk.PLAIN.user)
    for _ in agent().run(talk.STREAM.user, stream=True):
        pass
    agent().run(talk.TOOL_REQUEST.user)
    with refused():
        agent().run(talk.FAILING.user)
