"""CrewAI: a crew of one agent with a tool. It writes its own prompts around ours."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


@tool(talk.TOOL_NAME)
def find_booking(email: str, phone: str) -> str:
    """Finds the booking of a traveller."""
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def run() -> None:
    model = LLM(model="openai/gpt-4o", base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)

    def ask(turn: talk.Turn) -> None:
        agent = Agent(
            role="support assistant",
            goal="Answer travellers",
            backstory=talk.SYSTEM,
            llm=model,
            tools=[find_booking],
            max_retry_limit=0,
            max_iter=3,
        )
        task = Task(description=turn.user, expected_output="An answer", agent=agent)
        Crew(agents=[agent], tasks=[task]).kickoff(inputs={})

    ask(talk.PLAIN)
    ask(talk.TOOL_REQUEST)
    with refused():
        ask(talk.FAILING)
