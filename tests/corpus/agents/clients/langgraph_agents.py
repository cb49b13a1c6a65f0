"""LangGraph: `create_agent`, agents as tools, agents as nodes that send each other on, tools that report failure."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import os
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import wrap_tool_call
from langchain_core.messages import ToolMessage
from langchain_core.tools import StructuredTool, ToolException, tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command

from tests.corpus.agents.scripts import SCENARIOS, TURNS, Tools, prompt
from tests.corpus.clients.setups import CALLBACKS, provider

_CHILDREN = {"depth": {"planner": ("planner",)}, "team": {"lead": ("alice", "bob", "carol")}}
_CHILDREN["three_deep"] = {"head": ("manager",), "manager": ("clerk",)}


def run(scenario: str) -> None:
    os.environ["LANGCHAIN_CALLBACKS_BACKGROUND"] = "false"
    model = ChatOpenAI(model="gpt-4o", base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    config: dict[str, Any] = {"callbacks": CALLBACKS, "recursion_limit": 100}
    tools = Tools(scenario)

    def read_page(url: str) -> str:
        """Reads a page."""
        try:
            return tools.read_page(url)
        except TimeoutError as error:
            if os.environ.get("CORPUS_MIDDLEWARE"):
                raise
            raise ToolException(str(error)) from error

    def search(query: str, page: int = 1) -> str:
        """Searches the web."""
        return tools.search(query, page)

    own = [StructuredTool.from_function(search), StructuredTool.from_function(read_page, handle_tool_error=True)]
    made: dict[str, Any] = {}

    def ask(name: str) -> Any:
        def asked(input: str) -> str:  # noqa: A002  # the name that the model sees
            answer = made[name].invoke({"messages": [("user", input)]})
            return str(answer["messages"][-1].content)

        return StructuredTool.from_function(asked, name=f"ask_{name}", description=f"Asks {name}.")

    children = _CHILDREN.get(scenario, {})
    hands_over = scenario in ("ping_pong", "review")
    for name in SCENARIOS[scenario]:
        of_agent: list[Any] = [ask(child) for child in children.get(name, ())] or own
        if hands_over:
            of_agent = [_transfer(other) for other in SCENARIOS[scenario] if other != name]
        made[name] = create_agent(
            model, of_agent, system_prompt=prompt(scenario, name), name=name, middleware=[_failures_to_messages]
        )
    first: Any = next(iter(made.values()))
    if hands_over:
        graph = StateGraph(MessagesState)
        for name, agent in made.items():
            graph.add_node(name, agent)
        graph.add_edge(START, next(iter(made)))
        first = graph.compile(name="swarm")
    if scenario != "long_talk":
        first.invoke({"messages": [("user", "Please begin.")]}, config)
        return
    messages: list[Any] = []
    for turn in range(TURNS):
        messages = first.invoke({"messages": [*messages, ("user", f"Question {turn + 1}?")]}, config)["messages"]


@wrap_tool_call
def _failures_to_messages(request: Any, handler: Any) -> Any:
    try:
        return handler(request)
    except TimeoutError as error:
        return ToolMessage(str(error), tool_call_id=request.tool_call["id"], status="error")


def _transfer(to: str) -> Any:
    from langchain_core.tools import InjectedToolCallId  # noqa: PLC0415  # beside its only use
    from typing_extensions import Annotated  # noqa: PLC0415, UP035  # see above

    def transfer(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        message = ToolMessage("Transferred.", tool_call_id=tool_call_id)
        return Command(goto=to, graph=Command.PARENT, update={"messages": [message]})

    transfer.__annotations__ = {"tool_call_id": Annotated[str, InjectedToolCallId], "return": Command}
    return tool(f"transfer_to_{to}", description=f"Hands over to {to}.")(transfer)
