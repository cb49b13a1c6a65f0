"""Semantic Kernel: chat completions, with a plugin's function that is called for the model."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import asyncio
from typing import Annotated

import openai
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion, OpenAIChatPromptExecutionSettings
from semantic_kernel.contents import ChatHistory
from semantic_kernel.functions import kernel_function

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


class _Bookings:
    @kernel_function(name=talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION)
    def find(self, email: Annotated[str, "E-mail address"], phone: Annotated[str, "Telephone number"]) -> str:
        assert (email, phone) == tuple(talk.TOOL_ARGUMENTS.values())
        return talk.TOOL_RESULT_JSON


def run() -> None:
    asyncio.run(_run())


async def _run() -> None:
    client = openai.AsyncOpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)
    service = OpenAIChatCompletion("gpt-4o", async_client=client)
    kernel = Kernel()
    kernel.add_service(service)

    def history(turn: talk.Turn) -> ChatHistory:
        chat = ChatHistory(system_message=talk.SYSTEM)
        chat.add_user_message(turn.user)
        return chat

    settings = OpenAIChatPromptExecutionSettings()
    await service.get_chat_message_content(history(talk.PLAIN), settings, kernel=kernel)
    async for _ in service.get_streaming_chat_message_content(history(talk.STREAM), settings, kernel=kernel):
        pass
    kernel.add_plugin(_Bookings(), "travel")
    auto = OpenAIChatPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    await service.get_chat_message_content(history(talk.TOOL_REQUEST), auto, kernel=kernel)
    with refused():
        await service.get_chat_message_content(history(talk.FAILING), settings, kernel=kernel)
