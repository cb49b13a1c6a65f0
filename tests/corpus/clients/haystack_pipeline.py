"""Haystack: a generator in a pipeline, an agent with a tool, and a retriever with a prompt builder."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from haystack import Document, Pipeline
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.tools import Tool
from haystack.utils import Secret

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


def find_booking(email: str, phone: str) -> str:
    assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
    return talk.TOOL_RESULT_JSON


def _generator(**more: object) -> OpenAIChatGenerator:
    key = Secret.from_token("corpus")
    return OpenAIChatGenerator(key, "gpt-4o", api_base_url=f"{provider()}/v1", max_retries=0, **more)


def run() -> None:
    def ask(turn: talk.Turn, **more: object) -> None:
        pipeline = Pipeline()
        pipeline.add_component("llm", _generator(**more))
        messages = [ChatMessage.from_system(talk.SYSTEM), ChatMessage.from_user(turn.user)]
        pipeline.run({"llm": {"messages": messages}})

    ask(talk.PLAIN)
    ask(
        talk.STREAM,
        streaming_callback=lambda _: None,
        generation_kwargs={"stream_options": {"include_usage": True}},
    )
    tool = Tool(talk.TOOL_NAME, talk.TOOL_DESCRIPTION, talk.TOOL_PARAMETERS, find_booking)
    agent = Agent(chat_generator=_generator(), tools=[tool], system_prompt=talk.SYSTEM)
    pipeline = Pipeline()
    pipeline.add_component("agent", agent)
    pipeline.run({"agent": {"messages": [ChatMessage.from_user(talk.TOOL_REQUEST.user)]}})
    with refused():
        ask(talk.FAILING)
    store = InMemoryDocumentStore()
    store.write_documents([Document(content=text) for text in talk.DOCUMENTS])
    template = "{% for document in documents %}{{ document.content }}\n{% endfor %}{{ question }}"
    builder = ChatPromptBuilder(
        [ChatMessage.from_system(talk.SYSTEM), ChatMessage.from_user(template)], required_variables="*"
    )
    pipeline = Pipeline()
    for name, component in (("retriever", InMemoryBM25Retriever(store)), ("prompt", builder), ("llm", _generator())):
        pipeline.add_component(name, component)
    pipeline.connect("retriever.documents", "prompt.documents")
    pipeline.connect("prompt.prompt", "llm.messages")
    pipeline.run({"retriever": {"query": "baggage"}, "prompt": {"question": talk.RETRIEVAL.user}})
