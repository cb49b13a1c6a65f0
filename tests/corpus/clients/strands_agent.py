"""Strands: an agent with a tool. It always streams."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from typing import Any

from strands import Agent, tool
from strands.models.openai import OpenAIModel

from tests.corpus import conversation as talk
from tests.corpus import planted
from tests.corpus.clients.setups import provider, refused


@tool(name=talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION)
def find_booking(email: str, phone: str) -> str:
    """Finds the booking of a traveller."""
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    client: dict[str, Any] = {"base_url": f"{provider()}/v1", "api_key": "corpus", "max_retries": 0}

    def ask(turn: talk.Turn) -> None:
        model = OpenAIModel(client_args=client, model_id="gpt-4o")
        about = {"session.id": talk.SESSION_ID, "user.id": planted.USER_ID}
        Agent(model, system_prompt=talk.SYSTEM, tools=[find_booking], trace_attributes=about, callback_handler=None)(
            turn.user
        )

    ask(talk.PLAIN)
    ask(talk.STREAM)
    ask(talk.TOOL_REQUEST)
    with refused():
        ask(talk.FAILING)
