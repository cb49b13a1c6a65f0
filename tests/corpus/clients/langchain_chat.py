"""LangChain: a prompt and a chat model, an agent with a tool, and a retriever."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import os
from typing import Any

from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from tests.corpus import conversation as talk
from tests.corpus import planted
from tests.corpus.clients.setups import CALLBACKS, provider, refused


@tool(talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION)
def find_booking(email: str, phone: str) -> dict[str, str]:
    """Finds the booking of a traveller."""
    assert (email, phone) == (planted.TOOL_EMAIL, planted.TOOL_ARGUMENT_PHONE)
    return talk.TOOL_RESULT


class _Documents(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [Document(page_content=text, metadata={"number": at}) for at, text in enumerate(talk.DOCUMENTS)]


def run() -> None:
    os.environ["LANGCHAIN_CALLBACKS_BACKGROUND"] = "false"
    model = ChatOpenAI(model="gpt-4o", base_url=f"{provider()}/v1", api_key="corpus", max_retries=0, stream_usage=True)
    config: dict[str, Any] = {"callbacks": CALLBACKS}
    config["metadata"] = {"session_id": talk.SESSION_ID, "user_id": planted.USER_ID, "manager": planted.METADATA_EMAIL}
    chain = ChatPromptTemplate.from_messages([("system", talk.SYSTEM), ("user", "{question}")]) | model
    chain.invoke({"question": talk.PLAIN.user}, config)
    for _ in model.stream([("system", talk.SYSTEM), ("user", talk.STREAM.user)], config):
        pass
    agent = create_agent(model, [find_booking], system_prompt=talk.SYSTEM)
    agent.invoke({"messages": [("user", talk.TOOL_REQUEST.user)]}, config)
    with refused():
        model.invoke([("system", talk.SYSTEM), ("user", talk.FAILING.user)], config)
    _Documents().invoke(talk.RETRIEVAL.user, config)
