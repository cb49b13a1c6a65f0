"""smolagents: a model by itself, and an agent with a tool."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from typing import Any

from smolagents import OpenAIServerModel, ToolCallingAgent, tool

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


@tool
def find_booking(email: str, phone: str) -> str:
    """Finds the booking of a traveller.

    Args:
        email: E-mail address of the traveller
        phone: Telephone number of the traveller

    """
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    model = OpenAIServerModel("gpt-4o", f"{provider()}/v1", api_key="corpus", client_kwargs={"max_retries": 0})

    def messages(turn: talk.Turn) -> list[dict[str, Any]]:
        pairs = (("system", talk.SYSTEM), ("user", turn.user))
        return [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in pairs]

    model(messages(talk.PLAIN))
    for _ in model.generate_stream(messages(talk.STREAM)):
        pass
    ToolCallingAgent(tools=[find_booking], model=model, instructions=talk.SYSTEM, max_steps=2).run(
        talk.TOOL_REQUEST.user
    )
    with refused():
        model(messages(talk.FAILING))
