"""LlamaIndex: chats, an agent with a tool, and a query engine over documents."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


def find_booking(email: str, phone: str) -> dict[str, str]:
    """Finds the booking of a traveller."""
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT


def run() -> None:
    common: dict[str, Any] = {"api_base": f"{provider()}/v1", "api_key": "corpus", "max_retries": 0}
    model = OpenAI(model="gpt-4o", additional_kwargs={"stream_options": {"include_usage": True}}, **common)
    calm = OpenAI(model="gpt-4o", **common)
    system = ChatMessage(role="system", content=talk.SYSTEM)

    def messages(turn: talk.Turn) -> list[Any]:
        return [system, ChatMessage(role="user", content=turn.user)]

    calm.chat(messages(talk.PLAIN))
    for _ in model.stream_chat(messages(talk.STREAM)):
        pass
    tool = FunctionTool.from_defaults(find_booking, name=talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION)
    asyncio.run(_agent(calm, tool))
    with refused():
        calm.chat(messages(talk.FAILING))
    embedding = OpenAIEmbedding(model_name="text-embedding-3-small", **common)
    index = VectorStoreIndex.from_documents([Document(text=text) for text in talk.DOCUMENTS], embed_model=embedding)
    index.as_query_engine(llm=calm).query(talk.RETRIEVAL.user)


async def _agent(model: Any, tool: Any) -> None:
    agent = FunctionAgent(tools=[tool], llm=model, system_prompt=talk.SYSTEM, streaming=False)
    await agent.run(user_msg=talk.TOOL_REQUEST.user)
